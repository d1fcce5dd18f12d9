"""The report for the screen and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.table import Table

from training.tables import known_or_none, narrow_table
from training.watch.observation import Standing
from training.watch.report import Report

FACTS_SHOWN = 10
SELLERS_SHOWN = 10
_COLOURS = {Standing.OK: "green", Standing.WARN: "yellow", Standing.ALARM: "red", Standing.CANNOT_SAY: "dim"}


def tables(report: Report) -> Iterator[Table]:
    """Yield what was found, then the facts that moved most, then the sellers whose figures came true least."""
    yield _of_checks(report)
    if report.drifts:
        yield _of_facts(report)
    if report.sellers:
        yield _of_sellers(report)


def as_json(report: Report) -> str:
    """Write the whole report; a figure that cannot be said is null."""
    written = asdict(report) | {
        "standing": report.standing,
        "drifts": [asdict(drift) | {"standing": report.standing_of(drift)} for drift in report.drifts],
        "sellers": [asdict(one) | {"standing": report.standing_of_seller(one)} for one in report.sellers],
        "staleness": asdict(report.staleness) | {"share": report.staleness.share},
    }
    return json.dumps(_plain(written), indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def _plain(value: Any) -> Any:  # noqa: ANN401 - what JSON holds may be of any kind
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return known_or_none(value)


def _told(standing: Standing) -> str:
    return f"[{_COLOURS[standing]}]{standing}[/]"


def _of_checks(report: Report) -> Table:
    known = report.learned - report.before
    title = (
        f"{report.firm}, model {report.model_version}, learned until {report.learned_until:%Y-%m-%d}: "
        f"{report.before} deals it learned from against {report.window}"
        + (f" ({known} as new were learned from too, and are no part of the former)" if known else "")
    )
    table = Table("check", "", "found", title=title, title_justify="left")
    for one in report.observations:
        table.add_row(one.check, _told(one.standing), escape(one.sentence))
    return table


def _of_facts(report: Report) -> Table:
    table = narrow_table(f"The facts that moved most, of {len(report.drifts)}: as learned -> lately")
    table.add_column("fact", no_wrap=True)
    for heading in ("PSI", "chance", "KS", "unknown"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("moved most")
    table.add_column("", no_wrap=True)
    for drift in report.drifts[:FACTS_SHOWN]:
        ks = "" if drift.ks is None else f"{drift.ks:.2f}"
        unknown = f"{100 * drift.unknown_then:.0f} -> {drift.unknown_now:.0%}"
        figures = (f"{drift.psi:.3f}", f"{drift.psi_by_chance:.3f}", ks, unknown)
        table.add_row(drift.fact, *figures, escape(drift.moved), _told(report.standing_of(drift)))
    return table


def _of_sellers(report: Report) -> Table:
    table = narrow_table(
        f"Won deals: realised over stated profit (ratio) and where it lies 99 times in 100, the lowest of "
        f"{len(report.sellers) - 1} sellers"
    )
    table.add_column("seller")
    for heading in ("deals", "stated", "realised", "ratio", "99 %", "others"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in report.sellers[: SELLERS_SHOWN + 1]:
        money = (f"{one.stated:,.0f}", f"{one.realised:,.0f}")
        ratios = (
            f"{one.ratio:.2f}",
            f"{one.low:.2f} - {one.high:.2f}",
            "" if one.others is None else f"{one.others:.2f}",
        )
        table.add_row(escape(one.seller), str(one.deals), *money, *ratios, _told(report.standing_of_seller(one)))
    return table
