"""`mlscore bitrix24 run`, `status`, `retry`: keep the portal in step, see how far it is, try again what failed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Sequence
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlscore.cli.console import err, out, refusing
from mlscore.ports import Current, Freshness, Hold, Item, Task
from mlscore.scoring.errors import NotFoundError
from mlscore.settings import Settings

if TYPE_CHECKING:
    from mlscore.bootstrap import Parts

FAULTS_SHOWN = 20


def run() -> None:
    """Score what changes in the portal and write it back, until Ctrl-C or SIGTERM; what is in hand is finished.

    A process of its own, beside the one that takes the portal's events. Of several one calls the portal; the others
    wait, and one goes on within seconds of its end.
    """
    # Before anything that spins: this process shares the machine with those that answer.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    with refusing() as settings:
        from mlscore.bootstrap.in_step import build_in_step
        from mlscore.logs import configure_logs

        configure_logs(settings)
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        with build_in_step(settings) as worker:
            err.print(f"mlscore keeps the portal of firm {settings.firm} in step. Ctrl-C stops it.", highlight=False)
            worker.run(stop)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, for machines.")] = False,
) -> None:
    """Tell how many open items show a fresh score, what waits, and what went wrong; asks the store, not the portal."""
    from mlscore.bootstrap import BITRIX24, open_parts

    with refusing() as settings, open_parts(settings) as parts:
        current = _current(settings, parts)
        found = parts.store.mirrors.freshness(settings.firm, BITRIX24, current)
        aside = parts.store.tasks.set_aside(settings.firm, BITRIX24)
        hold = parts.store.holds.look(settings.firm, BITRIX24, at=current.at)
        if as_json:
            typer.echo(json.dumps(_document(found, aside, hold, current.at), ensure_ascii=False))
            return
        for line in [*_lines(found, aside, current.at), *_workers(hold)]:
            out.print(line, highlight=False, markup=False, soft_wrap=True)


def retry(
    items: Annotated[
        list[str] | None, typer.Argument(help="D_759 is a deal, L_12 a lead; all that are set aside, when left out.")
    ] = None,
) -> None:
    """Look at items again: those set aside after too many tries, or any that are named."""
    from mlscore.bootstrap import BITRIX24, open_parts

    with refusing() as settings, open_parts(settings) as parts:
        aside = [task.item for task in parts.store.tasks.set_aside(settings.firm, BITRIX24)]
        chosen = [item_named(name) for name in items] if items else aside
        parts.store.tasks.tell(settings.firm, BITRIX24, chosen, why="person", at=parts.clock())
        out.print(f"{len(chosen)} item(s) will be looked at again.", highlight=False)


def item_named(name: str) -> Item:
    """Return the item of a name in the portal's short form. Raises NotFoundError."""
    letter, _, number = name.strip().upper().partition("_")
    if letter not in {"D", "L"} or not number.isdecimal():
        raise NotFoundError(f"{name!r} names no item: write D_759 for a deal, L_12 for a lead.")
    return Item(kind="deal" if letter == "D" else "lead", item_id=number)


def name_of(item: Item) -> str:
    """Return the name of an item in the portal's short form."""
    return f"{'D' if item.kind == 'deal' else 'L'}_{item.item_id}"


def _current(settings: Settings, parts: Parts) -> Current:
    """Return what a fresh score is made with, by what lies on the shelf: no model is loaded for it."""
    from mlscore.registry import Shelf
    from mlscore.scoring.model import prior_model

    policy = parts.policies.current(settings.firm)
    version = Shelf(settings.models).champion(settings.firm) or prior_model(policy.policy).version
    return Current(policy_version=policy.fingerprint, model_version=version, at=parts.clock())


def _document(found: Freshness, aside: Sequence[Task], hold: Hold | None, at: datetime) -> dict[str, Any]:
    return {
        "open": found.open,
        "stale": found.stale,
        "fresh_share": _fresh_share(found),
        "stale_by_why": dict(found.by_why),
        "waiting": found.waiting,
        "oldest_task_seconds": _age(found, at),
        "set_aside": [{"item": name_of(task.item), "tries": task.tries, "fault": task.fault} for task in aside],
        "held_by": hold.by if hold else None,
        "workers_waiting": sorted(hold.waiting) if hold else [],
    }


def _lines(found: Freshness, aside: Sequence[Task], at: datetime) -> Iterator[str]:
    yield f"{found.open} open items, {found.open - found.stale} with a fresh score ({_fresh_share(found):.1%})."
    if found.by_why:
        said = ", ".join(f"{_WHY[why]}: {count}" for why, count in sorted(found.by_why.items()))
        yield f"{found.stale} are older than something. By what: {said}."
    age = _age(found, at)
    yield f"{found.waiting} wait to be looked at" + ("." if age is None else f", the first for {age:.0f} seconds.")
    for task in aside[:FAULTS_SHOWN]:
        yield f"{name_of(task.item)} is set aside after {task.tries} tries: {task.fault}"
    if aside:
        yield f"{len(aside)} set aside. Mend what is wrong, then: mlscore bitrix24 retry"


def _workers(hold: Hold | None) -> Iterator[str]:
    if hold is None:
        yield "No worker runs: mlscore bitrix24 run"
        return
    yield f"Worker {hold.by} calls the portal."
    for name in sorted(hold.waiting):
        yield f"Worker {name} waits for its end."


_WHY = {
    "event": "changed in the CRM",
    "sweep": "found by the sweep",
    "policy": "a new policy",
    "champion": "a new champion",
    "days": "a day has passed",
    "person": "asked for by a person",
}


def _fresh_share(found: Freshness) -> float:
    return 1.0 if not found.open else (found.open - found.stale) / found.open


def _age(found: Freshness, at: datetime) -> float | None:
    return None if found.oldest_task_at is None else max(0.0, (at - found.oldest_task_at).total_seconds())
