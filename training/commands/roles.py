"""`promote` and `rollback`: who answers."""

from __future__ import annotations

from typing import Annotated

import typer

from mlscore.registry import check_bundle
from mlscore.scoring.errors import ModelError
from training.commands.console import out, refusing
from training.publish import move_alias
from training.workshop import Workshop, open_workshop


def promote_command(version: Annotated[str, typer.Argument(help="A version on the shelf (MLSCORE_MODELS).")]) -> None:
    """Make a version the champion: the alias in the registry and the pointer the service reads."""
    with refusing() as settings, open_workshop(settings) as workshop:
        out.print(promote(workshop, version), soft_wrap=True)


def rollback_command() -> None:
    """Give the champion's role back to the version before."""
    with refusing() as settings, open_workshop(settings) as workshop:
        out.print(roll_back(workshop), soft_wrap=True)


def promote(workshop: Workshop, version: str) -> str:
    """Make a version that loads the champion; return what changed. Raises NotFoundError, ModelError, TrainingError."""
    firm, shelf = workshop.firm, workshop.shelf
    with workshop.alone():
        before = shelf.champion(firm)
        gates = shelf.facts(firm, version).get("gates", [])
        if (fault := check_bundle(shelf.folder(firm, version), version=version)) is not None:
            raise ModelError(fault)
        move_alias(firm, version, tracking_uri=workshop.tracking_uri, alias="champion")
        shelf.point(firm, version, "champion")
    failed = [gate for gate in gates if not gate["passed"]] if isinstance(gates, list) else []
    warning = f" It failed {len(failed)} gate(s), so it abstains." if failed else ""
    return f"Champion of {firm}: {before or 'none'} -> {version}.{warning}"


def roll_back(workshop: Workshop) -> str:
    """Return to the champion before; say what changed. Raises NotFoundError where there is none, ModelError.

    The alias moves first: where the tracking server is away nothing has changed, and the command can be repeated.
    """
    firm, shelf = workshop.firm, workshop.shelf
    with workshop.alone():
        before = shelf.champion(firm)
        version = shelf.would_roll_back_to(firm)
        if (fault := check_bundle(shelf.folder(firm, version), version=version)) is not None:
            raise ModelError(fault)
        move_alias(firm, version, tracking_uri=workshop.tracking_uri, alias="champion")
        shelf.roll_back(firm)
    return f"Champion of {firm}: {before} -> {version}."
