"""What pydantic found wrong, as field faults that never repeat the value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mlscore.http.problems import FieldFault, Problem, narrowed, pointer

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

_BOUNDS = {
    **{name: name for name in ("least", "most", "at_most", "right", "given", "choices")},
    "ge": "least",
    "le": "most",
    "max_length": "at_most",
}
_RIGHT: Mapping[str, str] = {
    "bool_type": "boolean",
    "bool_parsing": "boolean",
    "float_type": "number",
    "string_type": "text",
    "list_type": "list",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
}
_KINDS: Sequence[tuple[type | tuple[type, ...], str]] = (
    (bool, "boolean"),
    ((int, float), "number"),
    (str, "text"),
    (list, "list"),
    (dict, "object"),
    (type(None), "nothing"),
    (object, "other"),
)
_IN_QUERIES: Mapping[str, str] = {
    "bool_parsing": "field.wrong_type.query_boolean",
    "int_parsing": "field.invalid.query_number",
}
"""What a query can hold is text alone: neither null nor quotes are to be spoken of."""
_QUOTED = re.compile(r"'([^']*)'")


def validation_problem(found: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the problem of a request with faults, the first fifty of them listed."""
    return Problem(status=422, code="problem.validation", faults=list(islice(_faults(found), FAULTS_SHOWN)))


def _faults(found: Sequence[Mapping[str, Any]]) -> Iterator[FieldFault]:
    for fault in found:
        place, code = fault["loc"], _code(fault["type"])
        params = _params(fault)
        # The body itself: what is wrong is its shape, or that there is none.
        shape = "field.not_an_object" if tuple(place) == ("body",) else None
        said = shape or _IN_QUERIES.get(fault["type"]) or narrowed(code, place, params)
        yield FieldFault(pointer=_where(place), code=code, said=said, params=params)


def _params(fault: Mapping[str, Any]) -> dict[str, object]:
    """Return what fills the sentence: what would be right, and the kind of what came, never the value itself."""
    told = fault.get("ctx", {})
    params = {ours: told[theirs] for theirs, ours in _BOUNDS.items() if theirs in told}
    if fault["type"] in {"literal_error", "enum"}:
        params["choices"] = ", ".join(_QUOTED.findall(str(told.get("expected", ""))))
    if fault["type"] in _RIGHT:
        params["right"] = _RIGHT[fault["type"]]
    if "right" in params and "input" in fault:
        params.setdefault("given", kind_of(fault["input"]))
    return params


def kind_of(value: object) -> str:
    """Name the kind of a JSON value."""
    return next(kind for types, kind in _KINDS if isinstance(value, types))


def _where(place: Sequence[str | int]) -> str:
    if place and place[0] == "query":
        return pointer([f"?{pointer(place[1:2]).removeprefix('/')}"])
    return pointer(place[1:] if place and place[0] in {"body", "path", "header"} else place)


def _code(kind: str) -> str:
    if "." in kind:
        return kind
    return _CODES.get(kind, "field.wrong_type" if kind.endswith("_type") else "field.invalid")
