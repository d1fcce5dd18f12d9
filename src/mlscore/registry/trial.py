"""The program that tries a bundle in a process of its own: `python -m mlscore.registry.trial FOLDER VERSION`."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from mlscore.registry.bundle import load_and_try
from mlscore.registry.golden import golden_deals
from mlscore.scoring.deal import Deals
from mlscore.scoring.errors import MlscoreError
from mlscore.scoring.model import FittedModel
from mlscore.scoring.verdict import judge

DEAL_SECONDS = 0.02
"""What one deal may cost, reasons included, in time of the processor: ten times what a usual model takes, and more."""

MEMORY_BYTES_AT_MOST = 4 << 30

_NOT_NEEDED = ("pandas", "sklearn", "matplotlib", "dask", "distributed", "graphviz", "pyarrow", "polars")
"""What LightGBM imports where it is installed, for seconds, and what reading a booster never uses."""


def main() -> None:
    """Load the bundle, answer its golden rows, and write the reason against it (null: none) as the last line."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_AT_MOST, MEMORY_BYTES_AT_MOST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in _NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]  # how the import system spells "not installed"
    folder, version, deal_seconds = sys.argv[1:]
    reason = None
    try:
        reason = too_slow(load_and_try(Path(folder), version=version), deal_seconds=float(deal_seconds))
    except MlscoreError as error:
        reason = str(error)
    sys.stdout.write("\n" + json.dumps({"reason": reason}) + "\n")


def too_slow(model: FittedModel, *, deal_seconds: float = DEAL_SECONDS) -> str | None:
    """Return why a model is too slow to serve, None where it is not; the processor's time, whoever shares it."""
    times = []
    for deal in golden_deals(model.policy, vocabularies=model.vocabularies)[:7]:
        deals = Deals([deal])
        judged = judge(deals, model.policy)
        begun = time.process_time()
        model.answers(deals, judged=judged).contributions(np.arange(1))
        times.append(time.process_time() - begun)
    if (took := median(times)) <= deal_seconds:
        return None
    return (
        f"Model {model.version} takes {took * 1000:.3g} ms of the processor for one deal, and may take "
        f"{deal_seconds * 1000:g}. Train it with fewer or smaller trees."
    )


if __name__ == "__main__":
    main()
