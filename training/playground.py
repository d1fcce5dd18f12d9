"""Histories that are nobody's own: a file taken in for a while, and a firm that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlscore.crm.csv_file import read_history
from mlscore.scoring.policy import Policy
from mlscore.service.importing import import_history
from mlscore.settings import Settings
from mlscore.store import Store
from training.simulate import simulate
from training.workshop import Workshop, now, open_workshop

FIRM = "simulated"
EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
MAPPING = EXAMPLES / "demo" / "mapping.toml"


@contextmanager
def simulated_firm(*, deals: int, seed: int) -> Iterator[Workshop]:
    """Open a workshop on a simulated history; its store, models and runs lie in a folder that is gone at the end."""
    with TemporaryDirectory(prefix="mlscore-playground-") as scratch:
        export = Path(scratch) / "deals.csv"
        simulate(deals=deals, seed=seed).write_csv(export)
        settings = Settings(
            database=f"sqlite:///{scratch}/mlscore.db",
            models=Path(scratch) / "models",
            tracking_uri=f"sqlite:///{scratch}/mlflow.db",
            policy=None,
            firm=FIRM,
        )
        with open_workshop(settings) as workshop:
            take_in(workshop.store, export, firm=workshop.firm, mapping=MAPPING, policy=workshop.policy)
            yield workshop


def take_in(store: Store, file: Path, *, firm: str, mapping: Path, policy: Policy) -> None:
    """Import a file by a mapping, as `mlscore history import` does. Raises MappingError."""
    import_history(
        firm=firm,
        history=read_history(file, mapping=mapping, policy=policy, now=now()),
        policy=policy,
        receipts=store.receipts,
        outcomes=store.outcomes,
        clock=now,
    )
