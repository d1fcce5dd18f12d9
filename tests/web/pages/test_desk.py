"""The desk: what is typed is answered at once, kept as a receipt when told to, and nothing typed is lost."""

import re

import pytest

from mlscore.ports import DeedsAsked
from mlscore.scoring.deal import Status
from mlscore.scoring.policy import default_document
from mlscore.service.desk import Paper
from tests.builders import roubles
from tests.web.visiting import a_stage, said

GOOD = {
    "f_industry": "dairy",
    "f_steam_tph": "5",
    "f_annual_turnover_rub": "1,2 bn",
    "f_in_nomenclature": "yes",
}
RUSSIAN = {"Accept": "text/html", "Accept-Language": "ru"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Give pages of their own: here deals are added."""
    with a_stage(tmp_path_factory.mktemp("desk"), has_deals=True) as opened:
        yield opened


def deal_of(sent):
    return re.search(r"deal=(DESK-\d{4}-\d{6})&", sent.headers["location"])[1]


def keep(browser, **given):
    return browser.send("/desk", page="/desk", **given)


def newest(stage, deal_id):
    return stage.office.receipts.of_deal(stage.firm, deal_id)[0]


def count(stage):
    return len(stage.office.audit.read(stage.firm, DeedsAsked(what="desk.kept"), first=0, at_most=1000))


def test_an_empty_desk_asks_the_most_telling_question_first_and_goes_to_its_field(stage):
    page = stage.signed_in("picks up", "seller", "S-1").get("/desk").text
    asked = stage.office.desk.answer(stage.firm, Paper(), {})
    fact = asked.answer.next_question.fact
    assert f'data-next="{fact}"' in page
    assert re.search(rf'name="f_{fact}"[^>]*autofocus', page)
    assert asked.answer.rule.missing
    for name in asked.answer.rule.missing:
        assert f'href="#f-{name}"' in page


def test_what_is_typed_is_answered_at_once_and_kept_nowhere(stage):
    seller = stage.signed_in("types", "seller", "S-1")
    before = count(stage)
    answer = seller.send("/desk/answer", page="/desk", fragment="1", **GOOD)
    text = said(answer.text)
    assert "<html" not in answer.text
    assert "Fire ✓ yes" in text
    assert "Route To the deal funnel" in text
    nurture = said(seller.send("/desk/answer", page="/desk", fragment="1", **{**GOOD, "f_in_nomenclature": "no"}).text)
    assert "Fire ✕ no" in nurture
    assert "Thank him and promise to come back with an offer." in nurture
    assert count(stage) == before


def test_a_new_deal_gets_a_number_of_its_own_and_is_bound_to_its_seller(stage):
    seller = stage.signed_in("saves", "seller", "S-1")
    first, second = (deal_of(keep(seller, **GOOD, f_amount="60 000,50", f_profit_if_won="12.000,50")) for _ in "12")
    assert int(second[-6:]) == int(first[-6:]) + 1
    receipt = newest(stage, first)
    assert (receipt.origin, receipt.deal.seller_id, receipt.deal.steam_tph) == ("live", "S-1", 5.0)
    assert (receipt.deal.amount, receipt.deal.profit_if_won) == (roubles(60_000) + 50, roubles(12_000) + 50)
    assert receipt.deal.annual_turnover_rub == 1.2e9
    assert (receipt.answer.rule.fire, receipt.answer.rule.verdict) == (True, "accept")
    assert seller.get(f"/deals/{first}").status_code == 200
    assert stage.signed_in("is another", "seller", "S-2").get(f"/desk?deal={first}").status_code == 404
    [line] = stage.office.audit.read(stage.firm, DeedsAsked(what="desk.kept", search=first), first=0, at_most=9)
    assert (line.who, "steam_tph" in line.after["facts"]) == ("saves", True)


def test_the_same_form_sent_twice_is_one_deal(stage):
    seller = stage.signed_in("hits enter twice", "seller", "S-1")
    assert len({deal_of(keep(seller, draft="d" * 32, **GOOD)) for _ in "12"}) == 1


def test_an_open_deal_comes_filled_with_its_newest_facts_and_goes_on(stage):
    seller = stage.signed_in("goes on", "seller", "S-1")
    deal_id = deal_of(keep(seller, **GOOD, f_amount="1234567,5", f_need_coverage="60 %"))
    page = seller.get(f"/desk?deal={deal_id}").text
    assert 'name="f_amount" value="1,234,567.5"' in page
    assert 'name="f_need_coverage" value="60"' in page
    known = newest(stage, deal_id)
    sent = keep(seller, deal=deal_id, shown=known.receipt_id, f_in_nomenclature="yes", f_asap="no", f_steam_tph="")
    assert deal_of(sent) == deal_id
    now = newest(stage, deal_id).deal
    assert (now.asap, now.steam_tph, now.amount, now.in_nomenclature) == (False, None, known.deal.amount, True)
    assert now.need_coverage == 0.6


def test_what_the_crm_learned_meanwhile_is_not_written_over_by_what_nobody_touched(stage):
    seller = stage.signed_in("is slow", "seller", "S-1")
    deal_id = deal_of(keep(seller, **GOOD))
    shown = newest(stage, deal_id).receipt_id
    other = stage.signed_in("is quick", "seller", "S-1")
    keep(other, deal=deal_id, **{**GOOD, "f_steam_tph": "7"})
    told = {**GOOD, "f_asap": "yes"}
    assert "updated meanwhile" in said(
        seller.send("/desk/answer", page="/desk", deal=deal_id, shown=shown, **told).text
    )
    keep(seller, deal=deal_id, shown=shown, **told)
    now = newest(stage, deal_id).deal
    assert (now.steam_tph, now.asap) == (7.0, True)


def test_a_number_typed_wrong_says_what_to_do_and_loses_nothing(stage):
    seller = stage.signed_in("mistypes", "seller", "S-1")
    before = count(stage)
    sent = keep(seller, f_steam_tph="about five", f_amount="70 000", f_asap="yes", f_delivery_needed_by="soon")
    assert sent.status_code == 422
    assert "This is no number. Write it in digits" in said(sent.text)
    assert "Not a date." in said(sent.text)
    assert 'value="about five"' in sent.text
    assert 'value="70 000"' in sent.text
    assert re.search(r'name="f_asap" value="yes" checked', sent.text)
    assert count(stage) == before


def test_who_does_not_know_is_not_asked_again(stage):
    seller = stage.signed_in("asks on", "seller", "S-1")
    facts = {}
    for _ in range(6):
        page = seller.send("/desk/answer", page="/desk", fragment="1", **facts).text
        fact = re.search(r'data-next="(\w*)"', page)[1]
        assert f"f_{fact}" not in facts
        if not fact:
            break
        facts[f"f_{fact}"] = "?"
    assert len(facts) > 3
    sent = keep(seller, **facts, f_region="Tver")
    again = seller.get(sent.headers["location"]).text
    assert re.search(r'data-next="(\w*)"', again)[1] not in {name.removeprefix("f_") for name in facts}


def test_nothing_is_kept_of_nothing_nor_from_who_only_looks_nor_under_anothers_name(stage):
    seller = stage.signed_in("is silent", "seller", "S-1", "S-2")
    assert "Nothing to save yet" in said(keep(seller, seller="S-1").text)
    assert "Choose a seller id" in said(keep(seller, **GOOD, seller="S-9").text)
    viewer = stage.signed_in("only looks", "viewer")
    sent = keep(viewer, **GOOD)
    assert (sent.status_code, "Your role only looks" in said(sent.text)) == (422, True)


def test_an_outcome_is_told_with_its_profit_and_stands_in_the_log(stage):
    seller = stage.signed_in("wins", "seller", "S-1")
    deal_id = deal_of(keep(seller, **GOOD))
    without = seller.send("/desk/outcome", page="/desk", deal=deal_id, status="won")
    assert (without.status_code, "Say what profit the won deal brought" in said(without.text)) == (422, True)
    lost = seller.send("/desk/outcome", page="/desk", deal=deal_id, status="lost", profit="5")
    assert (lost.status_code, 'value="5"' in lost.text) == (422, True)
    sent = seller.send(
        "/desk/outcome", page="/desk", deal=deal_id, status="won", profit="9 400,50", closed="02.03.2026"
    )
    assert sent.status_code == 303
    ended = stage.office.desk.ended(stage.firm, deal_id)
    assert (ended.status, ended.realised_profit, ended.closed_at.date().isoformat()) == (
        Status.WON,
        940_050,
        "2026-03-02",
    )
    assert "The deal has ended: won" in said(seller.get(f"/desk?deal={deal_id}").text)
    [line] = stage.office.audit.read(stage.firm, DeedsAsked(what="outcome.told", search=deal_id), first=0, at_most=9)
    assert (line.who, line.before, line.after["profit"]) == ("wins", None, 940_050)
    assert seller.send("/desk/outcome", page="/desk", deal="D-1", status="lost").status_code == 404


def test_the_policy_says_its_own_questions_and_asks_for_its_own_facts(bare):
    document = default_document() + (
        '[[questions]]\nfact = "steam_tph"\ntext_ru = "Сколько пара даёте?"\ntext_en = "How much steam is it?"\n'
        '[[custom_facts]]\nname = "boiler_age"\nkind = "number"\ntext_ru = "возраст котла"\ntext_en = "boiler age"\n'
        '[[custom_facts]]\nname = "fuel"\nkind = "category"\nlevels = ["gas", "oil"]\n'
    )
    bare.application.policies.apply(bare.firm, document, by="a test", why="words")
    seller = bare.signed_in("asks so", "seller", "S-1")
    page = seller.get("/desk").text
    assert "How much steam is it?" in said(page)
    deal_id = deal_of(keep(seller, **GOOD, f_boiler_age="12,5", f_fuel="gas"))
    assert newest(bare, deal_id).deal.extra == {"boiler_age": 12.5, "fuel": "gas"}
    assert keep(seller, f_fuel="coal").status_code == 422
    seller.headers = RUSSIAN
    assert "Сколько пара даёте?" in said(seller.get("/desk").text)


def test_in_russian_a_deal_is_shown_as_russians_write(stage):
    seller = stage.signed_in("говорит", "seller", "S-1")
    deal_id = deal_of(keep(seller, **GOOD, f_amount="1234567.5", f_delivery_needed_by="2026-12-15"))
    seller.headers = RUSSIAN
    page = seller.get(f"/desk?deal={deal_id}").text
    assert 'value="1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,5"' in page
    assert 'value="15.12.2026"' in page


@pytest.mark.parametrize("deal_id", ["D-999", "D-1"])
def test_a_deal_that_is_not_there_or_anothers_is_not_opened(stage, deal_id):
    seller = stage.signed_in(f"looks for {deal_id}", "seller", "S-1")
    answer = seller.get(f"/desk?deal={deal_id}")
    assert (answer.status_code, f"There is no deal {deal_id} among yours" in said(answer.text)) == (404, True)
