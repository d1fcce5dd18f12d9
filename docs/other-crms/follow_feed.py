"""Follows the feed of mlscore and writes every score into a CRM. An example: copy it, change it, run one of it.

Set MLSCORE (its address), KEY, CRM_URL and CRM_TOKEN, then: python follow_feed.py amocrm kept.json

The file keeps the cursor, and what was written into each deal last. So no score is missed, and one that shows what the
deal shows already is not written: a CRM tells of every change, ours too, and the two would never come to rest.
"""

import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

SECONDS = 5
FIELDS = {"verdict": 101, "probability": 102, "reason": 103}
"""The ids of amoCRM's own fields: Settings > Fields shows them."""

Score = dict[str, Any]


def call(method: str, url: str, token: str, body: object = None) -> Any:
    """Ask for something with a token; raises HTTPError, whose status says whether to come again."""
    sent = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, sent, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def shown(score: Score) -> tuple[str, float | None, str]:
    """Return what a seller is to see: what to do, the probability in percent where the model is relied on, and why."""
    model, reasons = score["model"], score["rule"]["reasons"]
    is_relied_on = model is not None and not model["abstained"]
    percent = round(100 * model["probability"], 1) if is_relied_on else None
    return score["decision"]["action"], percent, " ".join(reason["text"] for reason in reasons[-3:])


def to_amocrm(score: Score) -> tuple[str, str, object]:
    """Write own fields of a lead; amoCRM calls deals leads."""
    action, percent, why = shown(score)
    values = {FIELDS["verdict"]: action, FIELDS["reason"]: why[:250]}
    values |= {} if percent is None else {FIELDS["probability"]: percent}
    fields = [{"field_id": field, "values": [{"value": value}]} for field, value in values.items()]
    return "PATCH", f"/api/v4/leads/{quote(score['deal_id'])}", {"custom_fields_values": fields}


def to_hubspot(score: Score) -> tuple[str, str, object]:
    """Write own properties of a deal; make them first, in Settings > Properties."""
    action, percent, why = shown(score)
    chance = "" if percent is None else percent
    said = {"mlscore_verdict": action, "mlscore_probability": chance, "mlscore_reason": why}
    return "PATCH", f"/crm/v3/objects/deals/{quote(score['deal_id'])}", {"properties": said}


def to_dynamics(score: Score) -> tuple[str, str, object] | None:
    """Write the predictive score of an opportunity, 0-100; the deal is named by its GUID. No chance, no score."""
    _, percent, _ = shown(score)
    if percent is None:
        return None
    named = f"msdyn_entityid='{score['deal_id']}',msdyn_entitytype='opportunity'"
    grades = {"AAA": 0, "BBB": 1, "CCC": 2}
    said = {"msdyn_score": round(percent), "msdyn_scoretrend": 3, "msdyn_grade": grades.get(score["rule"]["grade"], 3)}
    return "PATCH", f"/api/data/v9.0/msdyn_predictivescores({quote(named, safe='=,')})", said


WRITERS: dict[str, Callable[[Score], tuple[str, str, object] | None]] = {
    "amocrm": to_amocrm,
    "hubspot": to_hubspot,
    "dynamics": to_dynamics,
}


def go_on(write: Callable[[Score], tuple[str, str, object] | None], file: Path) -> bool:
    """Write the next scores of the feed; tell whether there are more."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"since": "0", "written": {}}
    page = call("GET", f"{os.environ['MLSCORE']}/v1/scores?since={kept['since']}&limit=50", os.environ["KEY"])
    newest = {score["deal_id"]: score for score in page["scores"]}  # of several scores of a deal the last one counts
    for deal_id, score in newest.items():
        asked = write(score)
        if asked is not None and kept["written"].get(deal_id) != asked[2]:
            method, path, body = asked
            call(method, os.environ["CRM_URL"] + path, os.environ["CRM_TOKEN"], body)
            kept["written"][deal_id] = body
    file.write_text(json.dumps({**kept, "since": page["next"]}), encoding="utf-8")
    return page["has_more"]


if __name__ == "__main__":
    while True:
        if not go_on(WRITERS[sys.argv[1]], Path(sys.argv[2])):
            time.sleep(SECONDS)
