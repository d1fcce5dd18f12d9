"""What `mlscore score` writes: one row a deal, put in its place when it is whole."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import tri
from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.explanation import missing_of_every
from mlscore.scoring.rules import GRADES, ROUTES
from mlscore.scoring.verdict import VERDICTS
from mlscore.service.files import Scored

Columns = Mapping[str, Sequence[Any]]
Write = Callable[[Columns], None]

_OF_RULES = ("deal_id", "verdict", "grade", "route", "fire", "profit_if_won", "missing")
_NAMES = (*_OF_RULES, "probability", "expected_profit", "within_capacity", "abstained_because", "action", "decided_by")
_NUMBERS = frozenset(("profit_if_won", "probability", "expected_profit"))
_YES_OR_NO = frozenset(("fire", "within_capacity"))
_ANSWERS = np.array([False, True, None], dtype=object)
_PROBABILITY_DIGITS, _MONEY_DIGITS = 4, 2


def columns_of(scored: Scored) -> Columns:
    """Return what is written of every deal; money in whole units of the policy's currency."""
    judged, answers = scored.rules, scored.model
    nothing = [None] * len(judged)
    return {
        "deal_id": judged.facts.text("deal_id").tolist(),
        "verdict": _named(VERDICTS, judged.verdict),
        "grade": _named(GRADES, judged.bant.official),
        "route": _named(ROUTES, judged.lead.route),
        "fire": _yes_or_no(judged.lead.fire),
        "profit_if_won": _known(judged.economy.profit / MINOR_UNITS),
        "missing": [" ".join(names) for names in missing_of_every(judged)],
        "probability": nothing if answers is None else _known(answers.probability, _PROBABILITY_DIGITS),
        "expected_profit": nothing if answers is None else _known(answers.expected_profit / MINOR_UNITS, _MONEY_DIGITS),
        "within_capacity": nothing if answers is None else _yes_or_no(answers.within_capacity),
        "abstained_because": nothing if answers is None else answers.why_it_abstains.tolist(),
        "action": _named(VERDICTS, scored.actions),
        "decided_by": scored.decided_by.tolist(),
    }


@contextmanager
def opened(out: Path | None) -> Iterator[Write]:
    """Open what is written to: the output, or a file that takes its name only when all went well."""
    if out is None:
        yield _csv(sys.stdout)
        return
    part = out.with_name(f".{out.name}.part")
    try:
        if out.suffix.casefold() in (".parquet", ".pq"):
            with _parquet(part) as write:
                yield write
        else:
            with part.open("w", encoding="utf-8", newline="") as stream:
                yield _csv(stream)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _csv(stream: TextIO) -> Write:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_NAMES)

    def write(columns: Columns) -> None:
        writer.writerows(zip(*(columns[name] for name in _NAMES), strict=True))

    return write


@contextmanager
def _parquet(part: Path) -> Iterator[Write]:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {**dict.fromkeys(_NUMBERS, pa.float64()), **dict.fromkeys(_YES_OR_NO, pa.bool_())}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in _NAMES])
    with parquet.ParquetWriter(part, schema) as writer:
        yield lambda columns: writer.write_table(pa.table(dict(columns), schema=schema))


def _named(names: Sequence[str], codes: NDArray[np.intp]) -> list[str]:
    return [str(names[code]) for code in codes.tolist()]


def _yes_or_no(answers: tri.Tri) -> list[bool | None]:
    found: list[bool | None] = _ANSWERS[tri.position(answers)].tolist()
    return found


def _known(numbers: NDArray[np.float64], digits: int | None = None) -> list[float | None]:
    values = numbers.tolist()
    if digits is not None:
        values = [round(value, digits) for value in values]
    return [None if isnan(value) else value for value in values]
