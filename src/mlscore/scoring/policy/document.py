"""Reads a policy from the TOML document a manager edits."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import cast

from mlscore.scoring.deal import FACTS, MINOR_UNITS, Kind
from mlscore.scoring.errors import Fault, PolicyError
from mlscore.scoring.policy.checking import check
from mlscore.scoring.policy.reading import Reader
from mlscore.scoring.policy.terms import Criterion, Policy

_PLACE = re.compile(r"(?P<detail>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)")


def read_policy_text(text: str) -> Policy:
    """Read a policy from TOML; raises PolicyError with every fault at once."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:  # tomllib lets giant numbers and nests through
        place = _PLACE.fullmatch(str(error))
        line = int(place["line"]) if place else text.count("\n") + 1
        column = int(place["column"]) if place else 1
        params = {"given": place["detail"] if place else str(error), "line": line, "column": column}
        raise PolicyError([Fault("document", "policy.syntax", params)]) from None
    return read_policy(document)


def read_policy(document: Mapping[str, object]) -> Policy:
    """Read a policy from tables; raises PolicyError with every fault at once.

    Money is written in whole units of the policy's currency, with at most two decimals, and carried in minor units.
    """
    reader = Reader()
    policy = reader.read(Policy, document, "")
    faults = [*reader.faults, *check(reader.parts)]
    if faults:
        raise PolicyError(faults)
    read = cast("Policy", policy)
    return replace(read, criteria=tuple(_in_minor_units(criterion) for criterion in read.criteria))


def default_document() -> str:
    """Return the TOML of the article's firm.

    It lies in the package as a file, so that a manager can read, copy and edit it: the one thing scoring reads.
    """
    return files(__package__).joinpath("default.toml").read_text(encoding="utf-8")


@cache
def default_policy() -> Policy:
    """Return the policy of the article's firm."""
    return read_policy_text(default_document())


def _in_minor_units(criterion: Criterion) -> Criterion:
    fact = FACTS.get(criterion.field)
    if fact is None or fact.kind is not Kind.MONEY:
        return criterion
    return replace(criterion, value=float(Decimal(str(criterion.value)) * MINOR_UNITS))
