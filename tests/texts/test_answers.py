import pytest

from mlscore.scoring.policy import default_policy
from mlscore.scoring.receipt import ChecklistItem, ModelReason, Reason
from mlscore.texts.answers import Sentences
from tests.builders import a_policy, roubles
from tests.texts.test_sentences import plain

CUSTOM = a_policy(
    currency="EUR",
    custom_facts=[
        {"name": "has_permit", "kind": "yes_no", "text_ru": "разрешение", "text_en": "permit"},
        {"name": "boiler_age", "kind": "number"},
    ],
)


def test_a_custom_fact_is_asked_for_by_its_name_in_the_policy():
    assert Sentences("ru", CUSTOM).question("has_permit") == "Разрешение?"
    assert Sentences("en", CUSTOM).question("has_permit") == "Permit?"
    assert Sentences("en", CUSTOM).question("boiler_age") == "Boiler age?"


def test_a_firm_s_own_words_for_a_question_come_before_ours():
    words = [{"fact": fact, "text_ru": f"{fact}, да?", "text_en": f"{fact}, yes?"} for fact in ("asap", "has_permit")]
    facts = [{"name": "has_permit", "kind": "yes_no", "text_ru": "разрешение"}]
    policy = a_policy(custom_facts=facts, questions=words)
    assert Sentences("ru", policy).question("asap") == "asap, да?"
    assert Sentences("en", policy).question("has_permit") == "has_permit, yes?"
    assert Sentences("en", policy).question("steam_tph") == Sentences("en", CUSTOM).question("steam_tph")


def test_a_fact_without_a_question_of_its_own_is_asked_for_by_its_name():
    assert Sentences("en", CUSTOM).question("won_deals_24m") == "Deals won in 24 months?"


def test_a_custom_fact_moves_the_probability_under_its_name_in_the_policy():
    reason = ModelReason(fact="has_permit", value=True, effect=-0.12)
    assert Sentences("en", CUSTOM).model(reason) == "permit = yes: lowers the probability by 12 pp"


def test_a_criterion_the_policy_no_longer_has_is_said_by_its_code():
    reason = Reason(code="rule.criterion.no", answer=False, params={"criterion": "steam"})
    assert "steam capacity above 3 t/h" in Sentences("en", default_policy()).rule(reason)
    assert "“steam”" in Sentences("en", a_policy(criteria=[])).rule(reason)


def test_money_is_said_in_the_policys_currency():
    params = {"profit": roubles(4_000), "floor": roubles(5_000)}
    said = Sentences("en", CUSTOM).rule(Reason(code="rule.floor.no", answer=False, params=params))
    assert "€4,000" in said


@pytest.mark.parametrize(
    ("fact", "value", "english", "russian"),
    [
        ("budget_allocated", None, "budget allocated is unknown: lowers", "бюджет выделен — неизвестно: вероятность"),
        ("budget_allocated", False, "budget allocated = no: lowers", "бюджет выделен = нет: вероятность"),
        ("amount", 5_200_050.0, "deal amount = €52,000.50: lowers", "сумма сделки = 52 000,50 €: вероятность"),
        ("need_coverage", 0.6, "share of the need we cover = 60%: lowers", "закроем мы = 60 %: вероятность"),
        ("steam_tph", 3.5, "steam capacity, t/h = 3.5: lowers", "объём пара, т/ч = 3,5: вероятность"),
        ("delivery_needed_by", 739_687.0, "delivery date = 12 Mar 2026: lowers", "срок поставки = 12.03.2026: вер"),
        ("industry", "dairy", "industry = dairy: lowers", "отрасль = dairy: вероятность"),
        ("industry", "d" * 41, "industry: lowers", "отрасль: вероятность"),
        ("created_at", 1.7e9, "creation date: lowers", "дата создания: вероятность"),
        ("rules", None, "the rules' answer: lowers", "оценка по правилам: вероятность"),
        ("season", None, "season: lowers", "время года: вероятность"),
        ("has_permit", 0.0, "permit = no: lowers", "разрешение = нет: вероятность"),
        ("boiler_age", None, "boiler age is unknown: lowers", "boiler age — неизвестно: вероятность"),
    ],
)
def test_a_reason_says_what_is_known_of_its_fact(fact, value, english, russian):
    reason = ModelReason(fact=fact, value=value, effect=-0.05)
    assert plain(Sentences("en", CUSTOM).model(reason)).startswith(english)
    assert russian in plain(Sentences("ru", CUSTOM).model(reason))


def test_a_fact_the_rules_worked_out_from_others_is_not_called_unknown():
    reason = ModelReason(fact="profit_if_won", value=None, effect=0.05)
    assert Sentences("en", CUSTOM).model(reason).startswith("profit if won is unknown")
    assert Sentences("en", CUSTOM).model(reason, settled={"profit_if_won"}).startswith("profit if won: raises")


def test_the_first_point_is_asked_of_the_limit_or_of_the_floor_as_the_policy_has_it():
    item = ChecklistItem(item=1, code="above_limit", answer=True)
    floor, limit = Sentences("ru", a_policy()), Sentences("ru", a_policy(economics={"min_amount": 50_000}))
    assert floor.checklist(item) == "Прибыль сделки не ниже минимума?"
    assert limit.checklist(item) == "Сумма сделки больше лимита, заданного руководителем?"
