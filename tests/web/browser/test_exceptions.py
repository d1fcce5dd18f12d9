"""An exception decided of in a browser."""

from tests.builders import NOON, a_good_deal
from tests.web.chromium import a_tab
from tests.web.pages.test_exceptions import REGULAR


def test_a_manager_declines_a_deal_below_the_floor(browser, address, stage):
    deal = a_good_deal(deal_id="E-1", stage="deal", seller_id="S-1", company_id="C-99", as_of=NOON, **REGULAR)
    stage.application.scoring.score(stage.firm, [deal])
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/exceptions")
        tab.page.get_by_role("link", name="E-1").click()
        tab.page.wait_for_url("**/deals/E-1#exception")
        tab.page.get_by_label("decline").check()
        tab.page.locator("#exception").get_by_label("Why").fill("Too often.")
        tab.page.get_by_role("button", name="Decide").click()
        tab.page.wait_for_selector("#exception .lines li")
        assert "declined" in tab.text("#exception")
        tab.go("/exceptions")
        assert "Nothing waits for a decision" in tab.text()
        assert tab.complaints == []


def test_a_manager_approves_one_with_what_was_promised(browser, address, stage):
    deal = a_good_deal(deal_id="E-2", stage="deal", seller_id="S-1", company_id="C-98", as_of=NOON, **REGULAR)
    stage.application.scoring.score(stage.firm, [deal])
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/deals/E-2")
        form = tab.page.locator("#exception")
        form.get_by_label("approve", exact=True).check()
        form.get_by_label("Why").fill("They grow.")
        form.get_by_label("The approval is good until").fill("2099-01-31")
        form.get_by_label("Promised profit").fill("50000")
        form.get_by_label("in words").fill("Two boilers a year")
        form.get_by_label("Promised by").fill("2099-12-31")
        form.get_by_role("button", name="Decide").click()
        tab.page.wait_for_selector("#exception .lines li")
        assert "Two boilers a year" in tab.text("#exception")
        tab.go("/exceptions?q=E-2")
        row = " ".join(tab.text("tbody:has(a[href*='E-2'])").split())
        assert all(one in row for one in ("approved", "RUB 50,000", "31 Dec 2099", "Two boilers a year"))
        assert tab.complaints == []
