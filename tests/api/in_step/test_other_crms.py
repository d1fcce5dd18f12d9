"""The examples of docs/other-crms.md do what they say, against the service and a small receiver in place of the CRM."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest

from mlscore.service.telling import new_secret, sign
from tests.api.calling import GOOD
from tests.api.in_step.reaching import listening, reached
from tests.service.telling.receivers import Receiver, receiving

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "docs/other-crms"
GUID = "00aa00aa-bb11-cc22-dd33-44ee44ee44ee"


def the_example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def address(crm):
    """Give an address at which the service is reached over a real connection."""
    with reached(crm.client) as url:
        yield url


@pytest.fixture
def followed(crm, address, tmp_path, monkeypatch):
    """Give what writes the feed into a CRM, and the CRM."""
    with receiving(Receiver(statuses=[200])) as receiver:
        key = crm.key["Authorization"].removeprefix("Bearer ")
        for name, value in {"MLSCORE": address, "KEY": key, "CRM_URL": receiver.url, "CRM_TOKEN": "its-token"}.items():
            monkeypatch.setenv(name, value)
        example = the_example("follow_feed")
        yield lambda to: example.go_on(example.WRITERS[to], tmp_path / "kept.json"), receiver


def test_scores_are_written_into_amocrm_as_fields_of_the_lead(crm, followed):
    follow, receiver = followed
    crm.score(deal_id="759", **GOOD)
    assert follow("amocrm") is False
    [got] = receiver.got
    assert (got.method, got.path) == ("PATCH", "/api/v4/leads/759")
    assert got.headers["authorization"] == "Bearer its-token"
    fields = {one["field_id"]: one["values"][0]["value"] for one in got.json["custom_fields_values"]}
    assert fields[101] == "accept"
    assert fields[103]
    assert 102 not in fields  # the model is not relied on yet


def test_scores_are_written_into_hubspot_as_properties_of_the_deal(crm, followed):
    follow, receiver = followed
    crm.score(deal_id="512", **GOOD)
    follow("hubspot")
    [got] = receiver.got
    assert (got.method, got.path) == ("PATCH", "/crm/v3/objects/deals/512")
    assert set(got.json["properties"]) == {"mlscore_verdict", "mlscore_probability", "mlscore_reason"}


def test_a_chance_is_written_into_dynamics_as_the_predictive_score_of_the_opportunity(crm):
    score = crm.score(deal_id=GUID, **GOOD)
    writer = the_example("follow_feed").to_dynamics
    assert writer(score) is None  # there is no chance to write
    score["model"] |= {"abstained": False, "probability": 0.634}
    method, path, body = writer(score)
    assert method == "PATCH"
    assert path == (
        f"/api/data/v9.0/msdyn_predictivescores(msdyn_entityid=%27{GUID}%27,msdyn_entitytype=%27opportunity%27)"
    )
    assert body == {"msdyn_score": 63, "msdyn_scoretrend": 3, "msdyn_grade": 0}


def test_the_feed_is_followed_from_where_it_stood_and_a_crm_that_refuses_is_asked_again(crm, followed):
    follow, receiver = followed
    crm.score(deal_id="1")
    follow("amocrm")
    crm.score(deal_id="2")
    receiver.statuses = [200, 503, 200]
    with pytest.raises(HTTPError):
        follow("amocrm")
    follow("amocrm")
    assert [got.path for got in receiver.got] == [f"/api/v4/leads/{one}" for one in (1, 2, 2)]


def test_of_several_scores_of_a_deal_the_last_one_is_written(crm, followed):
    follow, receiver = followed
    crm.score(deal_id="1")
    crm.score(deal_id="1", **GOOD)
    follow("hubspot")
    [got] = receiver.got
    assert got.json["properties"]["mlscore_verdict"] == "accept"


def test_what_a_deal_shows_already_is_not_written_again(crm, followed):
    follow, receiver = followed
    for _ in range(3):  # each writing makes the CRM tell of the deal once more
        crm.score(deal_id="1", **GOOD)
        follow("amocrm")
    assert len(receiver.got) == 1


# What a receiver of webhooks does.


@pytest.fixture
def received(monkeypatch):
    """Give a receiver of webhooks made by the example, and its secret."""
    secret = new_secret()
    monkeypatch.setenv("SECRET", secret)
    example = the_example("receive_webhook")
    example.Receiver.log_message = lambda *_: None
    with listening(example.Receiver) as url:
        yield url, secret


def test_a_receiver_takes_what_is_signed_once_and_nothing_else(crm, received, capsys):
    url, secret = received
    example = the_example("tell_events")
    body = {"type": "score.created", "data": crm.score(deal_id="D-7", **GOOD)}
    for using in (secret, secret, new_secret()):
        signed = sign("r-1", crm.application.clock(), json.dumps(body).encode(), [using])
        request = example.urllib.request.Request(url, json.dumps(body).encode(), signed)
        if using == secret:
            assert example.urllib.request.urlopen(request).status == 204
        else:
            with pytest.raises(HTTPError, match="401"):
                example.urllib.request.urlopen(request)
    assert capsys.readouterr().out.count("D-7 accept") == 1


# What tells of deals.


@pytest.fixture
def told(crm, address):
    """Give what sends an event, signed with the secret of a webhook of the firm."""
    hook = crm.store.webhooks.create(crm.firm, "crm", url=None, secret=new_secret(), at=crm.application.clock())
    example = the_example("tell_events")
    return example, lambda event: example.tell(event, f"{address}/v1/events/{hook.webhook_id}", hook.secret)


LEAD = {
    "id": 759,
    "updated_at": 1736405807,
    "status_id": 57,
    "price": 52_000,
    "custom_fields_values": [
        {"field_id": 7, "field_name": "Отрасль", "values": [{"value": "dairy"}]},
        {"field_id": 8, "field_name": "Бюджет выделен", "values": [{"value": True}]},
    ],
}


def test_a_lead_of_amocrm_is_scored_when_it_changes_and_recorded_when_it_closes(crm, told):
    example, tell = told
    form = urlencode({"leads[update][0][id]": "759", "leads[update][0][custom_fields][0][id]": "7", "account[id]": "1"})
    assert example.changed_in_amocrm(form.encode()) == ["759"]
    said = tell(example.event_of_amocrm(LEAD))
    assert said["score"]["deal_id"] == "759"
    assert tell(example.event_of_amocrm(LEAD)) == said
    assert crm.application.scoring.of_deal(crm.firm, "759")[0].deal.amount == 5_200_000
    closed = tell(example.event_of_amocrm({**LEAD, "status_id": 142}))
    assert (closed["outcome"]["status"], closed["outcome"]["scored"]) == ("won", True)


def test_a_lead_that_changed_twice_in_a_second_is_scored_twice(crm, told):
    example, tell = told
    first, second = (tell(example.event_of_amocrm({**LEAD, "price": price})) for price in (1, 2))
    assert first["score"]["receipt_id"] != second["score"]["receipt_id"]


DEAL = {"id": "512", "properties": {"dealstage": "presentationscheduled", "amount": "52000.50",
                                    "hs_lastmodifieddate": "2026-03-02T10:00:00Z", "budget_allocated": ""}}  # fmt: skip


def test_a_deal_of_hubspot_whose_properties_are_texts_is_scored_and_recorded(crm, told):
    example, tell = told
    assert tell(example.event_of_hubspot(DEAL))["score"]["deal_id"] == "512"
    deal = crm.application.scoring.of_deal(crm.firm, "512")[0].deal
    assert (deal.amount, deal.budget_allocated) == (5_200_050, None)
    lost = {**DEAL, "properties": {**DEAL["properties"], "dealstage": "closedlost"}}
    assert tell(example.event_of_hubspot(lost))["outcome"]["status"] == "lost"


def test_the_page_names_every_example_and_every_command_it_names_is_there():
    page = (ROOT / "docs/other-crms.md").read_text(encoding="utf-8")
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(re.findall(r"other-crms/(\w+\.py)\)", page))
