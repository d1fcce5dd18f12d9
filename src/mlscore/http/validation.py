"""What pydantic found wrong, as field faults that never repeat the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mlscore.http.problems import FieldFault, Problem, pointer

FAULTS_SHOWN = 50

_CODES: Mapping[str, str] = {
    "missing": "field.missing",
    "extra_forbidden": "field.extra_forbidden",
    "finite_number": "field.not_finite",
    "literal_error": "field.bad_choice",
    "enum": "field.bad_choice",
    "string_too_long": "field.too_long",
    "string_too_short": "field.too_short",
    "too_long": "field.too_many",
    "too_short": "field.too_short",
    "less_than": "field.out_of_range",
    "less_than_equal": "field.out_of_range",
    "greater_than": "field.out_of_range",
    "greater_than_equal": "field.out_of_range",
    "string_unicode": "field.bad_text",
    "bool_parsing": "field.wrong_type",
}


def validation_problem(found: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the problem of a request with faults, the first fifty of them listed."""
    return Problem(status=422, code="problem.validation", faults=list(islice(_faults(found), FAULTS_SHOWN)))


def _faults(found: Sequence[Mapping[str, Any]]) -> Iterator[FieldFault]:
    for fault in found:
        yield FieldFault(pointer=_where(fault["loc"]), code=_code(fault["type"]))


def _where(place: Sequence[str | int]) -> str:
    if place and place[0] == "query":
        return pointer([f"?{pointer(place[1:2]).removeprefix('/')}"])
    return pointer(place[1:] if place and place[0] in {"body", "path", "header"} else place)


def _code(kind: str) -> str:
    if "." in kind:
        return kind
    return _CODES.get(kind, "field.wrong_type" if kind.endswith("_type") else "field.invalid")
