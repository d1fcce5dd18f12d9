"""The program that tries a bundle in a process of its own: `python -m mlscore.registry.trial FOLDER VERSION`."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from mlscore.registry.bundle import load_and_try
from mlscore.scoring.errors import MlscoreError

MEMORY_BYTES_AT_MOST = 4 << 30

_NOT_NEEDED = ("pandas", "sklearn", "matplotlib", "dask", "distributed", "graphviz", "pyarrow", "polars")
"""What LightGBM imports where it is installed, for seconds, and what reading a booster never uses."""


def main() -> None:
    """Load the bundle, answer its golden rows, and write the reason against it (null: none) as the last line."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_AT_MOST, MEMORY_BYTES_AT_MOST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in _NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]  # how the import system spells "not installed"
    folder, version = sys.argv[1:]
    reason = None
    try:
        load_and_try(Path(folder), version=version)
    except MlscoreError as error:
        reason = str(error)
    sys.stdout.write("\n" + json.dumps({"reason": reason}) + "\n")


if __name__ == "__main__":
    main()
