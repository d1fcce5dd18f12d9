"""The time machine in a browser: a threshold moved, looked at, and saved."""

from tests.web.chromium import a_tab


def test_a_manager_moves_a_threshold_and_saves_it(browser, address, stage):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/policy")
        tab.page.get_by_label("Urgent within days").fill("45")
        tab.page.get_by_role("button", name="Try on the past").click()
        tab.page.wait_for_selector("#tried")
        assert "grading.urgent_days" in tab.text("#tried")
        assert stage.application.policies.current(stage.firm).version == 1
        tab.page.get_by_label("Why", exact=True).fill("Longer is urgent too.")
        tab.page.once("dialog", lambda dialog: dialog.accept())
        tab.page.get_by_role("button", name="Save as a new version").click()
        tab.page.wait_for_url("**saved=2*")
        assert "Delivery within 45 days is urgent." in tab.text()
        tab.page.locator("td a", has_text="2").first.click()
        tab.page.wait_for_selector("#compared")
        assert "grading.urgent_days" in tab.text("#compared")
        assert tab.complaints == []
