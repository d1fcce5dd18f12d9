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
