"""A firm that does not exist, for notebooks and measurements: its history imported as any firm's would be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlscore.crm.csv_file import read_history
from mlscore.service.importing import import_history
from mlscore.settings import Settings
from training.simulate import simulate
from training.workshop import Workshop, now, open_workshop

FIRM = "simulated"
MAPPING = Path(__file__).parents[1] / "docs" / "examples" / "demo" / "mapping.toml"


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
            import_history(
                firm=workshop.firm,
                history=read_history(export, mapping=MAPPING, policy=workshop.policy, now=now()),
                policy=workshop.policy,
                receipts=workshop.store.receipts,
                outcomes=workshop.store.outcomes,
                clock=now,
            )
            yield workshop
