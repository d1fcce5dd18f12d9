"""`mlscore score FILE`: a whole file of deals, rules and model side by side."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, TextIO

import typer

from mlscore.cli.console import err, progress, refusing
from mlscore.scoring.deal import MINOR_UNITS, Deal
from mlscore.scoring.receipt import Receipt

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One line of the answer; money in whole units of the policy's currency."""

    deal_id: str
    verdict: str
    grade: str
    route: str
    fire: bool | None
    profit_if_won: float | None
    missing: str
    probability: float | None
    expected_profit: float | None
    within_capacity: bool | None
    abstained_because: str | None
    action: str
    decided_by: str


def score(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or Parquet file, one row a deal.")],
    mapping: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What the columns mean; without it they are named as facts."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write CSV here instead of printing it.")] = None,
) -> None:
    """Score every deal of a file and write one CSV row each; nothing is kept.

    Without --mapping the columns must be named as the facts are (deal_id, steam_tph, amount, ...), in their units.
    """
    from mlscore.bootstrap import build_service
    from mlscore.crm.csv_file import facts_by_name, read_history, reject_file, write_rejects

    with refusing() as settings, build_service(settings) as application, progress() as bars:
        reading = bars.add_task("reading", total=None)
        found = read_history(
            file,
            mapping=mapping or facts_by_name(file),
            policy=application.policies.current(settings.firm).policy,
            now=application.clock(),
            progress=lambda rows: bars.update(reading, completed=rows),
        )
        deals = [past.deal for past in found.deals]
        scoring = bars.add_task("scoring", total=len(deals))
        with _opened(out) as stream:
            writer = csv.DictWriter(stream, fieldnames=list(ScoredRow.__dataclass_fields__), lineterminator="\n")
            writer.writeheader()
            for chunk in _chunks(deals):
                receipts = application.scoring.score(settings.firm, chunk, include=(), dry_run=True)
                writer.writerows(asdict(_row(receipt)) for receipt in receipts)
                bars.advance(scoring, len(chunk))
    rejects = write_rejects(found, reject_file(file))
    if rejects:
        err.print(f"[yellow]{found.rejected} rows were set aside with their reasons: {rejects}[/yellow]")


def _opened(out: Path | None) -> AbstractContextManager[TextIO]:
    return nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8", newline="")


def _chunks(deals: Sequence[Deal]) -> Iterator[Sequence[Deal]]:
    for start in range(0, len(deals), CHUNK):
        yield deals[start : start + CHUNK]


def _row(receipt: Receipt) -> ScoredRow:
    rule, model, decision = receipt.answer.rule, receipt.answer.model, receipt.answer.decision
    profit = rule.economics.profit_if_won
    expected = None if model is None else model.expected_profit
    return ScoredRow(
        deal_id=receipt.deal.deal_id,
        verdict=rule.verdict,
        grade=rule.grade,
        route=rule.route,
        fire=rule.fire,
        profit_if_won=None if profit is None else profit / MINOR_UNITS,
        missing=" ".join(rule.missing),
        probability=None if model is None else round(model.probability, 4),
        expected_profit=None if expected is None else round(expected / MINOR_UNITS, 2),
        within_capacity=None if model is None else model.within_capacity,
        abstained_because=None if model is None else model.abstained_because,
        action=decision.action,
        decided_by=decision.decided_by,
    )
