"""How the command line speaks: plain sentences, tables, progress, and refusals that say what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mlscore.scoring.errors import MappingError, MlscoreError, PolicyError
from mlscore.settings import Settings
from mlscore.texts import Language, say

out = Console()
err = Console(stderr=True)


@contextmanager
def refusing() -> Iterator[Settings]:
    """Give the settings; end the command with status 1 and a sentence, not a traceback, on anything mlscore refuses.

    The same where a file or a folder that was named cannot be used.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            name = "MLSCORE_" + "_".join(str(part) for part in fault["loc"]).upper()
            err.print(f"[red]{name}:[/red] {fault['msg']}", highlight=False)
        raise typer.Exit(1) from None
    try:
        yield settings
    except MlscoreError as error:
        tell(error, settings.language)
        raise typer.Exit(1) from None
    except OSError as error:
        if error.filename is None:  # a pipe, a socket: no place that somebody named
            raise
        told = f"{error.filename} cannot be used ({error.strerror}): see to it, or name another place."
        err.print(told, style="red", highlight=False, soft_wrap=True, markup=False)
        raise typer.Exit(1) from None


def tell(error: MlscoreError, language: Language) -> None:
    """Print a refusal, and every fault of a document on a line of its own."""
    # Without markup: a section's name in brackets is no colour.
    err.print(refusal(error, language), style="red", highlight=False, soft_wrap=True, markup=False)
    if isinstance(error, PolicyError | MappingError):
        for fault in error.faults:
            words: dict[str, Any] = {"key": fault.key, **fault.params}
            said = f"  {fault.key}: {say(fault.code, language, **words)}"
            err.print(said, soft_wrap=True, highlight=False, markup=False)


def tell_none(sentence: str) -> None:
    """Say that a list is empty and what would fill it, where nothing reads it as one of the list."""
    err.print(sentence, soft_wrap=True, highlight=False, markup=False)


def refusal(error: MlscoreError, language: Language) -> str:
    """Return the sentence of an error; English says the exact case, as the error itself does."""
    params: dict[str, Any] = dict(error.params)
    if isinstance(error, PolicyError | MappingError):
        return say(error.code, language, **params)
    return str(error) if language == "en" else f"{say(error.code, language, **params)} ({error})"


@contextmanager
def progress() -> Iterator[Progress]:
    """Show bars on a terminal, and nothing where the output is a file."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not sys.stderr.isatty()) as bars:
        yield bars
