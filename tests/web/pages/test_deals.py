"""Deals: the list and the deal say what the receipts say, and what to do where there are none."""

import re

import pytest
from sqlalchemy import delete

from mlscore.scoring.deal import Deal
from mlscore.store.tables import briefs_due
from tests.builders import NOON
from tests.web.firm import DEALS, HOUR
from tests.web.visiting import said


@pytest.fixture(scope="module")
def viewer(stage):
    return stage.signed_in("reads deals", "viewer")


def listed(page):
    return re.findall(r'href="/deals/([^"]+)">', page)


def section(page, name):
    return re.search(rf'aria-labelledby="{name}".*?</section>', page, re.DOTALL)[0]


def newest(stage, deal_id):
    return max(stage.office.receipts.of_deal(stage.firm, deal_id), key=lambda receipt: receipt.scored_at)


def test_without_deals_the_page_says_what_to_do_next(bare):
    page = said(bare.signed_in("anna", "viewer").get("/deals").text)
    assert "No deals yet" in page
    assert "mlscore history import" in page


def test_a_seller_without_deals_is_told_whose_deals_are_looked_for(bare):
    page = said(bare.signed_in("anna", "seller", "S-77").get("/deals").text)
    assert "S-77" in page
    assert "mlscore history import" not in page


def test_where_a_filter_finds_nothing_the_way_back_is_shown(viewer):
    page = viewer.get("/deals?q=no-such-deal").text
    assert "Nothing found." in said(page)
    assert 'href="?"' in page


def test_the_list_counts_every_deal_once_and_pages_through_them(viewer):
    first, second = viewer.get("/deals").text, viewer.get("/deals?page=2").text
    assert f"1–50 of {DEALS}" in said(first)
    assert sorted(listed(first) + listed(second)) == sorted(f"D-{number}" for number in range(1, DEALS + 1))
    assert listed(viewer.get("/deals?page=99").text) == listed(second)


def test_the_list_is_in_the_order_of_expected_profit(stage, viewer):
    shown = listed(viewer.get("/deals?sort=-expected_profit").text)
    profits = [newest(stage, deal_id).answer.model.expected_profit for deal_id in shown]
    known = [profit for profit in profits if profit is not None]
    assert known == sorted(known, reverse=True)


def test_filters_keep_what_they_say(stage, viewer):
    for deal_id in listed(viewer.get("/deals?agreement=model_only").text):
        assert newest(stage, deal_id).answer.decision.agreement == "model_only"
    won = listed(viewer.get("/deals?status=won").text)
    assert won == [f"D-{number}" for number in range(60, 0, -6)]


def test_links_pick_deals_by_what_the_form_does_not_offer(stage, viewer):
    assert "Product category" not in said(viewer.get("/deals").text)
    page = viewer.get("/deals?verdict=refuse").text
    assert "The rules' answer" in said(page)
    assert listed(page)
    assert {newest(stage, deal_id).answer.rule.verdict for deal_id in listed(page)} == {"refuse"}
    assert len(listed(viewer.get("/deals?verdict=no-such-verdict").text)) == 50


def test_a_deal_shows_every_rule_with_its_answer_and_the_check_of_seven(stage, viewer):
    receipt = newest(stage, "D-8")
    page = viewer.get("/deals/D-8").text
    rules, check = (section(page, name) for name in ("rules", "check"))
    assert rules.count('<span class="answer') == len(receipt.answer.rule.reasons) + 1  # and Fire
    assert check.count('<span class="answer') == 7
    for answer, name in ((True, "yes"), (False, "no"), (None, "unknown")):
        expected = sum(item.answer is answer for item in receipt.answer.rule.checklist)
        assert check.count(f'class="answer {name}"') == expected


def test_a_deal_shows_what_the_model_said_with_reasons_for_and_against(stage, viewer):
    model = newest(stage, "D-8").answer.model
    page = said(viewer.get("/deals/D-8").text)
    assert f"{round(model.probability * 100)}%" in page
    assert f"Usually between {round(model.interval[0] * 100)}% and {round(model.interval[1] * 100)}%" in page
    assert page.count("raises the probability") == sum(reason.effect > 0 for reason in model.reasons)
    assert page.count("lowers the probability") == sum(reason.effect < 0 for reason in model.reasons)


def test_a_deal_shows_the_facts_known_then_and_names_the_unknown(viewer):
    page = said(viewer.get("/deals/D-4").text)
    assert "Deal amount RUB 4,000" in page
    assert "Company number C-4" in page
    assert re.search(r"Not known: \d+ .*Budget allocated", page)


def test_an_earlier_receipt_shows_what_was_known_then(stage, viewer):
    oldest = min(stage.office.receipts.of_deal(stage.firm, "D-1"), key=lambda receipt: receipt.scored_at)
    page = said(viewer.get(f"/deals/D-1?receipt={oldest.receipt_id}").text)
    assert "This is an earlier score" in page
    assert "Needed as soon as possible yes" in page


def test_a_deal_that_went_to_another_seller_is_the_others_though_no_list_has_heard_of_it(bare):
    def scored(hours, seller):
        at = NOON + hours * HOUR
        bare.application.scoring.score(bare.firm, [Deal(deal_id="D-1", as_of=at, seller_id=seller)])

    scored(0, "S-1")
    first, second = bare.signed_in("had it", "seller", "S-1"), bare.signed_in("has it", "seller", "S-2")
    assert (first.get("/deals/D-1").status_code, second.get("/deals/D-1").status_code) == (200, 404)
    scored(1, "S-2")
    with bare.store.database.writing() as connection:
        connection.execute(delete(briefs_due))
    assert (first.get("/deals/D-1").status_code, second.get("/deals/D-1").status_code) == (404, 200)


def test_a_value_that_reads_as_a_status_is_a_value_of_its_own(bare):
    deals = [Deal(deal_id=deal_id, as_of=NOON, source=source) for deal_id, source in (("D-1", "open"), ("D-2", None))]
    bare.application.scoring.score(bare.firm, deals)
    assert listed(bare.signed_in("filters", "viewer").get("/deals?source=open").text) == ["D-1"]


def test_a_closed_deal_shows_how_it_ended(viewer):
    assert "won" in said(viewer.get("/deals/D-6").text)
    assert "profit RUB 1,500" in said(viewer.get("/deals/D-6").text)
    assert "Not closed yet." in said(viewer.get("/deals/D-7").text)


@pytest.mark.parametrize("path", ["/deals/D-999", "/deals/D-1?receipt=none", "/deals/%00", "/deals/'%20OR%201=1"])
def test_what_is_not_there_is_not_found(viewer, path):
    answer = viewer.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_a_deals_own_texts_are_no_markup(bare):
    evil = '<img src=x onerror="alert(1)">'
    deal = Deal(deal_id="D-<b>", as_of=bare.application.clock(), request_text=evil, company_id=evil, seller_id=evil)
    bare.application.scoring.score(bare.firm, [deal])
    browser = bare.signed_in("anna", "viewer")
    for path in ("/deals", "/deals/D-%3Cb%3E"):
        page = browser.get(path).text
        assert "&lt;" in page
        assert "<img src=x" not in page
        assert "<b>" not in page


def test_a_person_is_led_to_a_page_and_a_program_told_of_nothing(viewer):
    assert viewer.get("/nowhere").headers["content-type"].startswith("text/html")
    answer = viewer.client.get("/nowhere", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
