"""Reads an import mapping from TOML; what is wrong is noted, all of it at once."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from mlscore.crm.csv_file.terms import TAB, FileTerms, IdTerms, JoinTerms, MappingTerms, OutcomeTerms, Source
from mlscore.scoring.errors import Fault, MappingError
from mlscore.scoring.policy.reading import Reader, nearest
from mlscore.scoring.policy.values import kind_of, shown

_PLACE = re.compile(r"(?P<detail>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)")
_TABLES = ("file", "id", "facts", "extra", "join", "outcome")


def read_mapping(file: Path) -> MappingTerms:
    """Read a mapping file. Raises MappingError with every fault of its shape."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MappingError([Fault(str(file), "mapping.unreadable", {"given": error.strerror})]) from None
    except UnicodeDecodeError:
        raise MappingError([Fault(str(file), "mapping.not_utf8")]) from None
    return read_mapping_text(text)


def read_mapping_text(text: str) -> MappingTerms:
    """Read a mapping. Raises MappingError with every fault of its shape."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:  # tomllib lets giant numbers and nests through
        raise MappingError([_syntax_fault(text, str(error))]) from None
    reader = Reader()
    for name in document:
        if name not in _TABLES:
            right = nearest(name, _TABLES)
            reader.faults.append(Fault(name, "policy.unknown_key", {"given": shown(name), "right": right}))
    terms: dict[str, Any] = {
        "id": reader.read(IdTerms, document.get("id", {}), "id"),
        "file": reader.read(FileTerms, document.get("file", {}), "file"),
        "facts": _sources(reader, document.get("facts", {}), "facts"),
        "extra": _sources(reader, document.get("extra", {}), "extra"),
        "joins": _joins(reader, document.get("join", [])),
        "outcome": _outcome(reader, document.get("outcome")),
    }
    faults = [*reader.faults, *_contradictions(terms)]
    if faults:
        raise MappingError(faults)
    return MappingTerms(**terms)


def _syntax_fault(text: str, why: str) -> Fault:
    place = _PLACE.fullmatch(why)
    if place is None:
        return Fault("document", "policy.syntax", {"given": why, "line": text.count("\n") + 1, "column": 1})
    params = {"given": place["detail"], "line": int(place["line"]), "column": int(place["column"])}
    return Fault("document", "policy.syntax", params)


def _sources(reader: Reader, given: object, key: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        reader.faults.append(Fault(key, "policy.wrong_type", {"given": kind_of(given), "right": "table"}))
        return {}
    return {name: reader.read(Source, _long_form(v), f"{key}.{name}") for name, v in given.items()}


def terms_and_folders(file: Path, mapping: Path | MappingTerms) -> tuple[MappingTerms, Sequence[Path]]:
    """Return a file's mapping, and the folders its side files are looked for in: beside it, then beside the mapping.

    Raises MappingError as `read_mapping` does.
    """
    if isinstance(mapping, MappingTerms):
        return mapping, (file.parent,)
    return read_mapping(mapping), (file.parent, mapping.parent)


def _joins(reader: Reader, given: object) -> object:
    tables = [_long_form(v) for v in given] if isinstance(given, list) else given
    return reader.read(tuple[JoinTerms, ...], tables, "join")


def _outcome(reader: Reader, given: object) -> object:
    if isinstance(given, Mapping):
        given = {name: _long_form(v) for name, v in given.items()}
    return None if given is None else reader.read(OutcomeTerms, given, "outcome")


def _long_form(given: object) -> object:
    """Write `"column"` as a table, and a table of levels as the list the terms have."""
    if isinstance(given, str):
        return {"column": given}
    if isinstance(given, Mapping) and isinstance(given.get("levels"), Mapping):
        levels = [{"given": k, "means": v} for k, v in given["levels"].items()]
        return {**given, "levels": levels}
    return given


def _contradictions(terms: Mapping[str, Any]) -> list[Fault]:
    """Return what no single term can tell; a table already faulty is passed over."""
    ids = terms["id"]
    faults = []
    if isinstance(ids, IdTerms) and (ids.column is None) == (not ids.hash):
        faults.append(Fault("id", "mapping.one_of_two", {"right": "column, hash"}))
    faults += _file_faults(terms["file"], terms["joins"])
    for group in ("facts", "extra"):
        faults += [f for name, source in terms[group].items() for f in _source_faults(source, f"{group}.{name}")]
    return faults + _outcome_faults(terms["outcome"]) + _leaks(terms)


def _file_faults(file: object, joins: object) -> list[Fault]:
    faults = []
    if isinstance(file, FileTerms):
        faults += _writing_faults(file.encoding, file.delimiter, "file")
        if file.decimal == file.thousands:
            faults.append(Fault("file.thousands", "mapping.same_as_decimal"))
    for i, join in enumerate(joins if isinstance(joins, tuple) else ()):
        faults += _writing_faults(join.encoding or "utf-8", join.delimiter or ",", f"join[{i}]")
    return faults


def _outcome_faults(outcome: object) -> list[Fault]:
    if not isinstance(outcome, OutcomeTerms):
        return []
    faults = []
    for name in ("realised_profit", "closed_at", "known_at"):
        faults += _source_faults(getattr(outcome, name), f"outcome.{name}")
    status = outcome.status
    if (status.column is None) == (status.constant is None):
        faults.append(Fault("outcome.status", "mapping.one_of_two", {"right": "column, constant"}))
    if status.column is not None and not (status.won or status.lost):
        faults.append(Fault("outcome.status", "mapping.no_words", {"right": "won, lost"}))
    return faults


def _leaks(terms: Mapping[str, Any]) -> list[Fault]:
    """Return the facts read from a column that is only filled in when the deal has ended."""
    outcome = terms["outcome"]
    if not isinstance(outcome, OutcomeTerms):
        return []
    profit = outcome.realised_profit
    known_late = {outcome.status.column, profit.column if profit else None} - {None}
    return [
        Fault(f"{group}.{name}.column", "mapping.leak", {"given": shown(source.column)})
        for group in ("facts", "extra")
        for name, source in terms[group].items()
        if isinstance(source, Source) and source.column in known_late
    ]


def _writing_faults(encoding: str, delimiter: str, key: str) -> list[Fault]:
    faults = []
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        faults.append(Fault(f"{key}.encoding", "mapping.unknown_encoding", {"given": shown(encoding)}))
    if delimiter != TAB and (len(delimiter) != 1 or delimiter == '"'):
        faults.append(Fault(f"{key}.delimiter", "mapping.bad_delimiter", {"given": shown(delimiter)}))
    return faults


def _source_faults(source: object, key: str) -> list[Fault]:
    if not isinstance(source, Source):
        return []
    faults = []
    if (source.column is None) == (source.constant is None):
        faults.append(Fault(key, "mapping.one_of_two", {"right": "column, constant"}))
    if source.unit is not None and source.scale is not None:
        faults.append(Fault(key, "mapping.one_of_two", {"right": "unit, scale"}))
    return faults
