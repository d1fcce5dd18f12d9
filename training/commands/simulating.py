"""`simulate`: writes the CRM export of a firm that does not exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.console import out, target
from training.simulate import simulate


def simulate_command(
    file: Annotated[
        Path, typer.Argument(help="The CSV file to write; docs/examples/demo/mapping.toml reads it.", callback=target)
    ],
    deals: Annotated[int, typer.Option(min=1, help="How many deals.")] = 4000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same history.")] = 20,
    truth: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the true chances, which no training may see.", callback=target),
    ] = None,
) -> None:
    """Draw a history of a firm like the article's. It is simulated: retrain on it with --simulated."""
    drawn = simulate(deals=deals, seed=seed)
    drawn.write_csv(file)
    if truth is not None:
        drawn.write_truth(truth)
    out.print(f"{deals} simulated deals in {file}.")
