"""Tells mlscore of deals that changed or closed in amoCRM or HubSpot. An example: copy it, change what is mapped.

Each event is signed with the secret of a webhook made by `mlscore webhooks create amocrm`. Its id names the state of
the deal: the same state told twice is scored once.
"""

import base64
import hashlib
import hmac
import json
import re
import time
import urllib.request
from typing import Any
from urllib.parse import parse_qs

WON, LOST = 142, 143
"""amoCRM's statuses of closed leads, in every pipeline."""

_LEAD = re.compile(r"leads\[\w+\]\[\d+\]\[id\]")


def changed_in_amocrm(form: bytes) -> list[str]:
    """Return the leads a webhook of amoCRM is about, `leads[update][0][id]=...`; fetch them yourself."""
    said = parse_qs(form.decode())
    return [values[0] for name, values in said.items() if _LEAD.fullmatch(name)]


def event_of_amocrm(lead: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a lead as `GET /api/v4/leads/{id}` answers it: its `price` is the amount."""
    deal_id = str(lead["id"])
    if lead["status_id"] in {WON, LOST}:
        outcome = {"deal_id": deal_id, "status": "won" if lead["status_id"] == WON else "lost"}
        return named("deal.closed", lead["updated_at"], outcome=outcome)
    fields = {field["field_name"]: field["values"][0]["value"] for field in lead["custom_fields_values"] or []}
    deal = {
        "deal_id": deal_id,
        "amount": lead["price"] or None,  # 0 is what amoCRM shows where nobody has said yet
        "industry": fields.get("Отрасль"),
        "need_defined": fields.get("Потребность определена"),
        "budget_allocated": fields.get("Бюджет выделен"),
    }
    return named("deal.changed", lead["updated_at"], deal=deal)


def event_of_hubspot(deal: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a deal as `GET /crm/v3/objects/deals/{id}` answers it: its properties are texts."""
    said = deal["properties"]
    deal_id = str(deal["id"])
    if said["dealstage"] in {"closedwon", "closedlost"}:
        outcome = {"deal_id": deal_id, "status": said["dealstage"].removeprefix("closed")}
        return named("deal.closed", said["hs_lastmodifieddate"], outcome=outcome)
    facts = {
        "deal_id": deal_id,
        "amount": float(said["amount"]) if said.get("amount") else None,
        "industry": said.get("industry") or None,
        "budget_allocated": {"true": True, "false": False}.get(said.get("budget_allocated") or ""),
    }
    return named("deal.changed", said["hs_lastmodifieddate"], deal=facts)


def named(kind: str, version: object, **data: dict[str, Any]) -> dict[str, Any]:
    """Return an event whose id stands for the state of the deal: CRMs count by the second, so for its facts too."""
    state = json.dumps([version, data], sort_keys=True)
    return {"id": hashlib.sha256(state.encode()).hexdigest(), "type": kind, "data": data}


def tell(event: dict[str, Any], url: str, secret: str) -> dict[str, Any]:
    """Send an event to `/v1/events/{webhook_id}`, signed; raises HTTPError: after 429 and 5xx come again later."""
    body, at = json.dumps(event).encode(), str(int(time.time()))
    signed = f"{event['id']}.{at}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": event["id"],
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
        return json.load(answer)
