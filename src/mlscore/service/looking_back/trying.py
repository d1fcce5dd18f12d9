"""Tries another policy on a firm's past before anything changes: the time machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import tomlkit
from tomlkit import TOMLDocument

from mlscore.scoring.deal import Deals
from mlscore.scoring.policy import Policy
from mlscore.scoring.replay import History, Replay, replay
from mlscore.service.looking_back.past import Past

MONEY = ("overhead_month", "floor", "min_amount")
COUNTS = ("closed_capacity",)
MODES = ("ladder", "count")
ROUTES = ("review", "reject", "deal")
TEXTS = ("text_ru", "text_en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a policy is tried; money in whole units, None leaves a term out, criteria and industries by code."""

    economics: Mapping[str, Decimal | None]
    mode: str
    urgent_days: Decimal
    nontarget: str
    criteria: Mapping[str, Decimal]
    industries: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The closed deals, priced, and the open ones, counted, under today's policy and another one."""

    closed: Replay
    open: Replay


def with_changes(document: str, asked: Asked) -> str:
    """Return a policy's document with what is asked for written into it; everything else stays, comments too.

    What it says is not checked here: `read_policy_text` says what is wrong with it.
    """
    made = tomlkit.parse(document)
    for name, value in asked.economics.items():
        _write(made["economics"], name, value)
    _write(made["grading"], "mode", asked.mode)
    _write(made["grading"], "urgent_days", asked.urgent_days)
    _write(made, "nontarget_client_request", asked.nontarget)
    for criterion in _rows(made, "criteria"):
        if criterion["code"] in asked.criteria:
            _write(criterion, "value", asked.criteria[criterion["code"]])
    for industry in _rows(made, "industries"):
        _write(industry, "target", industry["code"] in asked.industries)
    return tomlkit.dumps(made)


def with_texts(document: str, texts: Mapping[tuple[str, str], str]) -> str:
    """Return a policy's document with criteria said in other words, by code and key (`text_ru`, `text_en`)."""
    made = tomlkit.parse(document)
    for criterion in _rows(made, "criteria"):
        for key in TEXTS:
            text = texts.get((criterion["code"], key), "").strip()
            if text:
                _write(criterion, key, text)
    return tomlkit.dumps(made)


def try_on(past: Past, opened: Deals, after: Policy) -> Tried:
    """Replay the past, and the deals that are open, under another policy."""
    known = np.ones(len(past), dtype=np.bool_)
    unknown = np.zeros(len(opened), dtype=np.bool_)
    closed = History(deals=past.deals, closed=known, won=past.won, profit=past.profit)
    still_open = History(deals=opened, closed=unknown, won=unknown, profit=np.full(len(opened), np.nan))
    return Tried(closed=replay(closed, past.policy, after), open=replay(still_open, past.policy, after))


def differences(before: str, after: str) -> Sequence[tuple[str, object, object]]:
    """Return which terms differ between two documents: each with what it was and is, None where it was not there."""
    old, new = (dict(_flat(tomlkit.parse(one).unwrap())) for one in (before, after))
    keys = dict.fromkeys([*old, *new])
    return [(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def _flat(table: object, key: str = "") -> list[tuple[str, object]]:
    """Return every value of a document by its dotted key; rows of a list are named by their code."""
    if isinstance(table, Mapping):
        return [one for name, value in table.items() for one in _flat(value, f"{key}.{name}" if key else name)]
    if isinstance(table, list) and table and all(isinstance(row, Mapping) for row in table):
        named = [(f"{key}.{row.get('code', place)}", row) for place, row in enumerate(table)]
        return [one for name, row in named for one in _flat({k: v for k, v in row.items() if k != "code"}, name)]
    return [(key, table)]


def _rows(document: TOMLDocument, name: str) -> Sequence[Any]:
    return document.get(name, [])


def _write(table: Any, name: str, value: object) -> None:  # noqa: ANN401 - a table of any kind
    """Write a value where it differs, so that what was written by hand stays as it was."""
    if value is None:
        table.pop(name, None)
        return
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if name not in table or table[name] != value:
        table[name] = value
