"""Reads the tables of a mapping that say what a row means; what is wrong is noted, all of it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from mlscore.crm.mapping.terms import OutcomeTerms, Source
from mlscore.scoring.errors import Fault, MappingError
from mlscore.scoring.policy.reading import Reader, nearest
from mlscore.scoring.policy.values import kind_of, shown

_PLACE = re.compile(r"(?P<detail>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)")


def read_file(file: Path) -> str:
    """Return the text of a mapping file. Raises MappingError where there is none."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MappingError([Fault(str(file), "mapping.unreadable", {"given": error.strerror})]) from None
    except UnicodeDecodeError:
        raise MappingError([Fault(str(file), "mapping.not_utf8")]) from None


def read_document(text: str, tables: Sequence[str], reader: Reader) -> Mapping[str, Any]:
    """Return the tables of a mapping; another than `tables` is noted. Raises MappingError where it is not TOML."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:  # tomllib lets giant numbers and nests through
        raise MappingError([_syntax_fault(text, str(error))]) from None
    for name in document:
        if name not in tables:
            right = nearest(name, tables)
            reader.faults.append(Fault(name, "policy.unknown_key", {"given": shown(name), "right": right}))
    return document


def _syntax_fault(text: str, why: str) -> Fault:
    place = _PLACE.fullmatch(why)
    if place is None:
        return Fault("document", "policy.syntax", {"given": why, "line": text.count("\n") + 1, "column": 1})
    params = {"given": place["detail"], "line": int(place["line"]), "column": int(place["column"])}
    return Fault("document", "policy.syntax", params)


def read_row_terms(reader: Reader, tables: Mapping[str, Any], *, within: str = "") -> dict[str, Any]:
    """Return `facts`, `extra` and `outcome`; `within` is the table they stand in, with its dot."""
    return {
        "facts": _sources(reader, tables.get("facts", {}), f"{within}facts"),
        "extra": _sources(reader, tables.get("extra", {}), f"{within}extra"),
        "outcome": _outcome(reader, tables.get("outcome"), f"{within}outcome"),
    }


def _sources(reader: Reader, given: object, key: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        reader.faults.append(Fault(key, "policy.wrong_type", {"given": kind_of(given), "right": "table"}))
        return {}
    return {name: reader.read(Source, long_form(v), f"{key}.{name}") for name, v in given.items()}


def _outcome(reader: Reader, given: object, key: str) -> object:
    if isinstance(given, Mapping):
        given = {name: long_form(v) for name, v in given.items()}
    return None if given is None else reader.read(OutcomeTerms, given, key)


def long_form(given: object) -> object:
    """Write `"column"` as a table, and a table of levels as the list the terms have."""
    if isinstance(given, str):
        return {"column": given}
    if isinstance(given, Mapping) and isinstance(given.get("levels"), Mapping):
        levels = [{"given": k, "means": v} for k, v in given["levels"].items()]
        return {**given, "levels": levels}
    return given


def row_faults(terms: Mapping[str, Any], *, within: str = "") -> list[Fault]:
    """Return what no single term of a row can tell; a table already faulty is passed over."""
    faults: list[Fault] = []
    for group in ("facts", "extra"):
        faults += [f for name, source in terms[group].items() for f in source_faults(source, f"{within}{group}.{name}")]
    return faults + _outcome_faults(terms["outcome"], f"{within}outcome") + _leaks(terms, within)


def _outcome_faults(outcome: object, key: str) -> list[Fault]:
    if not isinstance(outcome, OutcomeTerms):
        return []
    faults = []
    for name in ("realised_profit", "closed_at", "known_at"):
        faults += source_faults(getattr(outcome, name), f"{key}.{name}")
    status = outcome.status
    if (status.column is None) == (status.constant is None):
        faults.append(Fault(f"{key}.status", "mapping.one_of_two", {"right": "column, constant"}))
    if status.column is not None and not (status.won or status.lost):
        faults.append(Fault(f"{key}.status", "mapping.no_words", {"right": "won, lost"}))
    return faults


def _leaks(terms: Mapping[str, Any], within: str) -> list[Fault]:
    """Return the facts read from a column that is only filled in when the deal has ended."""
    outcome = terms["outcome"]
    if not isinstance(outcome, OutcomeTerms):
        return []
    profit = outcome.realised_profit
    known_late = {outcome.status.column, profit.column if profit else None} - {None}
    return [
        Fault(f"{within}{group}.{name}.column", "mapping.leak", {"given": shown(source.column)})
        for group in ("facts", "extra")
        for name, source in terms[group].items()
        if isinstance(source, Source) and source.column in known_late
    ]


def source_faults(source: object, key: str) -> list[Fault]:
    """Return what the terms of one source contradict each other in."""
    if not isinstance(source, Source):
        return []
    faults = []
    if (source.column is None) == (source.constant is None):
        faults.append(Fault(key, "mapping.one_of_two", {"right": "column, constant"}))
    if source.unit is not None and source.scale is not None:
        faults.append(Fault(key, "mapping.one_of_two", {"right": "unit, scale"}))
    return faults
