"""What a method answers, and the book of methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlscore.crm.bitrix24.fake.editing import Editor
from mlscore.crm.bitrix24.fake.php import Json

Params = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Answer:
    """A method's result; lists have a total, and a next where there is more."""

    result: Json
    total: int | None = None
    next: int | None = None


Method = Callable[[Editor, Params], Answer]
METHODS: dict[str, tuple[str, Method]] = {}
"""Every method by its name, with the scope it needs."""


def method(name: str, *, scope: str = "crm") -> Callable[[Method], Method]:
    """Enter a function into the book of methods."""

    def enter(function: Method) -> Method:
        METHODS[name] = (scope, function)
        return function

    return enter
