"""The overview in a browser: from a figure to the deals behind it."""

from mlscore.service.looking_back.overview import overview_of
from tests.web.chromium import a_tab


def test_what_stayed_below_the_floor_is_listed_by_a_click(browser, address, stage):
    month = overview_of(stage.office.looking_back.past(stage.firm)).months[-1]
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/overview")
        tab.page.locator("section[aria-labelledby=months] td a").first.click()
        tab.page.wait_for_url("**standing=below*")
        assert tab.page.locator("#deals td[data-label=Deal]").count() == month.below_floor
        assert tab.complaints == []


def test_sorting_sellers_leaves_the_deals_as_they_are(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/overview")
        tab.page.locator("#sellers").get_by_role("link", name="Closed", exact=True).click()
        tab.page.wait_for_url("**sellers-sort*")
        assert tab.page.locator("#sellers th[aria-sort=descending]").inner_text().startswith("Closed")
        assert tab.page.locator("#deals th[aria-sort=descending]").inner_text().startswith("Closed")
