"""A call taken in a browser, by the keyboard alone: each answer leads to the next question."""

import pytest

from tests.web.chromium import PHONE, a_tab


@pytest.fixture(scope="module", autouse=True)
def operator(stage):
    stage.add("Оля", "seller", "S-1")


def asked(tab):
    return tab.page.locator("[data-next]").get_attribute("data-next")


def at(tab):
    """Return the field that has the focus."""
    return tab.page.evaluate("document.activeElement.closest('[data-field]')?.dataset.field")


def answered(tab, keys):
    """Type an answer where the focus is, and wait for the next question to take it."""
    before = asked(tab)
    for key in keys:
        tab.page.keyboard.press(key)
    tab.page.wait_for_selector(f'[data-next]:not([data-next="{before}"])')


def has_the_focus(tab, fact):
    tab.page.wait_for_selector(f'[data-field="{fact}"]:focus-within')


def test_a_call_is_answered_by_keys_alone_and_saved_by_enter(browser, address, stage):
    typed = {"industry": "dairy", "steam_tph": "5", "annual_turnover_rub": "1,2 bn", "profit_if_won": "12 000"}
    with a_tab(browser, address) as tab:
        tab.sign_in("Оля")
        tab.go("/desk")
        fields = []
        while len(fields) < 12 and (fact := asked(tab)):
            has_the_focus(tab, fact)
            fields.append(fact)
            answered(tab, [*typed[fact], "Tab"] if fact in typed else ["?", "Tab"] if _is_text(tab, fact) else ["j"])
        assert len(set(fields)) == len(fields)
        assert {"in_nomenclature", *typed} <= set(fields)
        assert "✓ yes" in tab.text("#answer")
        tab.page.locator("#i-amount").focus()
        tab.page.keyboard.type("60 000")
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/desk?deal=DESK-*")
        deal_id = tab.text("h1").removeprefix("Call about deal ")
        [receipt] = stage.office.receipts.of_deal(stage.firm, deal_id)
        assert (receipt.deal.amount, receipt.deal.steam_tph, receipt.deal.seller_id) == (6_000_000, 5.0, "S-1")
        assert receipt.answer.rule.verdict == "accept"
        assert tab.complaints == []


def _is_text(tab, fact):
    return tab.page.locator(f"#i-{fact}").count() == 1


def test_arrows_choose_without_leaving_and_tab_leads_on(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Оля")
        tab.go("/desk")
        fact = asked(tab)
        while _is_text(tab, fact):
            answered(tab, ["?", "Tab"])
            fact = asked(tab)
        has_the_focus(tab, fact)
        answered(tab, ["ArrowRight"])
        assert at(tab) == fact
        assert tab.page.locator(f"[name=f_{fact}]:checked").get_attribute("value") == "no"
        tab.page.keyboard.press("Tab")
        has_the_focus(tab, asked(tab))


def test_a_wrong_number_is_told_beside_its_field_at_once(browser, address):
    with a_tab(browser, address, size=PHONE) as tab:
        tab.sign_in("Оля")
        tab.go("/desk")
        tab.page.locator("#i-amount").fill("around ten")
        tab.page.locator("#i-amount").press("Tab")
        tab.page.wait_for_selector("#e-amount:not(:empty)")
        assert "Write it in digits" in tab.text("#e-amount")
        assert tab.page.locator("#i-amount").get_attribute("aria-invalid") == "true"
        assert tab.page.locator("#i-amount").input_value() == "around ten"
        tab.page.locator("#i-amount").fill("10 000")
        tab.page.locator("#i-amount").press("Tab")
        tab.page.wait_for_selector("#e-amount:empty", state="attached")


def test_russian_letters_answer_and_a_deal_is_ended(browser, address, stage):
    with a_tab(browser, address, language="ru") as tab:
        tab.sign_in("Оля")
        tab.go("/desk")
        tab.page.locator("[name=f_asap]").first.focus()
        tab.page.locator("[name=f_asap]").first.dispatch_event("keydown", {"key": "н", "bubbles": True})
        tab.page.wait_for_selector("[name=f_asap][value=no]:checked", state="attached")
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/desk?deal=DESK-*")
        deal_id = tab.text("h1").removeprefix("Звонок по сделке ")
        tab.page.get_by_label("выиграна").check()
        tab.page.get_by_label("Сколько заработали").fill("9 400,50")
        tab.page.get_by_role("button", name="Записать исход").click()
        tab.page.wait_for_url("**done=ended*")
        assert "9 400,50 ₽" in tab.text().replace("\N{NO-BREAK SPACE}", " ")
        assert stage.office.desk.ended(stage.firm, deal_id).realised_profit == 940_050
        assert tab.complaints == []


def test_without_scripts_the_form_answers_and_keeps(browser, address):
    with a_tab(browser, address, java_script_enabled=False) as tab:
        tab.sign_in("Оля")
        tab.go("/desk")
        tab.page.locator("#i-steam_tph").fill("2")
        tab.page.get_by_role("button", name="Show the answer").click()
        assert "✕ no" in tab.text("#answer")
        assert tab.page.locator("#i-steam_tph").input_value() == "2"
        tab.page.locator("#i-steam_tph").press("Enter")
        tab.page.wait_for_url("**/desk?deal=DESK-*")


def test_what_was_not_saved_is_not_left_unasked(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Оля")
        tab.go("/desk")
        tab.page.locator("#i-steam_tph").fill("2")
        told = []
        tab.page.once("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
        tab.page.get_by_role("link", name="Next call").click()
        assert told == ["What you typed is not saved. Begin another call?"]
        assert tab.page.locator("#i-steam_tph").input_value() == "2"
