"""Reads an import mapping from TOML; what is wrong is noted, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlscore.crm.csv_file.terms import TAB, FileTerms, IdTerms, JoinTerms, MappingTerms
from mlscore.crm.mapping import long_form, read_document, read_file, read_row_terms, row_faults
from mlscore.scoring.errors import Fault, MappingError
from mlscore.scoring.policy.reading import Reader
from mlscore.scoring.policy.values import shown

_TABLES = ("file", "id", "facts", "extra", "join", "outcome")


def read_mapping(file: Path) -> MappingTerms:
    """Read a mapping file. Raises MappingError with every fault of its shape."""
    return read_mapping_text(read_file(file))


def read_mapping_text(text: str) -> MappingTerms:
    """Read a mapping. Raises MappingError with every fault of its shape."""
    reader = Reader()
    document = read_document(text, _TABLES, reader)
    terms: dict[str, Any] = {
        "id": reader.read(IdTerms, document.get("id", {}), "id"),
        "file": reader.read(FileTerms, document.get("file", {}), "file"),
        "joins": _joins(reader, document.get("join", [])),
        **read_row_terms(reader, document),
    }
    faults = [*reader.faults, *_contradictions(terms)]
    if faults:
        raise MappingError(faults)
    return MappingTerms(**terms)


def terms_and_folders(file: Path, mapping: Path | MappingTerms) -> tuple[MappingTerms, Sequence[Path]]:
    """Return a file's mapping, and the folders its side files are looked for in: beside it, then beside the mapping.

    Raises MappingError as `read_mapping` does.
    """
    if isinstance(mapping, MappingTerms):
        return mapping, (file.parent,)
    return read_mapping(mapping), (file.parent, mapping.parent)


def _joins(reader: Reader, given: object) -> object:
    tables = [long_form(v) for v in given] if isinstance(given, list) else given
    return reader.read(tuple[JoinTerms, ...], tables, "join")


def _contradictions(terms: Mapping[str, Any]) -> list[Fault]:
    """Return what no single term can tell; a table already faulty is passed over."""
    ids = terms["id"]
    faults = []
    if isinstance(ids, IdTerms) and (ids.column is None) == (not ids.hash):
        faults.append(Fault("id", "mapping.one_of_two", {"right": "column, hash"}))
    return faults + _file_faults(terms["file"], terms["joins"]) + row_faults(terms)


def _file_faults(file: object, joins: object) -> list[Fault]:
    faults = []
    if isinstance(file, FileTerms):
        faults += _writing_faults(file.encoding, file.delimiter, "file")
        if file.decimal == file.thousands:
            faults.append(Fault("file.thousands", "mapping.same_as_decimal"))
    for i, join in enumerate(joins if isinstance(joins, tuple) else ()):
        faults += _writing_faults(join.encoding or "utf-8", join.delimiter or ",", f"join[{i}]")
    return faults


def _writing_faults(encoding: str, delimiter: str, key: str) -> list[Fault]:
    faults = []
    try:
        "".encode(encoding)  # knows a codec that is not of texts, such as rot13
    except (LookupError, ValueError):
        faults.append(Fault(f"{key}.encoding", "mapping.unknown_encoding", {"given": shown(encoding)}))
    if delimiter != TAB and (len(delimiter) != 1 or delimiter == '"'):
        faults.append(Fault(f"{key}.delimiter", "mapping.bad_delimiter", {"given": shown(delimiter)}))
    return faults
