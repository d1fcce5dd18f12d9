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
from mlscore.service.importing import import_history
from mlscore.settings import Settings
from training.commands.console import out, read_date, refusing, telling
from training.publish.findings import Findings
from training.retrain import Progress, Terms, investigate
from training.split import Refit
from training.tables import markdown_table
from training.workshop import Workshop, now, open_workshop

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FIRM = "main"
_COLUMNS = ("auc", "log_loss", "brier")


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
) -> None:
    """Print one table a public data set, found in the folder MLSCORE_DATASETS names; nothing is kept."""
    unknown = set(only or ()) - PUBLIC_SETS.keys()
    if unknown:
        raise typer.BadParameter(f"No data set is called {', '.join(sorted(unknown))}.")
    with refusing():
        folder = _folder()
        for name, one in PUBLIC_SETS.items():
            if only and name not in only:
                continue
            findings = measure_set(one, folder, seed=seed, threads=threads, progress=telling())
            print_findings(one, findings)


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
    history = read_history(file, mapping=example / "mapping.toml", policy=version.policy, now=now())
    import_history(
        firm=workshop.firm,
        history=history,
        policy_version=version,
        receipts=workshop.store.receipts,
        outcomes=workshop.store.outcomes,
        clock=now,
    )


def print_findings(one: PublicSet, findings: Findings) -> None:
    """Print a data set's table in Markdown, and which gates it failed."""
    table = findings.table
    out.print(f"\n### {one.title}\n")
    share = f"{table.y.mean():.0%} {table.label}"
    out.print(f"{len(table)} closed deals, {share}; {len(findings.rows)} judged, none seen before.\n")
    out.print(markdown_table(findings.figures, columns=_COLUMNS), soft_wrap=True)
    failed = [gate.sentence for gate in findings.gates if not gate.passed]
    said = "\n".join(f"- {sentence}" for sentence in failed)
    out.print(f"\nGates failed:\n\n{said}" if failed else "\nEvery gate is passed.", soft_wrap=True)


def _folder() -> Path:
    named = os.environ.get("MLSCORE_DATASETS")
    if not named or not Path(named).is_dir():
        raise TrainingError("Set MLSCORE_DATASETS to the folder that holds the public data sets.")
    return Path(named)
