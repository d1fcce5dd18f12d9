"""Reads the tables of a document into the terms of a policy, noting everything that is wrong."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Union, get_args, get_type_hints

from mlscore.scoring.errors import Fault
from mlscore.scoring.policy.values import (
    SINGLE,
    Annotation,
    WrongValueError,
    kind_origin,
    read_single,
    shown,
    wrong_type,
)

_FAULTY = object()
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Part:
    """One table as far as it could be read: the values that are right and the defaults, by name."""

    kind: type
    key: str
    values: Mapping[str, Any]


class Reader:
    """Reads one document; `faults` collects what is wrong, `parts` every table met."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.parts: list[Part] = []

    def read(self, kind: Annotation, given: object, key: str, **bounds: object) -> object:
        """Read a value as its annotation says; without meaning once there are faults."""
        try:
            return self._value(kind, given, key, bounds)
        except WrongValueError as wrong:
            self.faults.append(Fault(key, wrong.code, wrong.params))
            return _FAULTY

    def _value(self, kind: Annotation, given: object, key: str, bounds: Mapping[str, Any]) -> object:
        origin = kind_origin(kind)
        if origin in (Union, types.UnionType):
            return self._either(kind, given, key, bounds)
        if origin is tuple:
            return self._list(get_args(kind)[0], given, key)
        if is_dataclass(kind):
            return self._table(kind, given, key)
        return read_single(kind, given, bounds)

    def _either(self, kind: Annotation, given: object, key: str, bounds: Mapping[str, Any]) -> object:
        arms = [arm for arm in get_args(kind) if arm is not types.NoneType]
        if given is None and len(arms) < len(get_args(kind)):
            return None
        for arm in arms:
            try:
                return self._value(arm, given, key, bounds)
            except WrongValueError as wrong:
                if wrong.code != "policy.wrong_type":
                    raise
        raise wrong_type(given, _kind_named(kind))

    def _list(self, kind: Annotation, given: object, key: str) -> object:
        if not isinstance(given, list | tuple):
            raise wrong_type(given, "list")
        bounds = {"not_empty": True} if kind is str else {}
        read = [self.read(kind, value, f"{key}[{i}]", **bounds) for i, value in enumerate(given)]
        return _FAULTY if any(value is _FAULTY for value in read) else tuple(read)

    def _table(self, kind: Annotation, given: object, key: str) -> object:
        if not isinstance(given, Mapping):
            raise wrong_type(given, "table")
        terms = {term.name: term for term in fields(kind)}
        for name in given:
            if name not in terms:
                right = nearest(name, terms)
                fault = Fault(_dotted(key, name), "policy.unknown_key", {"given": shown(name), "right": right})
                self.faults.append(fault)
        types_of = get_type_hints(kind)
        every = {name: self._term(term, types_of[name], given, _dotted(key, name)) for name, term in terms.items()}
        values = {name: value for name, value in every.items() if value is not _FAULTY}
        self.parts.append(Part(kind, key, values))
        return kind(**values) if len(values) == len(terms) else _FAULTY

    def _term(self, term: Field[Any], kind: Annotation, given: Mapping[str, object], key: str) -> object:
        if term.name in given:
            return self.read(kind, given[term.name], key, **term.metadata)
        if term.default is not MISSING:
            return term.default
        if is_dataclass(kind):  # an empty table gives its defaults, or names each of its own missing keys
            return self.read(kind, {}, key)
        self.faults.append(Fault(key, "policy.missing", {"right": _kind_named(kind)}))
        return _FAULTY


def nearest(given: object, known: Iterable[str]) -> str:
    """Return the known name most like the given one, or all of them where none is."""
    return (get_close_matches(str(given), known, n=1) or [", ".join(known)])[0]


def _dotted(key: str, name: object) -> str:
    own = name if isinstance(name, str) and _PLAIN_KEY.fullmatch(name) else shown(name)
    return f"{key}.{own}" if key else own


def _kind_named(kind: Annotation) -> str:
    origin = kind_origin(kind)
    if origin in (Union, types.UnionType):
        return "|".join(_kind_named(arm) for arm in get_args(kind) if arm is not types.NoneType)
    if origin is tuple:
        return "list"
    if is_dataclass(kind):
        return "table"
    return SINGLE[kind][0] if kind in SINGLE else "text"
