"""Events of any CRM: done once by their id, with a key, or signed in the form of Standard Webhooks."""

import json
from base64 import b64encode
from datetime import timedelta

import pytest

from mlscore.service.telling import new_secret, sign
from tests.api.calling import ENGLISH, GOOD, faults_of, key_of, served_by
from tests.fakes import FixedChampions, InMemoryLedger, Outage

CHANGED = {"id": "evt-1", "type": "deal.changed", "data": {"deal": {"deal_id": "D-1", **GOOD}}}
CLOSED = {"id": "evt-2", "type": "deal.closed", "data": {"outcome": {"deal_id": "D-1", "status": "won"}}}


def receipts_of(crm, deal_id="D-1"):
    return [receipt.receipt_id for receipt in crm.application.scoring.of_deal(crm.firm, deal_id)]


def test_a_changed_deal_is_scored_and_its_receipt_answered(crm):
    said = crm.post("/v1/events", CHANGED).json()
    assert (said["id"], said["type"], said["outcome"]) == ("evt-1", "deal.changed", None)
    assert said["score"] == crm.get(f"/v1/scores/{said['score']['receipt_id']}").json()


def test_a_closed_deal_is_recorded(crm):
    crm.score()
    said = crm.post("/v1/events", CLOSED).json()
    assert said["score"] is None
    assert (said["outcome"]["status"], said["outcome"]["version"], said["outcome"]["scored"]) == ("won", 1, True)


def test_an_event_that_is_scored_is_timed_as_any_other_deal(crm):
    with served_by(crm, FixedChampions()) as other:
        other.post("/v1/events", CHANGED)
        counted = other.client.get("/metrics").text
    assert "mlscore_score_duration_seconds_count 1.0" in counted
    assert "mlscore_queue_wait_seconds_count 1.0" in counted


def test_the_same_event_again_is_answered_alike_and_done_once(crm):
    first, again = crm.post("/v1/events", CHANGED), crm.post("/v1/events", CHANGED)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert len(receipts_of(crm)) == 1


def test_another_event_under_the_same_id_is_refused(crm):
    crm.post("/v1/events", CHANGED)
    answer = crm.post("/v1/events", {**CHANGED, "data": {"deal": {"deal_id": "D-2"}}})
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


def test_an_event_id_and_an_idempotency_key_of_the_same_letters_do_not_meet(crm):
    assert crm.post("/v1/score", {"deal_id": "D-7"}, {**ENGLISH, "Idempotency-Key": "evt-1"}).status_code == 200
    assert crm.post("/v1/events", CHANGED).json()["score"]["deal_id"] == "D-1"


def test_an_event_cut_off_after_its_score_was_kept_leads_to_the_same_receipt(crm):
    first = crm.post("/v1/events", CHANGED).json()
    with served_by(crm, FixedChampions(), ledger=InMemoryLedger()) as restarted:  # the claim has lapsed
        assert restarted.post("/v1/events", CHANGED).json() == first
    assert receipts_of(crm) == [first["score"]["receipt_id"]]


def test_a_score_that_was_not_kept_may_be_asked_for_again(crm):
    broken = {**CHANGED, "data": {"deal": {"deal_id": "D-1", "as_of": "2199-01-01T00:00:00Z"}}}
    answer = crm.post("/v1/events", broken)
    assert faults_of(answer) == [("/data/deal/as_of", "future_time")]
    assert crm.post("/v1/events", CHANGED).status_code == 200


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        ({**CHANGED, "data": {}}, ("/data/deal", "missing")),
        ({**CHANGED, "data": CLOSED["data"]}, ("/data/deal", "missing")),
        ({**CLOSED, "data": CHANGED["data"] | CLOSED["data"]}, ("/data/deal", "extra_forbidden")),
        ({**CHANGED, "data": CHANGED["data"] | CLOSED["data"]}, ("/data/outcome", "extra_forbidden")),
        ({**CHANGED, "type": "deal.sang"}, ("/type", "bad_choice")),
        ({**CHANGED, "data": {"deal": {"deal_id": "D-1", "amount": "ten"}}}, ("/data/deal/amount", "wrong_type")),
        ({"type": "deal.changed", "data": CHANGED["data"]}, ("/id", "missing")),
        ({**CHANGED, "firm": "another"}, ("/firm", "extra_forbidden")),
        (
            {**CLOSED, "data": {"outcome": {"deal_id": "D-1", "status": "lost", "realised_profit": 1}}},
            ("/data/outcome/realised_profit", "lost_with_profit"),
        ),
    ],
)
def test_what_is_wrong_with_an_event_is_pointed_at(crm, event, fault):
    answer = crm.post("/v1/events", event)
    assert (answer.status_code, faults_of(answer)) == (422, [fault])


def test_a_key_that_may_only_score_closes_no_deal(crm):
    scorer = key_of(crm, scopes={"score"})
    answer = crm.client.post("/v1/events", json=CLOSED, headers=scorer)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert crm.client.post("/v1/events", json=CHANGED, headers=scorer).status_code == 200


