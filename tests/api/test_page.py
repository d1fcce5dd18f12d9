"""docs/api.md does what it says. `GOLDEN=write pytest tests/api/test_page.py` writes its answers and table anew."""

import json
import os
import re
from typing import Any

from mlscore.api.access import declared
from mlscore.http.access.doors import PUBLIC
from tests.api import pages

WRITES = os.environ.get("GOLDEN") == "write"


def written(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def variables_for(crm):
    return {"KEY": crm.key["Authorization"].removeprefix("Bearer "), "MLSCORE": pages.ADDRESS}


def run_all(crm):
    """Run every command of the page in its order, as one reader would."""
    variables, answers = variables_for(crm), []
    for place in range(len(pages.commands({}))):
        command = pages.commands(variables)[place]
        response = pages.run(command, crm)
        answers.append((command, response))
        if response.headers["content-type"] == "application/json" and "receipt_id" in response.json():
            variables.setdefault("RECEIPT", response.json()["receipt_id"])
    return answers


def test_every_command_of_the_page_does_what_it_says(crm):
    failed = [(command.url, response.text) for command, response in run_all(crm) if response.status_code != 200]
    assert failed == []


def is_of(method, path, ran_method, ran_path):
    return method == ran_method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), ran_path) is not None


def test_every_route_has_a_command_on_the_page(crm):
    described = crm.client.get("/openapi.json").json()["paths"]
    ran = [(command.method, command.url.removeprefix(pages.ADDRESS).split("?")[0]) for command, _ in run_all(crm)]
    doors = declared()
    wanted = [
        (method.upper(), path)
        for path, methods in described.items()
        for method in methods
        # No command shows the proof that the public doors of /v1 ask for: pages of their own speak of these.
        if not (path.startswith("/v1") and doors[f"{method.upper()} {path}"] == PUBLIC)
    ]
    assert [route for route in wanted if not any(is_of(*route, *one) for one in ran)] == []


def test_the_answer_on_the_page_is_the_one_that_comes(crm):
    command = pages.commands(variables_for(crm))[0]
    came = pages.run(command, crm).json()
    shown = json.loads(pages.blocks("json")[0])
    for told_once in ("receipt_id", "scored_at"):
        came[told_once] = shown[told_once]
    if WRITES:
        pages.put("json", 0, written(came))
    assert came == json.loads(pages.blocks("json")[0])


def test_the_problem_on_the_page_is_the_one_that_comes(crm):
    body = '{"deal_id": "D-17", "amount": "52 000", "colour": "red", "steamTph": 5}'
    response = crm.post_bytes("/v1/score", body.encode())
    assert body in pages.PAGE.read_text(encoding="utf-8")
    if WRITES:
        pages.put("json", 1, written(response.json()))
    assert response.json() == json.loads(pages.blocks("json")[1])


def test_the_table_of_facts_is_the_one_that_is_read(crm):
    if WRITES:
        pages.put_facts(pages.facts_as_described(crm))
    assert pages.facts_on_the_page() == pages.facts_as_described(crm)
