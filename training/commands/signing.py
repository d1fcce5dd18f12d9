"""`keygen` and `sign`: the trainer's signature, by which a service knows its models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlscore.registry import write_key
from mlscore.scoring.errors import FaultyInputError
from training.commands.console import err, out, refusing
from training.workshop import open_workshop


def keygen_command(
    file: Annotated[Path, typer.Argument(help="Where the signing key goes; only its owner may read it.")],
) -> None:
    """Make a signing key, and print the public key that services are given (MLSCORE_TRUSTED_KEYS).

    The file is for the machine that trains (MLSCORE_SIGNING_KEY): whoever holds it can make models that serve.
    """
    with refusing():
        signer = write_key(file)
        typer.echo(signer.public())
        err.print(f"Here: MLSCORE_SIGNING_KEY={file}. On every service: MLSCORE_TRUSTED_KEYS={signer.public()}")


def sign_command(version: Annotated[str, typer.Argument(help="A version on the shelf (MLSCORE_MODELS).")]) -> None:
    """Sign a version that was made before there was a key."""
    with refusing() as settings, open_workshop(settings) as workshop:
        if workshop.signer is None:
            raise FaultyInputError("There is no signing key: name its file in MLSCORE_SIGNING_KEY.")
        workshop.shelf.sign(workshop.firm, version, workshop.signer)
        out.print(f"Version {version} of {workshop.firm} is signed by {workshop.signer.public()}.", soft_wrap=True)
