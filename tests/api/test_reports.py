from dataclasses import replace

import pytest

from mlscore.scoring.policy import default_document, default_policy, fingerprint
from mlscore.service.comparing import SHADOWED_MIN
from tests.api.calling import GOOD, RUSSIAN, served_by
from tests.fakes import FixedChampions
from tests.models import a_model


def test_the_policy_in_force_is_said_with_who_applied_it_and_why(crm):
    policy = crm.get("/v1/policy").json()
    assert policy["policy_version"] == fingerprint(default_policy())
    assert (policy["version"], policy["applied_by"], policy["pinned"]) == (1, "mlscore", False)
    assert (policy["floor"], policy["cost_per_worked_deal"], policy["min_amount"]) == (5000, 2500, None)
    assert policy["document"] == default_document()
    assert [c["code"] for c in policy["criteria"]] == ["steam", "turnover", "industry"]


def test_a_score_names_the_policy_it_was_made_by(crm):
    assert crm.score(**GOOD)["rule"]["policy_version"] == crm.get("/v1/policy").json()["policy_version"]


def test_criteria_are_said_in_the_readers_language(crm):
    texts = [c["text"] for c in crm.get("/v1/policy", RUSSIAN).json()["criteria"]]
    assert texts[0] == "объём пара больше 3 т/ч"


def test_a_criterion_on_money_is_said_in_whole_units_and_any_other_as_it_is(crm):
    own = """
[[criteria]]
code = "order"
field = "amount"
op = ">="
value = 499.5
text_ru = "заказ от 499,50"
text_en = "an order of 499.50 or more"
"""
    crm.apply_policy(default_document().replace("\n[[criteria]]", f"{own}\n[[criteria]]", 1))
    criteria = crm.get("/v1/policy").json()["criteria"]
    assert [c["value"] for c in criteria] == [499.5, 3, 1_000_000_000, "target_industries"]


def test_before_any_training_the_model_is_the_prior_and_says_so(crm):
    model = crm.get("/v1/model").json()
    assert (model["loaded"], model["model_version"], model["approved"]) == (True, "prior", False)
    assert model["why_not_approved"] == "abstain.prior_only"
    assert (model["policy_drift"], model["card"]) == (False, {})


def test_a_model_without_a_bundle_says_why(crm):
    with served_by(crm, FixedChampions(why_none="no bundle can be loaded")) as other:
        model = other.get("/v1/model").json()
    assert (model["loaded"], model["why_not_approved"]) == (False, "no bundle can be loaded")
    assert model["model_version"] is None


def test_a_champion_that_passed_its_gates_is_approved(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        model = other.get("/v1/model").json()
    assert (model["approved"], model["model_version"], model["why_not_approved"]) == (True, "7", None)


def test_a_challenger_in_the_shadow_is_named(crm):
    assert crm.get("/v1/model").json()["challenger_version"] is None
    with served_by(crm, FixedChampions(a_model(), challenger=replace(a_model(), version="8"))) as other:
        model = other.get("/v1/model").json()
    assert (model["model_version"], model["challenger_version"], model["challenger_refused"]) == ("7", "8", None)


def test_without_closed_deals_the_comparison_has_nothing_to_tell(crm):
    comparison = crm.get("/v1/comparison").json()
    assert (comparison["deals"], comparison["live"], comparison["backtested"]) == (0, 0, 0)
    assert comparison["scorers"][0]["auc"] == {"value": None, "low": None, "high": None}


def test_closed_deals_are_compared_and_their_money_is_said_in_units(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        for n in range(6):
            deal = {"deal_id": f"D-{n}", **GOOD, "profit_if_won": 4_000 + 1_000 * n}
            other.score(**deal)
            other.post("/v1/outcomes", {"deal_id": f"D-{n}", "status": "won", "realised_profit": 4_000 + 1_000 * n})
        other.score(deal_id="D-open", **GOOD)
        comparison = other.get("/v1/comparison").json()
    assert (comparison["deals"], comparison["live"], comparison["positives"]) == (6, 6, 5)
    assert (comparison["worked"], comparison["oracle_profit"]) == (3, 9_000 + 8_000 + 7_000)
    assert comparison["without_outcome"] == {"accept": 1}
    rules, model = comparison["scorers"]
    assert (rules["scorer"], rules["log_loss"]) == ("rules", None)
    assert model["scorer"] == "model"
    assert model["log_loss"]["value"] > 0
    assert rules["auc"]["value"] == pytest.approx(1.0)
    assert sum(cell["deals"] for cell in comparison["swap"].values()) == 6
    assert (comparison["currency"], comparison["cost_per_worked_deal"], comparison["all_workable"]) == (
        "RUB",
        2_500,
        True,
    )
    cells = comparison["swap"].values()
    assert [cell["net_profit"] for cell in cells] == [cell["profit"] - cell["deals"] * 2_500 for cell in cells]
    assert sorted(name for cell in cells for name in cell["deal_ids"]) == [f"D-{n}" for n in range(6)]
    assert set(comparison["undecided"]) == {"rules_wait", "model_abstains", "both"}
    assert comparison["challenger"] is None


def test_a_challenger_is_compared_once_enough_of_its_deals_have_closed(crm):
    with served_by(crm, FixedChampions(a_model(), challenger=replace(a_model(), version="8"))) as other:
        deals = [{"deal_id": f"D-{n}", **GOOD} for n in range(SHADOWED_MIN)]
        outcomes = [
            {"deal_id": f"D-{n}", "status": "won", "realised_profit": 9_000 * (n % 2)} for n in range(len(deals))
        ]
        other.post("/v1/score/batch", {"deals": deals})
        other.post("/v1/outcomes", {"outcomes": outcomes})
        comparison = other.get("/v1/comparison").json()
    shadow = comparison["challenger"]
    assert (shadow["model_version"], shadow["deals"]) == ("8", SHADOWED_MIN)
    assert [card["scorer"] for card in shadow["scorers"]] == ["rules", "model", "challenger"]
    assert shadow["scorers"][1] == shadow["scorers"][2] | {"scorer": "model"}