def test_what_a_sandbox_key_sends_stays_apart(crm):
    sandbox = key_of(crm, sandbox=True)
    tried = crm.client.post("/v1/events", json=CHANGED, headers=sandbox).json()["score"]["receipt_id"]
    assert crm.post("/v1/events", CHANGED).json()["score"]["receipt_id"] != tried
    assert crm.get(f"/v1/scores/{tried}").status_code == 404


def test_while_the_store_is_away_the_sender_is_asked_to_come_again(crm):
    with served_by(crm, FixedChampions(), ledger=InMemoryLedger(outage=Outage(is_on=True))) as struck:
        answer = struck.post("/v1/events", CHANGED)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_forgetting_a_deal_takes_the_answers_to_its_events_away_too(crm):
    crm.post("/v1/events", CHANGED)
    erased = crm.store.forgetting.forget(crm.firm, "D-1", at=crm.application.clock())
    assert erased.answers == 1


# Signed events.


@pytest.fixture
def hook(crm):
    """Give a webhook by which the firm's CRM tells of deals."""
    return crm.store.webhooks.create(crm.firm, "crm", url=None, secret=new_secret(), at=crm.application.clock())


def signed(crm, hook, event, *, message_id="msg-1", late=timedelta(), using=None, **headers):
    body = json.dumps({name: value for name, value in event.items() if name != "id"}).encode()
    at = crm.application.clock() - late
    said = sign(message_id, at, body, [using or hook.secret])
    return crm.client.post(
        f"/v1/events/{hook.webhook_id}",
        content=body,
        headers={**ENGLISH, "Content-Type": "application/json", **said, **headers},
    )


def test_a_signed_event_is_the_firms_own(crm, hook):
    said = signed(crm, hook, CHANGED)
    assert said.status_code == 200, said.text
    assert said.json()["id"] == "msg-1"
    assert receipts_of(crm) == [said.json()["score"]["receipt_id"]]


def test_a_message_that_comes_twice_is_answered_alike_and_done_once(crm, hook):
    first, again = (signed(crm, hook, CHANGED, late=timedelta(seconds=n)) for n in (0, 60))
    assert (again.status_code, again.content) == (200, first.content)
    assert len(receipts_of(crm)) == 1


@pytest.mark.parametrize("minutes", [-6, 6, 24 * 60])
def test_a_message_of_another_time_is_refused(crm, hook, minutes):
    answer = signed(crm, hook, CHANGED, late=timedelta(minutes=minutes))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_admitted")


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_be_a_little_apart(crm, hook, minutes):
    assert signed(crm, hook, CHANGED, late=timedelta(minutes=minutes)).status_code == 200


@pytest.mark.parametrize(
    "forged",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1," + b64encode(b"x" * 32).decode()},
        {"webhook-signature": "v2,abc v1a,abc"},
        {"webhook-id": "another"},
        {"webhook-id": "with space"},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "1"},
    ],
)
def test_a_forged_message_is_refused_without_a_word_of_why(crm, hook, forged):
    answer = signed(crm, hook, CHANGED, **forged)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_admitted")
    with pytest.raises(Exception, match="not been scored"):
        receipts_of(crm)


def test_every_way_of_being_refused_looks_the_same(crm, hook):
    other = crm.store.webhooks.create(
        crm.firm, "told", url="https://x.example", secret=new_secret(), at=hook.created_at
    )
    ended = crm.store.webhooks.create(crm.firm, "old", url=None, secret=new_secret(), at=hook.created_at)
    crm.store.webhooks.end(crm.firm, ended.webhook_id, at=hook.created_at)
    answers = [signed(crm, one, CHANGED) for one in (other, ended)]
    answers.append(signed(crm, hook, CHANGED, using=new_secret()))
    answers.append(
        crm.client.post("/v1/events/none", content=b"x", headers={**ENGLISH, "Content-Type": "application/json"})
    )
    assert {(one.status_code, one.content) for one in answers} == {(401, answers[0].content)}


def test_while_a_secret_is_exchanged_both_sign(crm, hook):
    new, now = new_secret(), crm.application.clock()
    crm.store.webhooks.rotate(crm.firm, hook.webhook_id, secret=new, at=now, grace=timedelta(days=1))
    assert signed(crm, hook, CHANGED, message_id="a").status_code == 200
    assert signed(crm, hook, CHANGED, message_id="b", using=new).status_code == 200
    assert signed(crm, hook, CHANGED, message_id="c", using=new_secret()).status_code == 401


def test_a_secret_whose_grace_is_over_signs_no_more(crm, hook):
    yesterday = crm.application.clock() - timedelta(days=1)
    crm.store.webhooks.rotate(crm.firm, hook.webhook_id, secret=new_secret(), at=yesterday, grace=timedelta(hours=1))
    assert signed(crm, hook, CHANGED).status_code == 401


def test_what_is_wrong_with_a_signed_event_is_told_to_who_signed_it(crm, hook):
    answer = signed(crm, hook, {**CHANGED, "type": "deal.sang"})
    assert faults_of(answer) == [("/type", "bad_choice")]


def test_the_same_message_id_from_two_webhooks_is_two_events(crm, hook):
    other = crm.store.webhooks.create(crm.firm, "other", url=None, secret=new_secret(), at=hook.created_at)
    assert [signed(crm, one, CHANGED).status_code for one in (hook, other)] == [200, 200]
    assert len(receipts_of(crm)) == 2
