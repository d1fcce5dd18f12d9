"""The feed: who asks with the last cursor gets every live score once, as it was given."""

import pytest

from tests.api.calling import ENGLISH, GOOD, RUSSIAN, faults_of, key_of


def ids(page):
    return [score["receipt_id"] for score in page["scores"]]


def read(crm, query="", headers=ENGLISH):
    answer = crm.get(f"/v1/scores{query}", headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_scores_come_in_order_and_each_once(crm):
    scored = [crm.score(deal_id=f"D-{n}")["receipt_id"] for n in range(5)]
    seen, cursor, has_more = [], "0", True
    while has_more:
        page = read(crm, f"?since={cursor}&limit=2")
        seen += ids(page)
        cursor, has_more = page["next"], page["has_more"]
    assert seen == scored
    assert read(crm, f"?since={cursor}") == {"scores": [], "next": cursor, "has_more": False}
    later = crm.score(deal_id="D-9")["receipt_id"]
    assert ids(read(crm, f"?since={cursor}")) == [later]


def test_a_score_in_the_feed_is_the_score_as_it_was_given(crm):
    given = crm.score(**GOOD)
    assert read(crm)["scores"] == [given]
    russian = read(crm, headers=RUSSIAN)["scores"][0]
    assert russian == crm.get(f"/v1/scores/{given['receipt_id']}", RUSSIAN).json()


def test_an_empty_feed_has_a_cursor_too(crm):
    assert read(crm) == {"scores": [], "next": "0", "has_more": False}


def test_dry_runs_and_the_sandbox_are_not_in_it(crm):
    crm.post("/v1/score?dry_run=true", {"deal_id": "D-1"})
    sandbox = key_of(crm, sandbox=True)
    assert crm.client.post("/v1/score", json={"deal_id": "D-2"}, headers=sandbox).status_code == 200
    assert read(crm)["scores"] == []
    assert crm.client.get("/v1/scores", headers=sandbox).json()["scores"] == []


def test_firms_have_feeds_of_their_own(crm, other_crm):
    crm.score()
    theirs = other_crm.score()["receipt_id"]
    assert ids(read(other_crm)) == [theirs]


@pytest.mark.parametrize("query", ["since=x", "since=-1", "since=", "limit=0", "limit=501", "since=1.5", "page=2"])
def test_a_query_that_means_nothing_is_refused(crm, query):
    assert crm.get(f"/v1/scores?{query}").status_code == 422


def test_a_cursor_of_a_database_that_was_put_back_is_told_so(crm):
    crm.score()
    answer = crm.get("/v1/scores?since=2")
    assert (answer.status_code, faults_of(answer)) == (422, [("?since", "cursor_ahead")])
