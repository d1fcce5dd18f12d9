"""What is measured on: a simulated firm with a trained champion, the deals to send, and the lean environment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from mlscore.crm.csv_file import read_history
from mlscore.scoring.deal import FACTS, MINOR_UNITS, Deal, Kind
from mlscore.settings import Settings
from mlscore.store import open_store
from training.playground import MAPPING, take_in
from training.retrain import Terms, retrain
from training.simulate import simulate
from training.workshop import now, open_workshop

DEALS, SEED, SEED_OF_LOAD, COPIES = 2000, 20, 21, 20
ROOT = Path(__file__).parents[2]
_MOMENTS = ("as_of", "created_at", "delivery_needed_by")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder with the firm's store, its champion, a key and the bodies to send; `python` runs the lean server."""

    folder: Path
    python: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings of every process measured."""
        return {
            "MLSCORE_DATABASE": f"sqlite:///{self.folder / 'mlscore.db'}",
            "MLSCORE_MODELS": str(self.folder / "models"),
            "MLSCORE_FIRM": "main",
            "MLSCORE_HOST": "127.0.0.1",
            "OMP_WAIT_POLICY": "passive",
            "OPENBLAS_NUM_THREADS": "1",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }

    @property
    def key(self) -> str:
        """The API key to show."""
        return (self.folder / "key").read_text(encoding="utf-8")

    @property
    def bodies(self) -> Path:
        """The deals to send, one JSON document a line."""
        return self.folder / "deals.jsonl"

    def deals(self) -> list[dict[str, Any]]:
        """Return the deals to send."""
        return [json.loads(line) for line in self.bodies.read_text(encoding="utf-8").splitlines()]


def make_ready(folder: Path, progress: Progress) -> Ground:
    """Prepare whatever the folder has not got yet; what a benchmark stored before is forgotten."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "key").exists():
        _make_firm(folder, progress)
    for old in folder.glob("mlscore.db*"):
        old.unlink()
    shutil.copy(folder / "kept.db", folder / "mlscore.db")
    return Ground(folder, _lean_python(folder / "lean", progress))


def _make_firm(folder: Path, progress: Progress) -> None:
    progress(f"simulating {DEALS} deals of a firm that does not exist, and training on them")
    settings = Settings(
        database=f"sqlite:///{folder / 'kept.db'}",
        models=folder / "models",
        tracking_uri=f"sqlite:///{folder / 'mlflow.db'}",
        policy=None,
        firm="main",
    )
    export = folder / "deals.csv"
    simulate(deals=DEALS, seed=SEED).write_csv(export)
    with open_workshop(settings) as workshop:
        take_in(workshop.store, export, firm=workshop.firm, mapping=MAPPING, policy=workshop.policy)
        retrain(workshop, Terms(seed=SEED, simulated=True), at=now(), progress=progress)
        once = list(_deals_to_send(workshop.policy))
    deals = (_another(deal, copy) for copy in range(COPIES) for deal in once)
    lines = (json.dumps(deal, ensure_ascii=False) for deal in deals)
    (folder / "deals.jsonl").write_text("\n".join(lines), encoding="utf-8")
    store = open_store(settings.database)
    _, secret = store.keys.create("main", "bench", at=now())
    store.close()
    (folder / "key").write_text(secret, encoding="utf-8")


def _deals_to_send(policy: Any) -> Iterator[dict[str, Any]]:
    """Yield the deals of another such history, as a CRM sends them today."""
    with tempfile.TemporaryDirectory() as scratch:
        export = Path(scratch) / "deals.csv"
        simulate(deals=DEALS, seed=SEED_OF_LOAD).write_csv(export)
        for number, past in enumerate(read_history(export, mapping=MAPPING, policy=policy, now=now()).deals):
            yield _as_sent(past.deal, number)


def _another(deal: Mapping[str, Any], copy: int) -> dict[str, Any]:
    """Return a deal of its own; only the first copies are of companies with a history."""
    return {
        **deal,
        "deal_id": f"{deal['deal_id']}-{copy}",
        "company_id": f"{deal.get('company_id', 'C')}{f'-{copy}' if copy else ''}",
    }


def _as_sent(deal: Deal, number: int) -> dict[str, Any]:
    sent: dict[str, Any] = {"deal_id": f"LOAD-{number}"}
    for name, fact in FACTS.items():
        value = getattr(deal, name)
        if value is not None and name not in _MOMENTS:
            sent[name] = value / MINOR_UNITS if fact.kind is Kind.MONEY else value
    if deal.delivery_needed_by is not None and deal.as_of is not None:
        ahead = deal.delivery_needed_by - deal.as_of.date()
        sent["delivery_needed_by"] = str(date.fromordinal(datetime.now(UTC).date().toordinal() + ahead.days))
    return sent


def _lean_python(folder: Path, progress: Progress) -> Path:
    """Return the Python of an environment that holds `requirements-serve.lock` and nothing else, made once."""
    python, mark = folder / "bin" / "python", folder / "made-of"
    lock = ROOT / "requirements-serve.lock"
    if not mark.exists() or mark.read_bytes() != lock.read_bytes():
        progress("installing requirements-serve.lock into an environment of its own")
        uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv") or "uv"
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        _run(uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "-r", str(lock))
        mark.write_bytes(lock.read_bytes())
    return python


def _run(*words: str) -> None:
    subprocess.run(words, check=True)
