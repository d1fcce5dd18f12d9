"""`retrain`, `evaluate` and `export`: from the store's closed deals to a champion, a table, a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mlscore.crm.csv_file.reading import is_parquet
from training.commands.console import REFUSED, err, out, read_date, read_folds, read_refit, refusing, target, telling
from training.evaluate import Figures, figures_of
from training.export import write_parquet
from training.gates import Gate
from training.publish.findings import Findings
from training.retrain import NothingNew, Terms, contest, retrain, retrain_if_new, was_simulated
from training.tables import known_or_none, markdown_table, notes_on, rich_table
from training.workshop import Workshop, now, open_workshop

Seed = Annotated[int, typer.Option(min=0, help="The same seed and history give the same model.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of LightGBM; more than 1 only on cores nobody shares.")]
TestFrom = Annotated[str | None, typer.Option(metavar="DATE", help="Judge deals from here on, not the newest fifth.")]


def retrain_command(
    seed: Seed = 20,
    threads: Threads = 1,
    simulated: Annotated[
        bool | None,
        typer.Option(
            "--simulated/--no-simulated",
            help="Whether the history is simulated: every answer will say so. Not said: as the newest version has it.",
            show_default=False,
        ),
    ] = None,
    vouch: Annotated[
        list[str] | None,
        typer.Option(metavar="FACT", help="This fact is known when a deal is scored, however much it tells."),
    ] = None,
    force: Annotated[bool, typer.Option(help="Train although nothing is new since the newest version.")] = False,
) -> None:
    """Learn from every closed deal, put the winner before the gates, publish it.

    It becomes champion if it passes every gate (exit 0), else challenger (exit 1). A firm's first model becomes
    champion either way, and abstains until one has passed. Safe to run from a timer: one retraining at a time (the
    other ends with 4), and without a new deal, policy, version of mlscore or option there is no new model (exit 0).
    """
    with refusing() as settings, open_workshop(settings) as workshop:
        is_simulated = _was_simulated(workshop) if simulated is None else simulated
        terms = Terms(seed=seed, threads=threads, simulated=is_simulated, vouched=tuple(sorted(set(vouch or ()))))
        done = (retrain if force else retrain_if_new)(workshop, terms, at=now(), progress=telling())
        if isinstance(done, NothingNew):
            out.print(
                f"Nothing is new since version {done.version} of {workshop.firm} learned: no model is made. "
                "--force trains all the same."
            )
            return
        tell_findings(done.findings)
        out.print(f"Version {done.version} of {workshop.firm} is {' and '.join(done.roles)}. MLflow run {done.run_id}.")
        if not done.findings.passed:
            raise typer.Exit(REFUSED)


def evaluate_command(
    test_from: TestFrom = None,
    refit: Annotated[str, typer.Option(help="Learn anew within the test: once, quarter or month.")] = "once",
    folds: Annotated[
        str | None, typer.Option(metavar="5x10", help="5 times 10 grouped folds instead of time; the only way undated.")
    ] = None,
    seed: Seed = 20,
    threads: Threads = 1,
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write the figures to a file.", callback=target)
    ] = None,
    markdown: Annotated[bool, typer.Option(help="Print the table in Markdown.")] = False,
) -> None:
    """Measure the rules and every candidate on the same unseen deals; nothing is registered or changed."""
    terms = Terms(
        seed=seed, threads=threads, test_from=read_date(test_from), refit=read_refit(refit), grouped=read_folds(folds)
    )
    with refusing() as settings, open_workshop(settings) as workshop:
        table = workshop.table(known_by=now())
        plan, held = contest(table, terms, telling())
        figures = figures_of(table, plan.judged, held.rounds, seed=seed)
        title = f"{workshop.firm}: {len(plan.judged)} deals judged of {len(table)}, label {table.label}"
        if as_json is not None:
            as_json.write_text(_as_json(figures, title), encoding="utf-8")
        out.print(markdown_table(figures) if markdown else rich_table(figures, title=title), soft_wrap=markdown)
        _tell_notes(figures, repeats=len(held.rounds))


def _parquet(file: Path) -> Path:
    if not is_parquet(file):
        raise typer.BadParameter(f"What is written is Parquet: name it so, {file.with_suffix('.parquet')}.")
    target(file)
    return file


def export_command(
    file: Annotated[Path, typer.Argument(help="The Parquet file to write.", callback=_parquet)],
) -> None:
    """Write the exact training table: every feature, the rule cell, the label and the realised profit of each deal.

    Realised profit is in minor units: kopecks, cents. Features are as the model reads them: sums and sizes as
    logarithms, ln(1 + x), of whole units. The file's notes say so too.
    """
    with refusing() as settings, open_workshop(settings) as workshop:
        table = workshop.table(known_by=now())
        write_parquet(table, file)
        out.print(
            f"{len(table)} deals x {len(table.features)} features in {file}; realised profit in minor units of "
            f"{table.policy.currency}, features as the model reads them; history {table.history_sha256}.",
            soft_wrap=True,
        )


def tell_findings(findings: Findings) -> None:
    """Print the figures and every gate."""
    title = f"{len(findings.rows)} deals judged, none seen before; ahead: {findings.winner.replace('_', ' ')}"
    out.print(rich_table(findings.figures, title=title))
    _tell_notes(findings.figures, repeats=len(findings.rounds))
    if (worth := findings.worth) is not None:
        expected, realised = (
            f"{money:,.0f} {findings.table.policy.currency}" for money in (worth.expected, worth.realised)
        )
        out.print(f"Expected of the judged deals: {expected}; realised: {realised}.")
    for gate in findings.gates:
        out.print(told(gate), soft_wrap=True)
    for why, count in findings.table.left_out.items():
        err.print(f"Left out: {count} ({why.replace('_', ' ')}).")


def _tell_notes(figures: Sequence[Figures], *, repeats: int) -> None:
    if notes := notes_on(figures, repeats=repeats):
        out.print(f"\n{notes}\n", soft_wrap=True)


def told(gate: Gate) -> str:
    """Return a gate as a line for the screen."""
    return f"{'[green]passed[/green]' if gate.passed else '[red]FAILED[/red]'}  {gate.sentence}"


def _was_simulated(workshop: Workshop) -> bool:
    """Return whether the history was simulated when it was last learned: a timer does not know, and says nothing."""
    if was := was_simulated(workshop):
        err.print(
            "The history is taken for simulated, as before: retrain --no-simulated if it no longer is.", soft_wrap=True
        )
    return was


def _as_json(figures: Sequence[Figures], title: str) -> str:
    known = [{name: known_or_none(value) for name, value in asdict(f).items()} for f in figures]
    return json.dumps({"title": title, "figures": known}, indent=1, allow_nan=False) + "\n"
