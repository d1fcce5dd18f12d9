"""Runs the trainer's commands as `python -m training`."""

from __future__ import annotations

from training.commands import main

if __name__ == "__main__":
    main()
