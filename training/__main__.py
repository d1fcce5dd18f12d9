"""Runs the trainer's commands as `python -m training`."""

from __future__ import annotations

import os

# Read once, when NumPy and LightGBM are loaded: threads that spin for work this small slow shared cores down.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from training.commands import main

if __name__ == "__main__":
    main()
