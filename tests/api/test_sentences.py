from mlscore.api.sentences import Sentences
from mlscore.scoring.policy import default_policy
from mlscore.scoring.receipt import ModelReason, Reason
from tests.builders import a_policy, roubles

CUSTOM = a_policy(
    currency="EUR",
    custom_facts=[
        {"name": "has_permit", "kind": "yes_no", "text_ru": "разрешение", "text_en": "permit"},
        {"name": "boiler_age", "kind": "number"},
    ],
)


def test_a_custom_fact_is_asked_for_by_its_name_in_the_policy():
    assert Sentences("ru", CUSTOM).question("has_permit") == "разрешение?"
    assert Sentences("en", CUSTOM).question("has_permit") == "permit?"
    assert Sentences("en", CUSTOM).question("boiler_age") == "boiler_age?"


def test_a_fact_without_a_question_of_its_own_is_asked_for_by_its_name():
    assert Sentences("en", CUSTOM).question("won_deals_24m") == "deals won in 24 months?"


def test_a_custom_fact_moves_the_probability_under_its_name_in_the_policy():
    reason = ModelReason(fact="has_permit", value=True, effect=-0.12)
    assert Sentences("en", CUSTOM).model(reason) == "permit: lowers the probability by 12 pp"


def test_a_criterion_the_policy_no_longer_has_is_said_by_its_code():
    reason = Reason(code="rule.criterion.no", answer=False, params={"criterion": "steam"})
    assert "steam capacity above 3 t/h" in Sentences("en", default_policy()).rule(reason)
    assert "“steam”" in Sentences("en", a_policy(criteria=[])).rule(reason)


def test_money_is_said_in_the_policys_currency():
    params = {"profit": roubles(4_000), "floor": roubles(5_000)}
    said = Sentences("en", CUSTOM).rule(Reason(code="rule.floor.no", answer=False, params=params))
    assert "€4,000" in said
