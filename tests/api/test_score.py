import json
from dataclasses import replace
from pathlib import Path

import pytest

from mlscore.api.schemas.answers import ScoreOut
from mlscore.scoring.policy import default_document
from mlscore.service.policies import CurrentPolicies
from tests.api.calling import AAA, ENGLISH, FIRE, GOOD, RUSSIAN, faults_of, served_by
from tests.builders import roubles
from tests.fakes import FixedChampions, InMemoryReceipts, Outage
from tests.models import a_model, a_share_of_the_stated

CONTRACT = json.loads((Path(__file__).parent / "contract.json").read_text(encoding="utf-8"))


def shape_of(value):
    """Return the names in an answer, level by level; what they hold is another test's business."""
    if isinstance(value, dict):
        return {name: shape_of(part) for name, part in value.items()}
    return [shape_of(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else ...


def test_an_answer_has_the_shape_of_the_contract(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        score = other.score(**FIRE, profit_if_won=4_000)
    assert shape_of(score) == shape_of(CONTRACT)


@pytest.mark.parametrize(
    "facts", [{}, FIRE, GOOD, {**AAA, "profit_if_won": 3_000.5, "as_of": "2026-03-02T10:00:00.5Z"}]
)
def test_an_answer_is_written_byte_for_byte_as_its_schema_writes_it(crm, facts):
    with served_by(crm, FixedChampions(a_model(), challenger=replace(a_model(), version="8"))) as other:
        told = other.post("/v1/score", {"deal_id": "D-1", **facts})
        assert ScoreOut.model_validate_json(told.content).model_dump_json() == told.text
        again = other.get(f"/v1/scores/{told.json()['receipt_id']}")
        assert again.content == told.content


def test_a_models_reasons_are_said_in_words(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        [reason, *_] = other.score(**GOOD)["model"]["reasons"]
    moved = "raises" if reason["effect"] > 0 else "lowers"
    assert f"{moved} the probability by {abs(reason['effect']) * 100:.1f}".rstrip("0").rstrip(".") in reason["text"]


def test_why_a_model_abstains_is_said_in_the_readers_language(crm):
    with served_by(crm, FixedChampions(replace(a_model(), why_unapproved="abstain.gates"))) as other:
        said = {language["Accept-Language"]: other.score(language, **GOOD)["model"] for language in (RUSSIAN, ENGLISH)}
    assert said["en"]["abstained_because"] == said["ru"]["abstained_because"] == "abstain.gates"
    assert said["en"]["abstained_text"].startswith("The model has not passed its checks")
    assert said["ru"]["abstained_text"].startswith("Модель")
    with served_by(crm, FixedChampions(a_model())) as other:
        assert other.score(**GOOD)["model"]["abstained_text"] is None


def test_a_challengers_answer_stands_beside_the_models_and_is_read_back(crm):
    with served_by(crm, FixedChampions(a_model(), challenger=replace(a_model(), version="8"))) as other:
        score = other.score(**GOOD)
        [batched] = other.post("/v1/score/batch", {"deals": [{"deal_id": "D-2", **GOOD}]}).json()["results"]
        assert other.get(f"/v1/scores/{score['receipt_id']}").json() == score
    assert score["challenger"] | {"model_version": "7", "reasons": score["model"]["reasons"]} == score["model"]
    assert (score["challenger"]["model_version"], score["challenger"]["reasons"]) == ("8", [])
    assert batched["score"]["challenger"] == score["challenger"]


def test_without_a_bundle_the_model_is_null_and_the_rules_answer(crm):
    with served_by(crm, FixedChampions(why_none="no bundle")) as other:
        score = other.score(**GOOD)
    assert score["model"] is None
    assert score["decision"] == {"action": "accept", "decided_by": "rule", "agreement": "undecided"}


def test_money_is_said_in_whole_units_and_whole_sums_without_decimals(crm):
    economics = crm.score(**AAA, amount=20_000.5, cost=8_000.25)["rule"]["economics"]
    assert economics | {"exception": None} == {
        "floor": 5000,
        "target": 6000,
        "stretch": 10000,
        "cost_per_worked_deal": 2500,
        "profit_if_won": 12000.25,
        "basis": "amount_less_cost",
        "passes": True,
        "exception": None,
    }
    assert isinstance(economics["floor"], int)


def test_the_prior_answers_abstains_and_says_why(crm):
    model = crm.score(**GOOD)["model"]
    assert (model["abstained"], model["abstained_because"]) == (True, "abstain.prior_only")
    assert model["probability"] == pytest.approx(0.3)
    assert model["interval"][0] < 0.3 < model["interval"][1]


def test_a_score_is_read_back_as_it_was_given(crm):
    score = crm.score(**GOOD)
    assert crm.get(f"/v1/scores/{score['receipt_id']}").json() == score


def test_a_score_is_read_back_in_the_readers_language(crm):
    score = crm.score(**GOOD, headers=ENGLISH)
    russian = crm.get(f"/v1/scores/{score['receipt_id']}", RUSSIAN).json()
    assert russian["rule"]["checklist"][5]["text"] == "Бюджет выделен?"
    assert score["rule"]["checklist"][5]["text"] == "Is the budget allocated?"


def test_a_criterion_is_said_in_the_policys_own_words(crm):
    said = {language["Accept-Language"]: crm.score(language, **GOOD)["rule"]["reasons"][0]["text"]
            for language in (ENGLISH, RUSSIAN)}  # fmt: skip
    assert "steam capacity above 3 t/h" in said["en"]
    assert "объём пара больше 3 т/ч" in said["ru"]


def test_a_deals_scores_are_listed_newest_first(crm):
    ids = [crm.score(**FIRE, profit_if_won=profit)["receipt_id"] for profit in (1, 2, 3)]
    listed = crm.get("/v1/deals/D-1/scores").json()
    assert listed["deal_id"] == "D-1"
    assert [score["receipt_id"] for score in listed["scores"]] == ids[::-1]


def test_a_deal_id_of_any_language_is_found_by_its_path(crm):
    crm.score(deal_id="Сделка №7 ~(a)", **FIRE)
    assert crm.get("/v1/deals/Сделка №7 ~(a)/scores").json()["deal_id"] == "Сделка №7 ~(a)"


@pytest.mark.parametrize("path", ["/v1/scores/none", "/v1/deals/none/scores"])
def test_what_was_never_scored_is_not_found(crm, path):
    response = crm.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/v1/scores/a%00b", "/v1/deals/a%00b/scores", "/v1/deals/%ED%A0%80%25/scores"])
def test_a_path_that_names_nothing_possible_is_refused(crm, path):
    assert crm.get(path).status_code in {404, 422}


def test_firms_never_see_each_other(crm, other_crm):
    score = crm.score(**GOOD)
    assert other_crm.get(f"/v1/scores/{score['receipt_id']}").status_code == 404
    assert other_crm.get("/v1/deals/D-1/scores").status_code == 404


def test_a_dry_run_answers_alike_and_keeps_no_receipt(crm):
    dry = crm.post("/v1/score?dry_run=true", {"deal_id": "D-1", **GOOD}).json()
    assert (dry["receipt_id"], dry["logged"]) == (None, "dry_run")
    assert crm.get("/v1/deals/D-1/scores").status_code == 404
    assert dry["rule"] == crm.score(**GOOD)["rule"]


@pytest.mark.parametrize(
    ("include", "said"),
    [
        ("", set()),
        ("reasons", {"reasons"}),
        ("next_question", {"next_question"}),
        ("path", {"path"}),
        ("reasons,path", {"reasons", "path"}),
        ("reasons, next_question ,path", {"reasons", "next_question", "path"}),
    ],
)
def test_only_the_parts_asked_for_are_said(crm, include, said):
    score = crm.post(f"/v1/score?include={include}", {"deal_id": "D-1", **FIRE, "profit_if_won": 4_000}).json()
    parts = {
        "reasons": score["rule"]["reasons"],
        "next_question": score["next_question"],
        "path": score["path"],
    }
    assert {name for name, part in parts.items() if part} == said


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("include=reasons,poem", ("?include", "bad_choice")),
        ("dryrun=true", ("?dryrun", "extra_forbidden")),
        ("dry_run=perhaps", ("?dry_run", "wrong_type")),
        ("dry_run=true&dry_run=false", ("?dry_run", "repeated")),
    ],
)
def test_a_query_nobody_knows_is_refused_not_passed_over(crm, query, fault):
    response = crm.post(f"/v1/score?{query}", {"deal_id": "D-1"})
    assert (response.status_code, faults_of(response)) == (422, [fault])


def test_the_next_question_and_the_way_up_are_said_in_words(crm):
    score = crm.score(**FIRE, need_defined=True, budget_allocated=True, budget_amount=9_000, profit_if_won=4_000)
    steps = {step["fact"]: step for step in score["path"]}
    assert steps["profit_if_won"] | {"probability": None} == {
        "fact": "profit_if_won",
        "to": 5000,
        "text": "Raise the profit to RUB\xa05,000.",
        "verdict": "accept",
        "grade": "BBB",
        "probability": None,
        "goal": "floor",
        "also": [],
    }
    assert score["next_question"]["text"].endswith("?")


def test_a_step_towards_a_date_names_the_day(crm):
    facts = {**FIRE, "need_defined": True, "budget_allocated": True, "budget_amount": 9_000, "profit_if_won": 9_000}
    score = crm.score(**facts, as_of="2026-03-02T22:30:00Z")
    [step] = [step for step in score["path"] if step["fact"] == "delivery_needed_by"]
    assert step["to"] == "2026-04-02", "thirty days from the 3rd of March, which it already is in Moscow"


def test_a_step_of_several_changes_says_them_all(crm):
    score = crm.score(**FIRE, need_defined=True, profit_if_won=9_000, amount=20_000, as_of="2026-03-02T09:00:00Z")
    [step] = [step for step in score["path"] if step["grade"] == "AAA"]
    assert (step["fact"], step["to"], step["goal"]) == ("delivery_needed_by", "2026-04-01", "grade")
    assert (
        step["text"] == "Agree a delivery by 1 Apr 2026. Get the budget allocated. Agree a budget of RUB\u00a020,000."
    )
    assert step["also"] == [
        {"fact": "budget_allocated", "to": True, "text": "Get the budget allocated."},
        {"fact": "budget_amount", "to": 20_000, "text": "Agree a budget of RUB\u00a020,000."},
    ]


def test_amounts_of_a_step_are_said_in_whole_units(crm):
    crm.apply_policy(default_document().replace("[economics]", "[economics]\nmin_amount = 50_000", 1))
    [step] = [s for s in crm.score(**AAA, amount=20_000, profit_if_won=4_000)["path"] if s["goal"] == "floor"]
    assert {step["fact"]: step["to"]} | {c["fact"]: c["to"] for c in step["also"]} == {
        "amount": 50_001,
        "profit_if_won": 5_000,
    }


@pytest.mark.parametrize(("line", "within"), [(None, None), (roubles(3_000), True), (roubles(4_000), False)])
def test_an_answer_says_whether_the_deal_is_within_the_team_s_capacity(crm, line, within):
    with served_by(crm, FixedChampions(a_model(profit=a_share_of_the_stated(0.3), capacity_line=line))) as other:
        score = other.score(**AAA, profit_if_won=12_000)
        assert other.get("/v1/model").json()["capacity_line"] == (None if line is None else line // 100)
    assert (score["model"]["expected_profit"], score["model"]["within_capacity"]) == (3_600, within)


def test_custom_facts_are_taken_as_the_policy_declares_them(crm):
    declared = '\n[[custom_facts]]\nname = "has_permit"\nkind = "yes_no"\ntext_ru = "разрешение"\ntext_en = "permit"\n'
    crm.apply_policy(default_document() + declared)
    assert crm.post("/v1/score", {"deal_id": "D-1", "extra": {"has_permit": True}}).status_code == 200
    wrong = crm.post("/v1/score", {"deal_id": "D-1", "extra": {"has_permit": "yes"}})
    assert (wrong.status_code, faults_of(wrong)) == (422, [("/extra/has_permit", "wrong_type")])
    unknown = crm.post("/v1/score", {"deal_id": "D-1", "extra": {"colour": "red"}})
    assert faults_of(unknown) == [("/extra/colour", "extra_forbidden")]


def test_a_custom_fact_misspelt_is_told_which_was_meant(crm):
    crm.apply_policy(default_document() + '\n[[custom_facts]]\nname = "boiler_age"\nkind = "number"\n')
    [fault] = crm.post("/v1/score", {"deal_id": "D-1", "extra": {"boiler_ages": 3}}).json()["errors"]
    assert fault["detail"] == "The policy has no such custom fact. Did you mean boiler_age?"


def test_moments_are_answered_in_utc_whatever_their_offset(crm):
    assert crm.score(as_of="2026-03-02T10:00:00+03:00")["as_of"] == "2026-03-02T07:00:00Z"


def test_a_score_is_read_in_the_words_of_the_policy_it_was_made_by(crm):
    words = "steam capacity above 3 t/h"
    crm.apply_policy(default_document().replace(words, "old words"))
    score = crm.score(**GOOD)
    crm.apply_policy(default_document().replace(words, "new words"))
    policies = CurrentPolicies(crm.store.policies, default=default_document(), clock=crm.application.clock)
    with served_by(crm, FixedChampions(), policies=policies) as other:
        read = other.get(f"/v1/scores/{score['receipt_id']}").json()
        assert "new words" in other.get("/v1/policy").json()["criteria"][0]["text"]
    assert "old words" in read["rule"]["reasons"][0]["text"]


def test_while_the_database_is_away_a_deal_is_answered_503_and_asked_to_come_again(crm):
    away = replace(crm.application.scoring, receipts=InMemoryReceipts(outage=Outage(is_on=True)))
    with served_by(crm, FixedChampions(), scoring=away) as other:
        response = other.post("/v1/score", {"deal_id": "D-1", **GOOD})
        dry = other.post("/v1/score?dry_run=true", {"deal_id": "D-1", **GOOD})
    assert (response.status_code, response.json()["code"]) == (503, "store_unavailable")
    assert response.headers["retry-after"] == "1"
    assert dry.status_code == 200
