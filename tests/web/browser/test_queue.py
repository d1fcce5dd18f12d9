"""The queue in a browser: tabs, and a file for the morning meeting."""

from tests.web.chromium import a_tab


def test_tabs_lead_through_the_queue_and_a_filter_stays_in_its_tab(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/queue")
        tab.page.get_by_role("link", name="Waiting on an answer").click()
        tab.page.wait_for_url("**tab=ask*")
        assert set(tab.page.locator("td[data-label=Answer]").all_inner_texts()) == {"Ask"}
        tab.page.locator("select[name=seller_id]").select_option("S-1")
        tab.page.wait_for_url("**seller_id=S-1*")
        assert "tab=ask" in tab.page.url
        assert set(tab.page.locator("td[data-label=Seller]").all_inner_texts()) == {"S-1"}
        with tab.page.expect_download() as told:
            tab.page.get_by_role("link", name="CSV").click()
        assert told.value.suggested_filename == "queue.csv"
        tab.page.get_by_role("link", name="Clear").click()
        tab.page.wait_for_url(lambda url: "seller_id" not in url)
        assert set(tab.page.locator("td[data-label=Answer]").all_inner_texts()) == {"Ask"}
        assert tab.complaints == []


def test_a_filter_is_kept_from_tab_to_tab(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/queue")
        tab.page.locator("select[name=seller_id]").select_option("S-2")
        tab.page.wait_for_url("**seller_id=S-2*")
        link = tab.page.get_by_role("link", name="Waiting on an answer")
        count = int(link.locator(".count").inner_text())
        link.click()
        tab.page.wait_for_url("**tab=ask*")
        assert set(tab.page.locator("td[data-label=Seller]").all_inner_texts()) == {"S-2"}
        assert tab.page.locator("td[data-label=Seller]").count() == count
        assert tab.complaints == []
