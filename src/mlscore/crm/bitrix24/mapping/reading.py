"""Reads `mapping.toml` of a portal; what is wrong is noted, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlscore.crm.bitrix24.mapping.terms import (
    GOODS,
    GOODS_COLUMNS,
    KNOWN_LATE,
    SEMANTIC,
    USER_FIELD,
    KindTerms,
    MoveTerms,
    PortalTerms,
    WriteTerms,
)
from mlscore.crm.mapping import StyleTerms, read_document, read_file, read_row_terms, row_faults
from mlscore.scoring.errors import Fault, MappingError
from mlscore.scoring.policy.reading import Reader, nearest
from mlscore.scoring.policy.values import kind_of, shown

_TABLES = ("style", "deal", "lead", "write", "moves")
_ROW_TABLES = ("facts", "extra", "outcome")
_ENDED = {"column": SEMANTIC, "won": ["S"], "lost": ["F"], "open": ["P"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelTerms:
    """Which funnels' items are scored, by number: all where none is named."""

    funnels: tuple[int, ...] = ()


def read_portal_mapping(file: Path) -> PortalTerms:
    """Read a portal's mapping. Raises MappingError with every fault of its shape."""
    return read_portal_mapping_text(read_file(file))


def read_portal_mapping_text(text: str) -> PortalTerms:
    """Read a portal's mapping. Raises MappingError with every fault of its shape."""
    reader = Reader()
    document = read_document(text, _TABLES, reader)
    terms: dict[str, Any] = {
        "style": reader.read(StyleTerms, document.get("style", {}), "style"),
        "write": reader.read(WriteTerms, document.get("write", {}), "write"),
        "moves": reader.read(MoveTerms, document.get("moves", {}), "moves"),
    }
    kinds = {kind: _kind(reader, document[kind], kind) for kind in ("deal", "lead") if kind in document}
    faults = [*reader.faults, *_write_faults(terms["write"], terms["moves"])]
    for kind, rows in kinds.items():
        faults += [*row_faults(rows, within=f"{kind}."), *_column_faults(rows, terms["write"], kind)]
    if not kinds:
        faults.append(Fault("deal", "policy.missing", {"right": "table"}))
    if faults:
        raise MappingError(faults)
    terms |= {kind: KindTerms(**rows) for kind, rows in kinds.items()}
    return PortalTerms(**terms)


def _kind(reader: Reader, given: object, kind: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        reader.faults.append(Fault(kind, "policy.wrong_type", {"given": kind_of(given), "right": "table"}))
        given = {}
    outcome = given.get("outcome", {})
    if kind == "lead" and outcome:  # a lead that ended is not a deal that did
        reader.faults.append(Fault("lead.outcome", "policy.unknown_key", {"right": "facts, extra"}))
    if isinstance(outcome, Mapping):
        if "status" in outcome:  # which stages are final, and how, is the portal's own to say
            right = "realised_profit, closed_at, known_at"
            reader.faults.append(Fault(f"{kind}.outcome.status", "policy.unknown_key", {"right": right}))
        outcome = {"closed_at": "movedTime", **outcome, "status": _ENDED} if kind == "deal" else None
    tables = {"facts": given.get("facts", {}), "extra": given.get("extra", {}), "outcome": outcome}
    rest = {name: value for name, value in given.items() if name not in _ROW_TABLES}
    funnels = reader.read(FunnelTerms, rest, kind)
    read = read_row_terms(reader, tables, within=f"{kind}.")
    return {**read, "funnels": funnels.funnels if isinstance(funnels, FunnelTerms) else ()}


def _write_faults(write: object, moves: object) -> list[Fault]:
    if not isinstance(write, WriteTerms):
        return []
    faults, seen = [], dict[str, str]()
    for key, name in write.fields.items():
        if not name.startswith(USER_FIELD):
            faults.append(Fault(f"write.{key}", "mapping.not_a_user_field", {"given": shown(name)}))
        elif name in seen:
            faults.append(Fault(f"write.{key}", "policy.duplicate", {"given": shown(name), "right": seen[name]}))
        seen.setdefault(name, f"write.{key}")
    if isinstance(moves, MoveTerms) and moves != MoveTerms() and write.route is None:
        faults.append(Fault("moves", "mapping.moves_without_route"))
    return faults


def _column_faults(rows: Mapping[str, Any], write: object, kind: str) -> list[Fault]:
    """Return the facts read from what is no field, from what is known too late, or from our own answer."""
    own = frozenset(write.fields.values()) if isinstance(write, WriteTerms) else frozenset()
    faults = []
    if "as_of" in rows["facts"]:  # a moment of the portal's would be another than the one it was read at
        faults.append(Fault(f"{kind}.facts.as_of", "policy.unknown_fact", {"given": '"as_of"', "right": "created_at"}))
    for group in ("facts", "extra"):
        for name, source in rows[group].items():
            column = getattr(source, "column", None)
            if column is None:
                continue
            key = f"{kind}.{group}.{name}.column"
            if column in own:
                faults.append(Fault(key, "mapping.own_answer", {"given": shown(column)}))
            elif column in KNOWN_LATE - {SEMANTIC}:  # the semantic is the status's own column, told of already
                faults.append(Fault(key, "mapping.leak", {"given": shown(column)}))
            elif column.startswith(f"{GOODS}.") and column not in GOODS_COLUMNS:
                right = nearest(column, GOODS_COLUMNS)
                faults.append(Fault(key, "mapping.unknown_column", {"given": shown(column), "right": right}))
    return faults
