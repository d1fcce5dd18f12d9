"""`leaks`: what every fact tells of the outcome on its own, and which of them seem to be known too late."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.table import Table as RichTable

from training.commands.console import REFUSED, out, refusing
from training.commands.learning import Seed, Threads
from training.leaks import Heard, Leak, find_leaks, hear_every, hearing_of
from training.workshop import now, open_workshop

MOST_TOLD = 12


def leaks_command(seed: Seed = 20, threads: Threads = 1) -> None:
    """Hear every fact alone, on deals it did not learn from; nothing is trained or changed.

    Exit 1 where one would be refused by the gate no_leak.
    """
    with refusing() as settings, open_workshop(settings) as workshop:
        table = workshop.table(known_by=now())
        hearing = hearing_of(table, seed=seed, threads=threads)
        if hearing is None:
            out.print(f"{len(table)} closed deals are too few to hear facts alone: only names and dates are looked at.")
        else:
            title = f"{workshop.firm}: {len(hearing.judged)} deals judged of {len(table)}"
            out.print(_told(hear_every(hearing), title))
        leaks = find_leaks(table, seed=seed, threads=threads)
        for leak in leaks:
            out.print(_line(leak), soft_wrap=True)
        if not leaks:
            out.print("No fact is suspected of being known only after a deal closes.")
    if any(leak.severity == "refuse" for leak in leaks):
        raise typer.Exit(REFUSED)


def _told(heard: Sequence[Heard], title: str) -> RichTable:
    table = RichTable(title=title, title_justify="left")
    table.add_column("fact", no_wrap=True)
    table.add_column("AUC alone", justify="right")
    table.add_column("AUC of its being known", justify="right")
    for one in sorted(heard, key=lambda one: -max(one.auc, one.unknowns_auc))[:MOST_TOLD]:
        table.add_row(one.fact, f"{one.auc:.3f}", f"{one.unknowns_auc:.3f}")
    return table


def _line(leak: Leak) -> str:
    return f"{'[red]REFUSED[/red]' if leak.severity == 'refuse' else '[yellow]warned[/yellow]'}  {leak.sentence}"
