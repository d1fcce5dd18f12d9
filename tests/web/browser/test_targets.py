"""The target list in a browser: from an industry to its deals."""

from tests.web.chromium import a_tab


def test_an_industry_leads_to_its_deals(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/targets")
        tab.page.locator("#industries").get_by_role("link", name="dairy").click()
        tab.page.wait_for_url("**industry=dairy*")
        assert tab.page.locator("#deals td[data-label=Deal]").count() == 20
        assert tab.complaints == []
