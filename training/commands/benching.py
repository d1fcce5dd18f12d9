"""`bench`: the service's default pipeline beside the classics, on named data sets or on any history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, cast

import typer

from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import default_policy
from training.bench import (
    SETS,
    BenchHistory,
    Measured,
    Protocol,
    as_json,
    curve,
    markdown_of,
    mean_of,
    measure,
    take_history,
    verdicts,
)
from training.commands.console import read_date, read_folds, read_refit, read_sizes, refusing, telling
from training.contest import Setting
from training.workshop import read_policy_file

CURVE = (0, 30, 60, 100, 250, 500, 1000, 2000, 4000, None)


def bench_command(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SET]... | FILE", help=f"Some of: {', '.join(SETS)}; or a file with --mapping."),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="How the columns of FILE are read (docs/import.md).")] = None,
    policy: Annotated[Path | None, typer.Option(help="The policy of the firm; the article's by default.")] = None,
    test_from: Annotated[str | None, typer.Option(metavar="DATE", help="Answer the deals from here on.")] = None,
    refit: Annotated[str, typer.Option(help="Learn anew within the test: once, quarter or month.")] = "once",
    label_lag: Annotated[float, typer.Option(min=0, help="Days before which no outcome is known.")] = 0.0,
    folds: Annotated[
        str | None, typer.Option(metavar="5x10", help="5 times 10 grouped folds instead of time; the only way undated.")
    ] = None,
    sizes: Annotated[
        str | None, typer.Option(metavar="30,60,...,all", help="How many deals to learn from; the newest.")
    ] = None,
    as_json_file: Annotated[Path | None, typer.Option("--json", metavar="OUT", help="Write every figure.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same tables.")] = 20,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the libraries.")] = 1,
) -> None:
    """Print the service beside the classics on the same unseen deals, at every size of history. Nothing is kept.

    Learning curves, log loss, AUC, Brier, calibration error and profit captured; of the service also its own decision's
    profit, how often it abstains, and how often its interval holds.
    """
    with refusing():
        setting = Setting(seed=seed, threads=threads)
        found: dict[str, Sequence[Measured]] = {}
        if mapping is not None:
            [file] = [Path(one) for one in what or ()] if len(what or ()) == 1 else [_one_file()]
            chosen = read_policy_file(policy) if policy is not None else default_policy()
            history = take_history(file, mapping=mapping, policy=chosen, label_lag_days=label_lag)
            protocol = Protocol(test_from=read_date(test_from), refit=read_refit(refit), grouped=read_folds(folds))
            measured = _measure([history], protocol, read_sizes(sizes) or CURVE, setting)
            found[file.name] = measured
            typer.echo(markdown_of(file.name, measured) + "\n\n" + verdicts(curve(measured)))
        else:
            for name in _named(what):
                one = SETS[name]
                measured = _measure(one.histories(), one.protocol, read_sizes(sizes) or one.sizes, setting)
                found[name] = measured
                typer.echo(markdown_of(one.title, measured) + "\n\n" + verdicts(one.targets(measured)) + "\n")
        if as_json_file is not None:
            as_json_file.write_text(as_json(cast("Mapping[str, Sequence[Measured]]", found)), encoding="utf-8")


def _measure(
    histories: Iterable[BenchHistory], protocol: Protocol, sizes: Sequence[int | None], setting: Setting
) -> Sequence[Measured]:
    """Return the figures of all histories, of each figure the mean."""
    tell = telling()
    each = [measure(history, protocol, sizes, setting, progress=tell) for history in histories]
    return [mean_of(same) for same in zip(*each, strict=True)]


def _named(what: Sequence[str] | None) -> Sequence[str]:
    unknown = [name for name in what or () if name not in SETS]
    if unknown:
        raise TrainingError(
            f"No data set is called {', '.join(unknown)}: choose some of {', '.join(SETS)}, or give a file and its "
            "--mapping."
        )
    return what or list(SETS)


def _one_file() -> Path:
    raise TrainingError("Give one file with --mapping: python -m training bench FILE --mapping MAP.toml.")
