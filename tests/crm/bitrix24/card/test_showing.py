"""A receipt is said in the card's fields, rounded, in words; and what says nothing new changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.crm.bitrix24.card.showing import note_for, shown_for
from mlscore.crm.bitrix24.items import PortalField
from mlscore.crm.bitrix24.mapping import SCORE_FIELDS, WriteTerms
from mlscore.scoring.policy import default_policy, fingerprint
from mlscore.scoring.receipt import ModelReason, Receipt
from mlscore.texts.answers import Sentences
from tests.builders import NOON, a_deal, a_fire_deal, a_good_deal, roubles
from tests.crm.bitrix24.card.receipts import a_model_answer, a_receipt

TERMS = WriteTerms(
    **{one.key: one.name for one in SCORE_FIELDS},
    pages_address="https://score.example.ru/",
    comment=True,
)
FIELDS = {one.name: PortalField(type=one.type) for one in SCORE_FIELDS}
SAY = Sentences("ru", default_policy())
EMPTY = dict.fromkeys(FIELDS, "")
VERSION = fingerprint(default_policy())


def shown(receipt: Receipt, now=EMPTY, *, terms=TERMS, fields=FIELDS):
    return shown_for(receipt, now, terms, fields, SAY)


def test_a_good_deal_is_shown_so():
    reasons = (ModelReason(fact="asap", value=True, effect=0.11), ModelReason(fact="region", value=None, effect=-0.02))
    receipt = a_receipt(model=a_model_answer(reasons=reasons), question="role_technical")
    found = dict(shown(receipt))
    assert found.pop("UF_CRM_SCORE_REASON") == (
        "Клиент целевой: все критерии выполнены.\n"
        "Заявка по нашей номенклатуре.\n"
        "Огонь: лид идёт в воронку сделок.\n"
        "Потребность определена и соответствует нашей номенклатуре.\n"
        "Бюджет выделен, сумма известна.\n"
        "Срочно: как можно скорее или не позже чем через 30 дн.\n"
        "Прибыль 12 000 ₽ не ниже минимума 5 000 ₽.\n"
        "Повышают вероятность: нужно как можно скорее.\n"
        "Снижают вероятность: регион."
    )
    assert found == {
        "UF_CRM_SCORE_FIRE": "да",
        "UF_CRM_SCORE_ROUTE": "В воронку сделок",
        "UF_CRM_SCORE_GRADE": "AAA",
        "UF_CRM_SCORE_RULE": "Брать",
        "UF_CRM_SCORE_DECIDED": "Брать",
        "UF_CRM_SCORE_PROB": "63",
        "UF_CRM_SCORE_EV": "7600",
        "UF_CRM_SCORE_ASK": "Кто у вас выбирает техническое решение? Можно с ним поговорить?",
        "UF_CRM_SCORE_VERSION": f"{VERSION} / 7",
        "UF_CRM_SCORE_AT": "2026-03-02T12:00:00+00:00",
        "UF_CRM_SCORE_RECEIPT": "https://score.example.ru/deals/D-1?receipt=r-1",
    }


def test_what_is_not_known_is_asked_for_and_shown_as_unknown():
    found = shown(a_receipt(a_deal()))
    assert found["UF_CRM_SCORE_FIRE"] == "неизвестно"
    assert found["UF_CRM_SCORE_ROUTE"] == "Не определён"
    assert found["UF_CRM_SCORE_GRADE"] == "—"
    assert found["UF_CRM_SCORE_ASK"] != ""
    assert found["UF_CRM_SCORE_VERSION"] == VERSION


@pytest.mark.parametrize(
    "model", [None, a_model_answer(abstained=True, abstained_because="abstain.prior_only")], ids=["none", "abstains"]
)
def test_a_figure_that_is_not_to_be_relied_on_is_not_shown(model):
    found = shown(a_receipt(model=model))
    assert (found["UF_CRM_SCORE_PROB"], found["UF_CRM_SCORE_EV"]) == ("", "")
    assert ("решают правила" in found["UF_CRM_SCORE_REASON"]) is (model is not None)


def test_only_fields_the_portal_has_are_shown():
    few = {"UF_CRM_SCORE_GRADE": PortalField(type="string")}
    assert shown(a_receipt(), {}, fields=few) == {"UF_CRM_SCORE_GRADE": "AAA"}


def test_a_score_that_says_the_same_later_changes_nothing():
    first = shown(a_receipt(model=a_model_answer()))
    again = a_receipt(
        model=a_model_answer(probability=0.6349, expected_profit=760_001.0, model_version="8"),
        at=NOON + timedelta(days=1),
        name="r-2",
    )
    assert shown(again, first) == first
    other = shown(a_receipt(model=a_model_answer(probability=0.65), at=NOON + timedelta(days=1), name="r-2"), first)
    assert other["UF_CRM_SCORE_PROB"] == "65"
    assert other["UF_CRM_SCORE_RECEIPT"].endswith("=r-2")
    assert other["UF_CRM_SCORE_AT"] == "2026-03-03T12:00:00+00:00"


def test_a_card_links_to_the_page_of_its_deal_at_this_receipt():
    found = shown(a_receipt(a_good_deal(deal_id="D_7/ü"), name="r-9"))
    assert found["UF_CRM_SCORE_RECEIPT"] == "https://score.example.ru/deals/D_7%2F%C3%BC?receipt=r-9"


def test_an_earlier_mapping_that_links_to_the_api_links_to_the_page():
    earlier = WriteTerms(receipt="UF_CRM_SCORE_RECEIPT", receipt_address="https://score.example.ru/v1/scores/")
    found = shown(a_receipt(), terms=earlier)
    assert found == {"UF_CRM_SCORE_RECEIPT": "https://score.example.ru/deals/D-1?receipt=r-1"}


def test_without_a_public_address_there_is_no_link_and_no_reason_to_write():
    terms = replace(TERMS, pages_address="")
    first = shown(a_receipt(), terms=terms)
    assert first["UF_CRM_SCORE_RECEIPT"] == ""
    assert shown(a_receipt(name="r-2", at=NOON + timedelta(days=1)), first, terms=terms) == first


def test_what_somebody_wrote_over_or_emptied_is_shown_again():
    first = shown(a_receipt())
    for name in ("UF_CRM_SCORE_GRADE", "UF_CRM_SCORE_AT"):
        assert shown(a_receipt(), {**first, name: ""}) == first
    assert shown(a_receipt(), {**first, "UF_CRM_SCORE_GRADE": "CCC"}) == first


@given(st.floats(0, 1), st.floats(-1e12, 1e12))
def test_figures_are_whole_and_showing_twice_is_showing_once(probability, expected):
    receipt = a_receipt(model=a_model_answer(probability=probability, expected_profit=expected))
    first = shown(receipt)
    assert 0 <= int(first["UF_CRM_SCORE_PROB"]) <= 100
    assert abs(int(first["UF_CRM_SCORE_EV"]) - expected / 100) <= 0.5
    assert shown(receipt, first) == first
    assert shown(receipt) == first


def test_a_card_in_english_is_in_english():
    terms = WriteTerms(verdict="UF_CRM_SCORE_RULE", language="en")
    found = shown_for(a_receipt(), EMPTY, terms, FIELDS, Sentences("en", default_policy()))
    assert found == {"UF_CRM_SCORE_RULE": "Accept"}


def test_a_comment_tells_the_reasons_once_the_answer_is_another():
    note = note_for(a_receipt(question="role_technical"), EMPTY, TERMS, FIELDS, SAY)
    assert note is not None
    first, *_, last = note.split("\n")
    assert first == "[B]Оценка: Брать[/B]"
    assert last.startswith("Спросить: ")
    now = shown(a_receipt(model=a_model_answer()))
    assert note_for(a_receipt(model=a_model_answer(probability=0.2)), now, TERMS, FIELDS, SAY) is None
    worse = a_good_deal(profit_if_won=roubles(100))
    assert note_for(a_receipt(worse), now, TERMS, FIELDS, SAY) is not None


def test_no_comment_is_written_unless_one_is_wanted():
    assert note_for(a_receipt(), EMPTY, WriteTerms(grade="UF_CRM_SCORE_GRADE"), FIELDS, SAY) is None


def test_the_portal_s_markup_has_no_way_into_a_comment():
    deal = a_fire_deal(product_category="[URL=https://evil.example]котёл[/URL]", in_nomenclature=None)
    note = note_for(a_receipt(deal), EMPTY, TERMS, FIELDS, SAY)
    assert note is not None
    assert note.count("[") == 2
