"""Measures everything side by side in one run: in turn, round by round, and of each the median."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.bench.files import bare_booster, measure_files, save_for_mlflow
from tests.bench.ground import Ground, Progress
from tests.bench.load import Batches, Target, p99, rate
from tests.bench.servers import mlflow, product, stand

BATCH = 1000
WARM_UP_SECONDS = 2.0
START_SECONDS, MEGABYTES, P99_RATIO = 2.0, 200.0, 3.0
HEAVY = ("mlflow", "pandas", "sklearn")
SCORE, NOTHING, BYTES, BARE = "the score, complete and stored", "does nothing", "fixed bytes", "mlflow models serve"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, what came out, and what was aimed at."""

    what: str
    measured: str
    target: str = ""
    reached: bool | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure, and what to leave out."""

    rounds: int = 5
    seconds: float = 3.0
    with_mlflow: bool = True
    file_rows: Sequence[int] = ()


def measure(ground: Ground, plan: Plan, progress: Progress) -> list[Row]:
    """Return the rows of the table."""
    rows = list(_start(ground, progress))
    answer = _an_answer(ground)
    with ExitStack() as servers:
        ours = servers.enter_context(stand(ground, answer))
        targets = {
            SCORE: Target(ours.port, "/v1/score", ground.key, ground.bodies),
            NOTHING: Target(ours.port, "/v1/stand/nothing", ground.key, ground.bodies),
            BYTES: Target(ours.port, "/v1/stand/bytes", ground.key, ground.bodies),
        }
        if plan.with_mlflow:
            progress("starting mlflow models serve")
            model, bodies = save_for_mlflow(ground)
            other = servers.enter_context(mlflow(ground, model))
            targets[BARE] = Target(other.port, "/invocations", ground.key, bodies)
        rows += _rates(targets, plan, progress)
        rows += _batches(ground, ours.port, plan, progress)
        rows.append(
            Row(
                "memory of the worker after all this",
                f"{ours.megabytes:.0f} MB",
                "< 200 MB",
                ours.megabytes < MEGABYTES,
            )
        )
        rows.append(_imports(ground, ours.port))
    rows += measure_files(ground, plan.file_rows, bare_booster(ground), progress) if plan.file_rows else []
    return rows


def _start(ground: Ground, progress: Progress) -> Iterator[Row]:
    progress("starting mlscore serve three times")
    seconds, megabytes = [], []
    for _ in range(3):
        with product(ground) as running:
            seconds.append(running.seconds_to_ready)
            megabytes.append(running.megabytes)
    taken, held = statistics.median(seconds), statistics.median(megabytes)
    yield Row("start to ready, champion on disk", f"{taken:.1f} s", "< 2 s", taken < START_SECONDS)
    yield Row("memory of a worker at rest", f"{held:.0f} MB", "< 200 MB", held < MEGABYTES)


def _an_answer(ground: Ground) -> Path:
    file = ground.folder / "answer.json"
    with product(ground) as running:
        answer = httpx2.post(
            f"http://127.0.0.1:{running.port}/v1/score?dry_run=true",
            json=ground.deals()[0],
            headers={"Authorization": f"Bearer {ground.key}"},
        )
    answer.raise_for_status()
    file.write_bytes(answer.content)
    return file


def _rates(targets: Mapping[str, Target], plan: Plan, progress: Progress) -> Iterator[Row]:
    found = _in_turn({name: _rate_of(target, plan) for name, target in targets.items()}, plan, progress)
    for name, per_second in found.items():
        yield Row(f"requests a second: {name}", f"{per_second:,.0f}")
    for other, aim in ((BARE, 15.0), (NOTHING, 0.35), (BYTES, None)):
        if other in found:
            ratio = found[SCORE] / found[other]
            target = "" if aim is None else f">= {aim:g} x"
            yield Row(f"{SCORE} / {other}", f"{ratio:.2f} x", target, None if aim is None else ratio >= aim)
    slow = _in_turn(
        {
            name: (lambda t=targets[name], r=found[name] / 2: p99(t, r, plan.seconds) * 1000)  # type: ignore[misc] # mypy infers no lambda with defaults
            for name in (SCORE, NOTHING)
        },
        plan,
        progress,
    )
    for name, milliseconds in slow.items():
        yield Row(f"p99 at half its saturation: {name}", f"{milliseconds:.1f} ms")
    ratio = slow[SCORE] / slow[NOTHING]
    yield Row("p99: the score / does nothing", f"{ratio:.1f} x", "<= 3 x", ratio <= P99_RATIO)


def _rate_of(target: Target, plan: Plan) -> Callable[[], float]:
    rate(target, WARM_UP_SECONDS)
    return lambda: rate(target, plan.seconds)


def _in_turn(calls: Mapping[str, Callable[[], float]], plan: Plan, progress: Progress) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(plan.rounds):
        for name, call in calls.items():
            taken[name].append(call())
        progress(f"round {number + 1} of {plan.rounds}: " + ", ".join(f"{n} {t[-1]:,.1f}" for n, t in taken.items()))
    return {name: statistics.median(each) for name, each in taken.items()}


def _batches(ground: Ground, port: int, plan: Plan, progress: Progress) -> Iterator[Row]:
    deals = ground.deals()
    parts = itertools.cycle(deals[begin : begin + BATCH] for begin in range(0, len(deals) - BATCH + 1, BATCH))
    with closing(Batches(port, ground.key)) as batches:

        def sent(query: str) -> Callable[[], float]:
            def send() -> float:
                return batches.seconds(next(parts), query) / BATCH * 1e6

            send()
            return send

        found = _in_turn({"include=": sent("?include="), "complete": sent("")}, plan, progress)
    for (name, microseconds), aim in zip(found.items(), (60, 250), strict=True):
        what = f"a batch of {BATCH:,}, {name}, receipts stored"
        yield Row(what, f"{microseconds:.0f} us a deal", f"<= {aim} us", microseconds <= aim)


def _imports(ground: Ground, port: int) -> Row:
    answer = httpx2.get(f"http://127.0.0.1:{port}/v1/stand/modules", headers={"Authorization": f"Bearer {ground.key}"})
    found = sorted(set(HEAVY) & set(answer.json()))
    return Row(f"imported by the worker, of {', '.join(HEAVY)}", ", ".join(found) or "none", "none", not found)
