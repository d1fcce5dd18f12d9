"""Two firms, every route: nothing of one is told to the other, whatever its key, body, query or headers say."""

import re
from datetime import timedelta

import pytest

from mlscore.api.access import declared
from mlscore.http.access.doors import PUBLIC
from tests.api.calling import ENGLISH, GOOD, Crm

MARK = "Рога-и-копыта"
DEAL = f"deal-{MARK}"
FACTS = {**GOOD, "company_id": f"company-{MARK}", "request_text": f"text {MARK}", "region": f"region-{MARK}"}
NAMES_THEIRS = re.compile(r"\{(receipt|deal)_id\}")
NAMES_NOTHING = re.compile(r"^[^{]*$|\{name\}(/ready)?$")
"""Doors of the firm's own: the protocol calls every firm's model by one name."""
CLAIMS = {"X-Firm": "{firm}", "Firm": "{firm}", "X-Forwarded-Firm": "{firm}"}


@pytest.fixture
def seeded(crm: Crm) -> tuple[Crm, str]:
    """Give a firm with a policy, a score and an outcome of its own, and the id of that score."""
    crm.apply_policy(
        crm.application.policies.current(crm.firm).document.replace("closed_capacity = 100", "closed_capacity = 77")
    )
    receipt = crm.score(deal_id=DEAL, **FACTS)["receipt_id"]
    crm.post("/v1/outcomes", {"deal_id": DEAL, "status": "won", "realised_profit": 12_345})
    return crm, receipt


def asked_by(other: Crm, door: str, firm: str, receipt: str):
    """Ask at a door for the other firm's data, with every claim a request can make."""
    method, path = door.split()
    path = path.format(receipt_id=receipt, deal_id=DEAL, name="mlscore", version="none-of-theirs")
    headers = {**ENGLISH, **{name: value.format(firm=firm) for name, value in CLAIMS.items()}}
    if method == "GET":
        return other.get(path, headers)
    if path == "/v1/outcomes":
        return other.post(path, {"deal_id": DEAL, "status": "lost"}, headers)
    deal = {"deal_id": "mine", "company_id": FACTS["company_id"]}
    if path == "/v1/events":
        return other.post(path, {"id": "the-same", "type": "deal.changed", "data": {"deal": deal}}, headers)
    return other.post(path, {"deals": [deal]} if path.endswith("batch") else deal, headers)


@pytest.mark.parametrize("door", sorted(door for door, scope in declared().items() if scope != PUBLIC))
def test_no_door_shows_a_firm_what_is_anothers(seeded, other_crm, door):
    crm, receipt = seeded
    answer = asked_by(other_crm, door, crm.firm, receipt)
    told = answer.text
    assert answer.status_code == (200 if NAMES_NOTHING.search(door) else 404), told
    assert not any(
        secret in told for secret in (receipt, f"company-{MARK}", f"text {MARK}", crm.firm, "closed_capacity = 77")
    )
    if NAMES_THEIRS.search(door):
        assert (
            told == asked_by(other_crm, door.replace("{receipt_id}", "none").replace("{deal_id}", "none"), "", "").text
        )


@pytest.mark.parametrize(
    "door", sorted(door for door, scope in declared().items() if scope != PUBLIC and NAMES_THEIRS.search(door))
)
def test_the_firm_itself_finds_it(seeded, door):
    crm, receipt = seeded
    assert receipt in asked_by(crm, door, crm.firm, receipt).text


@pytest.mark.parametrize("path", ["/v1/score", "/v1/outcomes"])
def test_no_body_names_a_firm(seeded, other_crm, path):
    crm, _ = seeded
    body = {"deal_id": "D-1", "firm": crm.firm} | ({"status": "won"} if path == "/v1/outcomes" else {})
    assert other_crm.post(path, body).status_code == 422


@pytest.mark.parametrize("query", ["?firm={firm}", "?include=&firm={firm}"])
def test_no_query_names_a_firm(seeded, other_crm, query):
    crm, _ = seeded
    assert other_crm.post("/v1/score" + query.format(firm=crm.firm), {"deal_id": "D-1"}).status_code == 422


def test_an_outcome_told_by_another_firm_changes_nothing_here(seeded, other_crm):
    crm, _ = seeded
    other_crm.post("/v1/outcomes", {"deal_id": DEAL, "status": "lost"})
    again = crm.post("/v1/outcomes", {"deal_id": DEAL, "status": "won", "realised_profit": 12_345}).json()
    assert again["version"] == 1


def test_an_idempotency_key_of_another_firm_replays_nothing(seeded, other_crm):
    crm, _ = seeded
    headers = {**ENGLISH, "Idempotency-Key": "the-same"}
    body = {"deal_id": "D-2", **GOOD}
    mine = crm.post("/v1/score", body, headers).json()
    theirs = other_crm.post("/v1/score", body, headers)
    assert "idempotent-replayed" not in theirs.headers
    assert theirs.json()["receipt_id"] != mine["receipt_id"]


def test_what_another_firm_knows_of_a_company_counts_for_nothing(crm, other_crm):
    month_ago = (crm.application.clock() - timedelta(days=30)).isoformat()
    for one in (crm, other_crm):
        one.score(deal_id="first", as_of="2020-01-01T00:00:00Z")
    crm.score(deal_id="won", company_id="C-1", as_of="2021-01-01T00:00:00Z")
    crm.post("/v1/outcomes", {"deal_id": "won", "status": "won", "closed_at": month_ago, "realised_profit": 9_000})
    for one in (crm, other_crm):
        one.score(deal_id="now", company_id="C-1")
    known = [one.application.scoring.of_deal(one.firm, "now")[0].deal.won_deals_24m for one in (crm, other_crm)]
    assert known == [1, 0]
