"""Rules against the model in a browser: the slider moves the money."""

from mlscore.service.looking_back.contest import contest_of
from tests.web.chromium import a_tab


def test_the_slider_moves_how_many_deals_are_worked(browser, address, stage):
    contest = contest_of(stage.office.looking_back.past(stage.firm))
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/rules-and-model")
        tab.page.locator("input[type=range]").focus()
        tab.page.keyboard.press("Home")
        tab.page.wait_for_url("**k=1*")
        assert f"Work the best 1 of {len(contest.rows)} deals" in tab.text()
        shown = tab.text("dl.figures").replace("\N{NO-BREAK SPACE}", " ")
        assert f"RUB {round(contest.curves['oracle'][1] / 100):,}" in shown
        assert tab.complaints == []


def test_parts_are_chosen_and_lead_to_their_deals(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/rules-and-model")
        tab.page.locator("select[name=by]").select_option("seller_id")
        tab.page.wait_for_url("**by=seller_id*")
        tab.page.get_by_role("link", name="S-1", exact=True).click()
        tab.page.wait_for_url("**seller_id=S-1*")
        beside = tab.page.locator("#deals td[data-label=Deal] small").all_inner_texts()
        assert set(beside) == {"S-1"}
