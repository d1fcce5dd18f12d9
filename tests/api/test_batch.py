from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import pytest

from tests.api.calling import AAA, ENGLISH, FIRE, GOOD, RUSSIAN, faults_of, served_by
from tests.fakes import FixedChampions
from tests.models import a_model
from tests.serving import until


def batch(crm, *deals, query="", headers=ENGLISH):
    return crm.post(f"/v1/score/batch{query}", {"deals": list(deals)}, headers)


def test_every_deal_of_a_batch_is_answered_in_its_place(crm):
    results = batch(crm, {"deal_id": "A", **GOOD}, {"deal_id": "B", **FIRE}).json()["results"]
    assert [(r["index"], r["score"]["deal_id"], r["score"]["decision"]["action"]) for r in results] == [
        (0, "A", "accept"),
        (1, "B", "ask"),
    ]


def test_a_deal_is_answered_in_a_batch_as_it_is_alone(crm):
    alone = crm.score(**GOOD)
    [result] = batch(crm, {"deal_id": "D-1", **GOOD}).json()["results"]
    assert {n: result["score"][n] for n in ("rule", "model", "decision", "path")} == {
        n: alone[n] for n in ("rule", "model", "decision", "path")
    }


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        ({"deal_id": "B", "amount": "12"}, ("/amount", "wrong_type")),
        ({"deal_id": "B", "colour": "red"}, ("/colour", "extra_forbidden")),
        ({"deal_id": "B", "extra": {"colour": "red"}}, ("/extra/colour", "extra_forbidden")),
        ({"deal_id": "B", "as_of": "2199-01-01T00:00:00Z"}, ("/as_of", "future_time")),
        ({}, ("/deal_id", "missing")),
        (17, ("", "wrong_type")),
        (None, ("", "wrong_type")),
        ([], ("", "wrong_type")),
    ],
)
def test_a_faulty_deal_has_its_own_problem_and_the_others_are_scored(crm, faulty, fault):
    response = batch(crm, {"deal_id": "A", **AAA}, faulty, {"deal_id": "C", **AAA})
    assert response.status_code == 200
    first, second, third = response.json()["results"]
    assert (first["score"]["deal_id"], third["score"]["deal_id"]) == ("A", "C")
    assert set(second) == {"index", "problem"}
    problem = second["problem"]
    assert (problem["status"], [(f["pointer"], f["code"]) for f in problem["errors"]]) == (422, [fault])


def test_a_problem_inside_a_batch_is_told_in_the_readers_language(crm):
    [result] = batch(crm, {"deal_id": "B", "amount": "12"}, headers=RUSSIAN).json()["results"]
    assert result["problem"]["detail"].startswith("В запросе")


def test_a_deal_twice_in_a_batch_refuses_the_whole_of_it_and_names_the_places(crm):
    twice = [{"deal_id": name, **FIRE} for name in ("A", "B", "A", "A")]
    response = batch(crm, *twice)
    assert response.status_code == 422
    assert faults_of(response) == [
        ("/deals/2/deal_id", "duplicate_deal_id"),
        ("/deals/3/deal_id", "duplicate_deal_id"),
    ]
    assert crm.get("/v1/deals/B/scores").status_code == 404


def test_a_thousand_deals_are_taken_and_one_more_is_not(crm):
    deals = [{"deal_id": f"D-{n}"} for n in range(1001)]
    taken = batch(crm, *deals[:1000], query="?include=&dry_run=true")
    assert len(taken.json()["results"]) == 1000
    refused = batch(crm, *deals)
    assert (refused.status_code, faults_of(refused)) == (422, [("/deals", "too_many")])


def test_an_empty_batch_has_no_results(crm):
    assert batch(crm).json() == {"results": []}


@pytest.mark.parametrize("body", [{}, {"deals": {}}, {"deals": [], "more": 1}, [], "deals"])
def test_a_batch_of_another_shape_is_refused(crm, body):
    assert crm.post("/v1/score/batch", body).status_code == 422


def test_a_dry_batch_keeps_nothing(crm):
    batch(crm, {"deal_id": "A", **GOOD}, query="?dry_run=true")
    assert crm.get("/v1/deals/A/scores").status_code == 404


@dataclass
class Held(FixedChampions):
    """Keeps whoever scores until told to let go; remembers how many came."""

    let_go: Event = field(default_factory=Event)
    asked: int = 0

    def serving(self, firm):
        self.asked += 1
        self.let_go.wait(10)
        return super().serving(firm)

    def standings(self):
        return []


def test_a_batch_nobody_waits_for_any_more_keeps_its_place_until_it_has_ended(crm):
    champions = Held(a_model())
    with served_by(crm, champions, settings={"answer_seconds": 0.2}) as other:
        said = [batch(other, {"deal_id": name, **AAA}).json()["code"] for name in ("A", "B")]
        began = champions.asked
        champions.let_go.set()
        assert batch(other, {"deal_id": "C", **AAA}).status_code == 200
    assert (said, began) == (["too_slow", "too_slow"], 1)


def test_a_worker_that_is_full_says_so_at_once_and_to_who_watches_it_answers(crm):
    champions = Held(a_model())
    with served_by(crm, champions, settings={"requests_at_once": 1}) as other, ThreadPoolExecutor(1) as pool:
        held = pool.submit(batch, other, {"deal_id": "A", **AAA})
        until(lambda: champions.asked > 0)
        refused = other.get("/v1/policy")
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "busy", "1")
        assert other.client.get("/health/live").status_code == 200
        assert 'mlscore_refused_total{reason="busy"} 1.0' in other.client.get("/metrics").text
        champions.let_go.set()
        assert held.result().status_code == 200
        assert other.get("/v1/policy").status_code == 200
