"""`datasets`: trains on public data sets, through the same import a firm would use."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from mlscore.crm.csv_file import read_history
from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import Policy
from mlscore.service.importing import import_history
from mlscore.settings import Settings
from training.commands.console import read_date, refusing, telling
from training.publish.findings import Findings
from training.retrain import Progress, Terms, investigate
from training.split import Refit
from training.tables import markdown_table
from training.workshop import Workshop, now, open_workshop

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FIRM = "main"
_COLUMNS = ("auc", "log_loss", "brier")
BEGIN, END = "<!-- datasets -->", "<!-- /datasets -->"


@dataclass(frozen=True, slots=True)
class PublicSet:
    """One data set: its file below MLSCORE_DATASETS, its folder of examples, and how it is judged."""

    title: str
    file: str
    example: str
    test_from: str | None = None
    refit: Refit = "once"
    grouped: tuple[int, int] | None = None


PUBLIC_SETS = {
    "salvirt": PublicSet(
        "Salvirt, 5 x 10 grouped folds", "salvirt_b2b/Salvirt_B2B_ML_dataset.csv", "salvirt", grouped=(5, 10)
    ),
    "adventureworks": PublicSet(
        "AdventureWorks, from 2019-07-01, learned anew each quarter",
        "adventureworks_reseller/orders.csv",
        "adventureworks",
        "2019-07-01",
        "quarter",
    ),
    "maven": PublicSet(
        "Maven CRM, the newest fifth (there is nothing to find in it)", "maven_crm/sales_pipeline.csv", "maven"
    ),
}


def datasets_command(
    only: Annotated[list[str] | None, typer.Argument(help="Some of: salvirt, adventureworks, maven.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 20,
    threads: Annotated[int, typer.Option(min=1, help="Threads of LightGBM.")] = 1,
    write: Annotated[Path | None, typer.Option(metavar="PAGE", help="Put them between the marks of a page.")] = None,
    check: Annotated[Path | None, typer.Option(metavar="PAGE", help="Exit 1 unless the page holds just them.")] = None,
) -> None:
    """Print one table a public data set, found in the folder MLSCORE_DATASETS names; nothing is kept."""
    unknown = set(only or ()) - PUBLIC_SETS.keys()
    if unknown:
        raise typer.BadParameter(f"No data set is called {', '.join(sorted(unknown))}.")
    with refusing():
        folder = _folder()
        chosen = [one for name, one in PUBLIC_SETS.items() if not only or name in only]
        told = [
            told_of(one, measure_set(one, folder, seed=seed, threads=threads, progress=telling())) for one in chosen
        ]
        tables = "\n\n".join(told)
        typer.echo(tables)
        if write is not None:
            write.write_text(with_tables(write.read_text(encoding="utf-8"), tables), encoding="utf-8")
        if check is not None and with_tables(page := check.read_text(encoding="utf-8"), tables) != page:
            raise TrainingError(
                f"{check} tells other figures: mend it with `python -m training datasets --write {check}`."
            )


def measure_set(one: PublicSet, folder: Path, *, seed: int, threads: int, progress: Progress) -> Findings:
    """Import a data set into a store of its own, and hold the contest and the gates on it."""
    example = EXAMPLES / one.example
    terms = Terms(seed=seed, threads=threads, test_from=read_date(one.test_from), refit=one.refit, grouped=one.grouped)
    with TemporaryDirectory(prefix="mlscore-sets-") as scratch:
        settings = Settings(
            database=f"sqlite:///{scratch}/mlscore.db",
            models=Path(scratch) / "models",
            policy=example / "policy.toml",
            firm=FIRM,
            tracking_uri=f"sqlite:///{scratch}/mlflow.db",
        )
        with open_workshop(settings) as workshop:
            progress(f"{one.title}: importing")
            take_in(workshop, folder / one.file, example)
            table = workshop.table(known_by=now())
            return investigate(FIRM, table, terms, at=now(), progress=progress)


def take_in(workshop: Workshop, file: Path, example: Path) -> None:
    """Import a file with the mapping and policy of an example. Raises TrainingError where the file is not there."""
    if not file.is_file():
        raise TrainingError(f"There is no {file}: README names the publishers of the public data sets.")
    document = (example / "policy.toml").read_text(encoding="utf-8")
    version = workshop.store.policies.apply(
        workshop.firm, document, at=now(), by="training", why=f"The example {example.name}."
    )
    take_in_file(workshop, file, example / "mapping.toml", version.policy)


def take_in_file(workshop: Workshop, file: Path, mapping: Path, policy: Policy) -> None:
    """Import a file by a mapping, as `mlscore history import` does."""
    import_history(
        firm=workshop.firm,
        history=read_history(file, mapping=mapping, policy=policy, now=now()),
        policy=policy,
        receipts=workshop.store.receipts,
        outcomes=workshop.store.outcomes,
        clock=now,
    )


def told_of(one: PublicSet, findings: Findings) -> str:
    """Return a data set's table in Markdown, and which gates it failed."""
    table = findings.table
    closed = f"{len(table)} closed deals, {table.y.mean():.0%} {table.label}"
    failed = [f"- {gate.sentence}" for gate in findings.gates if not gate.passed]
    return "\n".join(
        (
            f"### {one.title}\n",
            f"{closed}; {len(findings.rows)} judged, none seen before.\n",
            markdown_table(findings.figures, columns=_COLUMNS).strip() + "\n",
            "\n".join(["Gates failed:\n", *failed]) if failed else "Every gate is passed.",
        )
    )


def with_tables(page: str, tables: str) -> str:
    """Return a page with these tables between its marks. Raises TrainingError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise TrainingError(f"The page has no place for the tables: put {BEGIN} and {END} where they belong.")
    return f"{before}{begin}\n\n{tables}\n\n{end}{after}"


def _folder() -> Path:
    named = os.environ.get("MLSCORE_DATASETS")
    if not named or not Path(named).is_dir():
        raise TrainingError("Set MLSCORE_DATASETS to the folder that holds the public data sets.")
    return Path(named)
