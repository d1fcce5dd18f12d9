"""`watch`: whether the champion is still asked what it learned from, and whether its answers come true."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.console import ALARM, out, read_date, refusing, target
from training.watch import LIMITS, Standing, Window, as_json, gather, read_limits, tables, watch, write_metrics
from training.workshop import now, open_workshop

_LIMITS_HELP = "A limit of your own, may be repeated: " + ", ".join(
    f"{name} ({one.default:g})" for name, one in LIMITS.items()
)


def watch_command(
    days: Annotated[
        int, typer.Option(min=1, max=36_500, help="Look at the deals of so many days, but at least at 200.")
    ] = 30,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Look at the deals from here on, however few.")
    ] = None,
    limit: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help=_LIMITS_HELP)] = None,
    as_json_file: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write everything found to a file.", callback=target)
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option(metavar="FILE.prom", help="Write it for Prometheus' node exporter, in one step."),
    ] = None,
) -> None:
    """Compare what the service was asked lately with what the champion learned from, and say what to do.

    Facts, scores and unknowns; probabilities against what became of the deals; stale scores of open deals; stated
    against realised profit by seller. Nothing is changed. Exit codes: 0 no alarm, 6 an alarm, 3 no champion that
    learned from deals, 1 refused or failed.
    """
    with refusing() as settings, open_workshop(settings) as workshop:
        limits, window = read_limits(limit or ()), Window(since=read_date(since), days=days)
        report = watch(gather(workshop, at=now(), window=window), limits)
        for table in tables(report):
            out.print(table)
        if as_json_file is not None:
            as_json_file.write_text(as_json(report), encoding="utf-8")
        if metrics is not None:
            write_metrics(report, metrics)
    if report.standing is Standing.ALARM:
        raise typer.Exit(ALARM)
