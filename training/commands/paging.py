"""`pages`: notebooks that were run, as pages to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mlscore.scoring.errors import FaultyInputError
from training.commands.console import out, refusing
from training.publish.notebook_page import notebook_page


def pages_command(
    folder: Annotated[Path, typer.Argument(help="Where notebooks lie that were run: make notebooks leaves some.")],
) -> None:
    """Write every notebook of a folder as an HTML page beside it, with all that its cells showed."""
    with refusing():
        notebooks = sorted(folder.glob("*.ipynb"))
        if not notebooks:
            raise FaultyInputError(f"There is no notebook in {folder}: run make notebooks.")
        for notebook in notebooks:
            page = notebook.with_suffix(".html")
            page.write_text(notebook_page(json.loads(notebook.read_text(encoding="utf-8"))), encoding="utf-8")
            out.print(f"To read: {page}", soft_wrap=True)
