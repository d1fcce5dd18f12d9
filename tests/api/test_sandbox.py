"""What is tried out in the sandbox is answered as in earnest, and counts nowhere."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mlscore.scoring.policy import default_policy
from tests.api.calling import ENGLISH, GOOD, Crm
from training.dataset import build_table
from training.workshop import NothingToTrainError, Workshop

LIVE = {"deal_id": "D-1", "company_id": "C-1", **GOOD}


@pytest.fixture
def sandbox(crm: Crm) -> Crm:
    """Give the same firm's CRM, with a sandbox key."""
    _, secret = crm.application.keys.create(crm.firm, "trial", at=crm.application.clock(), sandbox=True)
    return replace(crm, secrets=[secret])


@pytest.fixture
def tried(sandbox: Crm) -> Crm:
    """Give the CRM once it has tried a deal and its outcome in the sandbox."""
    sandbox.score(**LIVE, as_of="2024-01-01T00:00:00Z")
    sandbox.post("/v1/outcomes", {"deal_id": "D-1", "status": "won", "realised_profit": 9_000})
    return sandbox


def test_a_deal_is_answered_as_in_earnest_and_found_again(crm, sandbox):
    tried, earnest = sandbox.score(**LIVE), crm.score(**LIVE)
    assert tried["decision"] == earnest["decision"]
    assert tried["model"] == earnest["model"]
    assert sandbox.get(f"/v1/scores/{tried['receipt_id']}").json()["receipt_id"] == tried["receipt_id"]
    assert [one["receipt_id"] for one in sandbox.get("/v1/deals/D-1/scores").json()["scores"]] == [tried["receipt_id"]]


def test_its_receipt_says_where_it_comes_from(crm, tried):
    [receipt] = crm.application.scoring.of_deal(f"{crm.firm}.sandbox", "D-1")
    assert receipt.origin == "sandbox"


def test_the_sandbox_and_the_firm_do_not_read_each_others_scores(crm, sandbox):
    tried, earnest = sandbox.score(**LIVE)["receipt_id"], crm.score(**LIVE)["receipt_id"]
    assert crm.get(f"/v1/scores/{tried}").status_code == 404
    assert sandbox.get(f"/v1/scores/{earnest}").status_code == 404
    assert tried not in crm.get("/v1/deals/D-1/scores").text


def test_an_idempotency_key_of_the_sandbox_replays_nothing_outside_it(crm, sandbox):
    headers = {**ENGLISH, "Idempotency-Key": "the-same"}
    tried, earnest = sandbox.post("/v1/score", LIVE, headers), crm.post("/v1/score", LIVE, headers)
    assert "idempotent-replayed" not in earnest.headers
    assert tried.json()["receipt_id"] != earnest.json()["receipt_id"]
    assert "idempotent-replayed" in sandbox.post("/v1/score", LIVE, headers).headers


def test_an_outcome_of_the_sandbox_is_no_version_of_the_real_one(crm, tried):
    assert crm.post("/v1/outcomes", {"deal_id": "D-1", "status": "lost"}).json()["version"] == 1


def test_no_reader_of_the_store_sees_the_sandbox(crm, tried):
    store, firm = crm.store, crm.firm
    assert list(store.closed.closed_deals(firm)) == []
    assert list(store.closed.closed_deals(firm, snapshot="last_before_close")) == []
    assert list(store.closed.in_brief(firm)) == []
    assert dict(store.closed.without_outcome(firm)) == {}
    assert list(store.asked.deals(firm)) == []
    assert list(store.asked.open_deals(firm)) == []
    assert store.receipts.scored(firm, ["D-1"]) == set()
    assert list(store.receipts.of_deal(firm, "D-1")) == []
    record = crm.application.scoring.track_records.of(firm, default_policy())
    assert record is not None
    assert len(build_table(store.closed.in_brief(firm), default_policy())) == 0


def test_a_training_finds_nothing_in_it(crm, tried, tmp_path):
    workshop = Workshop(
        firm=crm.firm, policy=default_policy(), store=crm.store, shelf=None, tracking_uri=f"sqlite:///{tmp_path}/m.db"
    )
    with pytest.raises(NothingToTrainError):
        workshop.table()


def test_the_comparison_counts_none_of_it(crm, tried):
    report = crm.application.comparing.compare(crm.firm)
    assert (report.live, report.backtested, report.without_model_answer, report.without_profit) == (0, 0, 0, 0)
    assert sum(report.without_outcome.values()) == 0


def test_the_comparison_of_a_sandbox_key_is_of_the_sandbox_alone(crm, tried):
    crm.score(**{**LIVE, "deal_id": "D-2"})
    in_earnest, in_the_sandbox = (one.get("/v1/comparison").json() for one in (crm, tried))
    assert sum(in_earnest["without_outcome"].values()) == 1
    assert sum(in_the_sandbox["without_outcome"].values()) == 0


def test_it_is_no_history_of_a_client_in_earnest(crm, tried):
    for one in (crm, tried):
        one.score(deal_id="first", as_of="2020-01-01T00:00:00Z")
    crm.score(**{**LIVE, "deal_id": "D-2"})
    [receipt] = crm.application.scoring.of_deal(crm.firm, "D-2")
    assert (receipt.deal.won_deals_24m, receipt.deal.median_profit_24m) == (0, None)


def test_nor_does_it_see_the_history_of_the_real_firm(crm, sandbox):
    month_ago = (crm.application.clock() - timedelta(days=30)).isoformat()
    for one in (crm, sandbox):
        one.score(deal_id="first", as_of="2020-01-01T00:00:00Z")
    crm.score(**{**LIVE, "deal_id": "old"}, as_of="2021-01-01T00:00:00Z")
    crm.post("/v1/outcomes", {"deal_id": "old", "status": "won", "closed_at": month_ago, "realised_profit": 9_000})
    sandbox.score(**LIVE)
    [receipt] = crm.application.scoring.of_deal(f"{crm.firm}.sandbox", "D-1")
    assert receipt.deal.won_deals_24m == 0
