"""How the trainer speaks: sentences and tables, and refusals with an exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console

from mlscore.cli.console import told_of
from mlscore.scoring.errors import MappingError, MlscoreError, PolicyError, StoreUnavailableError
from mlscore.settings import Settings
from mlscore.texts import say
from training.publish import TrackingAwayError
from training.retrain import Progress
from training.split import Refit
from training.workshop import BusyError, NothingToTrainError

REFUSED, NOTHING_TO_TRAIN, BUSY, AWAY, ALARM = 1, 3, 4, 5, 6

EXIT_CODES = {
    0: "done; for a retraining: there is a new champion, or nothing new to learn",
    REFUSED: "a gate refused the model, and it is a challenger; or something given cannot be used",
    2: "wrong usage",
    NOTHING_TO_TRAIN: "nothing to train on",
    BUSY: "another training or promotion of the firm is running",
    AWAY: "the store or the tracking server is away",
    ALARM: "the watch ended with an alarm",
}
"""What a timer is told."""

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


@contextmanager
def refusing() -> Iterator[Settings]:
    """Give the settings; end with a sentence and one of `EXIT_CODES` on all mlscore refuses, and on a full disk."""
    try:
        yield Settings()
    except ValidationError as error:
        for wrong in error.errors(include_input=False, include_url=False):
            name = "MLSCORE_" + "_".join(str(part) for part in wrong["loc"]).upper()
            err.print(f"[red]{name}:[/red] {wrong['msg']}")
        raise typer.Exit(REFUSED) from None
    except MlscoreError as error:
        err.print(str(error), style="red", soft_wrap=True, markup=False)
        if isinstance(error, PolicyError | MappingError):
            for fault in error.faults:
                words: dict[str, Any] = {"key": fault.key, **fault.params}
                said = say(fault.code, "en", **words)
                err.print(f"  {fault.key}: {said}", soft_wrap=True, markup=False)
        raise typer.Exit(_code_of(error)) from None
    except OSError as error:
        if (told := told_of(error)) is None:
            raise
        err.print(told, style="red", soft_wrap=True, markup=False)
        raise typer.Exit(REFUSED) from None


def _code_of(error: MlscoreError) -> int:
    match error:
        case NothingToTrainError():
            return NOTHING_TO_TRAIN
        case BusyError():
            return BUSY
        case TrackingAwayError() | StoreUnavailableError():
            return AWAY
    return REFUSED


def target(file: Path | None) -> Path | None:
    """Return a file to write as it was given; wrong usage, before the work begins, where it could not be written."""
    if file is None:
        return None
    if file.is_dir():
        raise typer.BadParameter(f"{file} is a folder: name a file in it.")
    if not file.parent.is_dir():
        raise typer.BadParameter(f"There is no folder {file.parent}: make it first.")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise typer.BadParameter(f"{file} may not be written by this user.")
    return file


def telling() -> Progress:
    """Return a progress that prints each step with the seconds gone by."""
    began = monotonic()
    return lambda step: err.print(f"[dim]{monotonic() - began:6.1f} s[/dim]  {step}")


def read_date(text: str | None) -> datetime | None:
    """Read an ISO date or moment; a date begins at midnight UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write 2026-01-31.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_refit(text: str) -> Refit:
    """Read how often the test is learned from anew."""
    match text:
        case "once" | "quarter" | "month":
            return text
    raise typer.BadParameter(f"{text!r} is none of once, quarter, month.")


def read_folds(text: str | None) -> tuple[int, int] | None:
    """Read REPEATSxFOLDS, as in 5x10, or FOLDS alone; return folds and repeats."""
    if text is None:
        return None
    repeats, _, folds = text.lower().rpartition("x")
    if not (folds.isdigit() and (repeats or "1").isdigit() and int(folds) > 1 and int(repeats or "1") > 0):
        raise typer.BadParameter(f"{text!r} is no number of folds: write 5x10 for 5 times 10 folds.")
    return int(folds), int(repeats or "1")


def read_sizes(text: str | None) -> tuple[int | None, ...] | None:
    """Read sizes of a history, as in 30,60,all."""
    if text is None:
        return None
    words = [word.strip().lower() for word in text.split(",")]
    if not all(word == "all" or word.isdigit() for word in words):
        raise typer.BadParameter(f"{text!r} are no sizes: write 30,60,250,all.")
    return tuple(None if word == "all" else int(word) for word in words)
