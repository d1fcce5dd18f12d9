"""batch: up to 50 commands in one request, a later one with what an earlier one found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mlscore.crm.bitrix24.fake.methods.answering import Answer, Params
from mlscore.crm.bitrix24.fake.php import Json, as_php, parse
from mlscore.crm.bitrix24.fake.refusals import PortalRefusedError, system

COMMANDS_AT_MOST = 50
_REFERENCE = re.compile(r"\$result\[([^\]]+)\]((?:\[[^\]]*\])*)")

Run = Callable[[str, Params], tuple[Answer, Mapping[str, Json]]]
"""Runs one command: its answer, and the time it took. Raises PortalRefusedError."""


def run_batch(params: Params, run: Run) -> Answer:
    """Run the commands in order. Raises PortalRefusedError where there are too many."""
    commands = params.get("cmd") or {}
    named = dict(enumerate(commands)) if isinstance(commands, list) else dict(commands)
    if len(named) > COMMANDS_AT_MOST:
        raise system("ERROR_BATCH_LENGTH_EXCEEDED")
    halts = str(params.get("halt", 0)) in {"1", "true", "True"}
    results: dict[str, Json] = {}
    refused, totals, following, times = {}, {}, {}, {}
    for name, command in ((str(key), str(one)) for key, one in named.items()):
        method, _, query = command.partition("?")
        try:
            if method == "batch":
                raise system("ERROR_BATCH_METHOD_NOT_ALLOWED")
            answer, times[name] = run(method, _filled(parse(query), results))
        except PortalRefusedError as refusal:
            refused[name] = refusal.body
            # Not granted to a command of a batch, it comes without a text.
            if refusal.code == "insufficient_scope":
                refused[name] = {**refusal.body, "error_description": ""}
            if halts:
                break
            continue
        results[name] = as_php(answer.result) if isinstance(answer.result, dict) else answer.result
        if answer.total is not None:
            totals[name] = answer.total
        if answer.next is not None:
            following[name] = answer.next
    parts = {
        "result": results,
        "result_error": refused,
        "result_total": totals,
        "result_next": following,
        "result_time": times,
    }
    return Answer({name: as_php(part) for name, part in parts.items()})


def _filled(value: Json, results: Mapping[str, Json]) -> Json:
    if isinstance(value, dict):
        return {key: _filled(one, results) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, results) for one in value]
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return _looked_up(whole, results)
    return _REFERENCE.sub(lambda one: str(_looked_up(one, results)), value)


def _looked_up(reference: re.Match[str], results: Mapping[str, Json]) -> Json:
    at: Json = results.get(reference[1])
    for part in re.findall(r"\[([^\]]*)\]", reference[2]):
        if isinstance(at, dict):
            at = at.get(part)
        elif isinstance(at, list) and part.isdigit() and int(part) < len(at):
            at = at[int(part)]
        else:
            return ""
    return "" if at is None else at
