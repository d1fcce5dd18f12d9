"""`bench`: the service's default pipeline beside the classics, on named data sets or on any history."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import default_policy
from training.bench import (
    SETS,
    BenchHistory,
    Measured,
    Protocol,
    Target,
    as_json,
    curve,
    markdown_of,
    mean_of_all,
    measure,
    take_history,
    time_a_retraining,
    told,
    verdicts,
    with_tables,
)
from training.commands.console import read_date, read_folds, read_refit, read_sizes, refusing, target, telling
from training.contest import Setting
from training.retrain import Terms, investigate
from training.workshop import now, read_policy_file

RETRAINING = "retraining"
SEED = 20
CURVE = (0, 30, 60, 100, 250, 500, 1000, 2000, 4000, None)


def bench_command(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SET]... | FILE", help=f"Some of {', '.join(SETS)}, retraining; or a file with --mapping."
        ),
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
    as_json_file: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write every figure.", callback=target)
    ] = None,
    write: Annotated[Path | None, typer.Option(metavar="PAGE", help="Put the tables between a page's marks.")] = None,
    check: Annotated[Path | None, typer.Option(metavar="PAGE", help="Exit 1 unless the page holds just them.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same tables.")] = SEED,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the libraries.")] = 1,
) -> None:
    """Print the service beside the classics on the same unseen deals, at every size of history. Nothing is kept.

    Learning curves, log loss, AUC, Brier, calibration error and profit captured; of the service also its own decision's
    profit, how often it abstains, and how often its interval holds.
    """
    with refusing():
        setting, found = Setting(seed=seed, threads=threads), dict[str, Sequence[Measured]]()
        at_sizes = {"sizes": sizes, "seed": None if seed == SEED else seed}
        of_a_file = {
            "policy": policy,
            "test_from": test_from,
            "refit": None if refit == "once" else refit,
            "label_lag": f"{label_lag:g}" if label_lag else None,
            "folds": folds,
        }
        if mapping is not None:
            file = _one_file(what)
            chosen = read_policy_file(policy) if policy is not None else default_policy()
            history = take_history(file, mapping=mapping, policy=chosen, label_lag_days=label_lag)
            protocol = Protocol(test_from=read_date(test_from), refit=read_refit(refit), grouped=read_folds(folds))
            found[file.name] = _measure([history], protocol, read_sizes(sizes) or CURVE, setting)
            late = f", labels {label_lag:g} days late" if label_lag else ""
            title = f'{file.name}, {protocol.told(history.table)}{late}, by the policy "{chosen.name}"'
            command = _command(file, {"mapping": mapping, **of_a_file, **at_sizes})
            tables = [markdown_of(title, found[file.name], command=command), verdicts(curve(found[file.name]))]
            typer.echo("\n\n".join(tables))
        else:
            _refuse(of_a_file)
            tables = []
            for name in _named(what):
                told_now = _bench_of(name, read_sizes(sizes), setting, found, command=_command(name, at_sizes))
                typer.echo(told_now + "\n")
                tables.append(told_now)
        if as_json_file is not None:
            as_json_file.write_text(as_json(found), encoding="utf-8")
        _put("\n\n".join(tables), write=write, check=check)


def _bench_of(
    name: str,
    sizes: Sequence[int | None] | None,
    setting: Setting,
    found: dict[str, Sequence[Measured]],
    *,
    command: str,
) -> str:
    if name == RETRAINING:
        return told(time_a_retraining(threads=max(setting.threads, 2), progress=telling()))
    one = SETS[name]
    histories = list(one.histories()) if one.asks_gates else one.histories()
    found[name] = _measure(histories, one.protocol, sizes or one.sizes, setting)
    parts = [markdown_of(one.title, found[name], command=command)]
    targets = list(one.targets(found[name]))
    if one.asks_gates:
        [history] = histories
        terms = Terms(seed=setting.seed, threads=setting.threads)
        gates = investigate(name, history.table, terms, at=now(), progress=telling()).gates
        refused = [gate.sentence for gate in gates if not gate.passed]
        targets.append(Target("the gates refuse it", " ".join(refused) or "they do not", bool(refused)))
    return "\n\n".join([*parts, verdicts(targets)])


def _command(what: Path | str, options: Mapping[str, object | None]) -> str:
    """Return the command that prints a table, as it is typed."""
    words = ["python", "-m", "training", "bench", str(what)]
    for name, value in options.items():
        words += [] if value is None else [_option(name), str(value)]
    return shlex.join(words)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _put(tables: str, *, write: Path | None, check: Path | None) -> None:
    if write is not None:
        write.write_text(with_tables(write.read_text(encoding="utf-8"), tables), encoding="utf-8")
    if check is not None and with_tables(page := check.read_text(encoding="utf-8"), tables) != page:
        raise TrainingError(f"{check} tells other figures: mend it with `training bench ... --write {check}`.")


def _measure(
    histories: Iterable[BenchHistory], protocol: Protocol, sizes: Sequence[int | None], setting: Setting
) -> Sequence[Measured]:
    """Return the figures of all histories, of each figure the mean."""
    tell = telling()
    return mean_of_all([measure(history, protocol, sizes, setting, progress=tell) for history in histories])


def _named(what: Sequence[str] | None) -> Sequence[str]:
    names = (*SETS, RETRAINING)
    unknown = [name for name in what or () if name not in names]
    if unknown:
        raise typer.BadParameter(
            f"No data set is called {', '.join(unknown)}: choose some of {', '.join(names)}, or give a file and its "
            "--mapping."
        )
    return what or names


def _refuse(of_a_file: Mapping[str, object | None]) -> None:
    """Refuse options that a named set would not heed."""
    if given := [_option(name) for name, value in of_a_file.items() if value is not None]:
        raise typer.BadParameter(
            f"{', '.join(given)} {'goes' if len(given) == 1 else 'go'} with a file and its --mapping: "
            "python -m training bench FILE --mapping MAP.toml. A named set has a policy and a protocol of its own."
        )


def _one_file(what: Sequence[str] | None) -> Path:
    if len(what or ()) != 1:
        raise typer.BadParameter("Give one file with --mapping: python -m training bench FILE --mapping MAP.toml.")
    return Path((what or [""])[0])
