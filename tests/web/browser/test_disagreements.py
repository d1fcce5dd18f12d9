"""Taking a side in a browser, from the list to the deal and back."""

from tests.web.chromium import a_tab


def test_a_manager_takes_a_side_from_the_list(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/disagreements")
        deal_id = tab.page.locator("td[data-label=Deal] a").first.inner_text()
        tab.page.get_by_role("link", name="nobody's yet").first.click()
        tab.page.wait_for_url(f"**/deals/{deal_id}#side")
        tab.page.get_by_label("the model is right").check()
        tab.page.get_by_label("Why", exact=True).fill("They grow.")
        tab.page.get_by_role("button", name="Take this side").click()
        tab.page.wait_for_selector("#side .lines li")
        assert "Анна: the model is right. They grow." in tab.text("#side")
        tab.go("/disagreements")
        row = tab.page.locator("tr", has_text=deal_id).first
        assert "the model is right" in row.inner_text()
        tab.page.get_by_role("link", name="Closed deals").click()
        tab.page.wait_for_url("**tab=closed*")
        assert tab.complaints == []
