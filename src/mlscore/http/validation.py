"""What pydantic found wrong, as field faults that never repeat the value."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel

from mlscore.http.problems import FieldFault, Problem, narrowed, pointer
from mlscore.scoring.likeness import meant_by

FAULTS_SHOWN = 50
FAULTS_HINTED = 5
"""Of how many unknown names it is asked what was meant: who misspells more sends something else altogether."""

Asked: TypeAlias = Mapping[str, type[BaseModel]]
"""What a request is made of, by its part: `body`, `query`."""

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
_PARTS = frozenset({"body", "path", "header", "query"})
_QUOTED = re.compile(r"'([^']*)'")


def validation_problem(found: Sequence[Mapping[str, Any]], asked: Asked | None = None) -> Problem:
    """Return the problem of a request with faults, the first fifty of them listed.

    A place that begins with no part of a request is one in its body. Where it is told what was `asked` for, the first
    names nobody knows are told which of ours is most like them.
    """
    return Problem(
        status=422, code="problem.validation", faults=list(islice(_faults(found, asked or {}), FAULTS_SHOWN))
    )


def _faults(found: Sequence[Mapping[str, Any]], asked: Asked) -> Iterator[FieldFault]:
    hinted = 0
    for fault in found:
        place, code = fault["loc"], _code(fault["type"])
        params = _params(fault)
        if code == "field.extra_forbidden" and hinted < FAULTS_HINTED:
            hinted += 1
            meant = meant_by(str(place[-1]), _known_at(place, asked))
            params |= {"meant": meant} if meant else {}
        # The body itself: what is wrong is its shape, or that there is none.
        shape = "field.not_an_object" if tuple(place) == ("body",) else None
        said = shape or _IN_QUERIES.get(fault["type"]) or narrowed(code, place, params)
        yield FieldFault(pointer=_where(place), code=code, said=said, params=params)


def _known_at(place: Sequence[str | int], asked: Asked) -> Collection[str]:
    """Return the names known where an unknown one stands."""
    part, within = (place[0], place[1:-1]) if place[0] in _PARTS else ("body", place[:-1])
    model = asked.get(str(part))
    for name in within:
        declared = model.model_fields.get(str(name)) if model else None
        model = next(_models(declared.annotation), None) if declared else None
    return model.model_fields if model else ()


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one


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
    return pointer(place[1:] if place and place[0] in _PARTS else place)


def _code(kind: str) -> str:
    if "." in kind:
        return kind
    return _CODES.get(kind, "field.wrong_type" if kind.endswith("_type") else "field.invalid")
