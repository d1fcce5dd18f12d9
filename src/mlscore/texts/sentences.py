"""Says a message code as a sentence of the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import TypeAlias

from babel.messages.pofile import read_po

from mlscore.texts.formats import UNKNOWN, formatted
from mlscore.texts.languages import Language

Piece: TypeAlias = tuple[str, str | None, str]
"""Words as they stand, then the name and the kind of the value after them, if any."""

Writer: TypeAlias = Callable[[object, Language, str], str]
"""Writes a value in a language; money of a currency."""


class UnknownCodeError(LookupError):
    """A code is in no catalogue: add it to `ru.po` and `en.po`."""


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return every sentence of a language by its code, as it stands in the catalogue."""
    with files(__package__).joinpath(f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language, abort_invalid=True)
    return {str(message.id): str(message.string) for message in messages if message.id and message.string}


@cache
def pieces(code: str, language: Language) -> tuple[Piece, ...]:
    """Return a sentence in pieces; raises UnknownCodeError for a code that is in no catalogue."""
    if code not in catalogue(language):
        raise UnknownCodeError(code)
    parsed = Formatter().parse(catalogue(language)[code])
    return tuple((words, name, kind or "") for words, name, kind, _ in parsed)


def say(code: str, language: Language, /, *, currency: str = "RUB", **params: object) -> str:
    """Return the sentence of a code, its values written as the language does; money in minor units of `currency`.

    An answer is worth more than its words: a code in no catalogue is said as itself, a value not given as a dash.
    """
    parts = _writers(code, language)
    if parts is None:
        return code
    said = []
    for words, name, write in parts:
        said.append(words)
        if name is not None:
            said.append(write(params.get(name), language, currency))
    return "".join(said)


@cache
def _writers(code: str, language: Language) -> tuple[tuple[str, str | None, Writer], ...] | None:
    """Return a sentence in pieces with what writes each value, None for a code that is in no catalogue."""
    if code not in catalogue(language):
        return None
    return tuple(
        (words, name, _SAID_BY_CODE.get(kind) or _written_as(kind)) for words, name, kind in pieces(code, language)
    )


@cache
def _written_as(kind: str) -> Writer:
    def write(value: object, language: Language, currency: str) -> str:
        if isinstance(value, bool):
            return say("answer.yes" if value else "answer.no", language)
        return formatted(value, kind, language, currency)

    return write


def _fact(name: object, language: Language, _: str) -> str:
    """Name a fact; a custom one, which has no code, as it is given."""
    code = f"fact.{name}"
    return say(code, language) if code in catalogue(language) else str(name)


def _kinds(names: object, language: Language, _: str) -> str:
    return " / ".join(say(f"kind.{name}", language) for name in str(names).split("|"))


def _exception(kind: object, language: Language, _: str) -> str:
    return say(f"exception.{kind}", language)


def _least(amount: object, language: Language, currency: str) -> str:
    """Say a lower limit, or nothing where none is set."""
    return "" if amount is None else say("limit.least", language, currency=currency, amount=amount)


def _points(effect: object, language: Language, currency: str) -> str:
    if effect is None:
        return UNKNOWN
    return say("unit.points", language, points=formatted(effect, "points", language, currency))


_SAID_BY_CODE: Mapping[str, Writer] = {
    "fact": _fact,
    "kind": _kinds,
    "exception": _exception,
    "least": _least,
    "points": _points,
}
KINDS = frozenset({*_SAID_BY_CODE, "", "number", "percent", "money", "date", "moment"})
"""What may stand after the colon of a placeholder: `{profit:money}`."""
