"""`python -m tests.drills [NAME...]`: run drills, print each, and end with status 1 when a promise is broken."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Annotated

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer

from tests.drills import DRILLS
from tests.drills.telling import Ground, Seen, figures, with_seen


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Which to run, by name; all when left out.")] = None,
    seed: Annotated[int, typer.Option(help="What every draw hangs on.")] = 1,
    scale: Annotated[float, typer.Option(help="A share of the usual rounds.")] = 1.0,
    minutes: Annotated[float, typer.Option(help="How long the soak lasts.")] = 1.0,
    write: Annotated[
        Path | None,
        typer.Option(metavar="PAGE", exists=True, dir_okay=False, help="Put what was seen between a page's marks."),
    ] = None,
) -> None:
    """Break the service on purpose, and look whether what was promised holds."""
    known = {drill.name: drill for drill in DRILLS}
    if strange := set(names or ()) - set(known):
        raise typer.BadParameter(f"{', '.join(strange)}: there are {', '.join(known)}.")
    is_kept = True
    for drill in [known[name] for name in names or known]:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mlscore-drill-", ignore_cleanup_errors=True) as folder:
            ground = Ground(Path(folder), seed, scale, minutes)
            try:
                seen = drill.run(ground)
            except (RuntimeError, OSError) as error:
                seen = Seen({"ended": f"with {error}"}, {"the drill comes to its end": False})
        took = time.monotonic() - begun
        typer.echo(drill.told(seen, ground, took) + "\n")
        is_kept &= seen.is_kept
        if write is not None:
            told = f"{'kept' if seen.is_kept else '**broken**'}: {figures(seen)} (seed {seed}, {took:.0f} s)"
            write.write_text(with_seen(write.read_text(encoding="utf-8"), {drill.name: told}), encoding="utf-8")
    raise typer.Exit(0 if is_kept else 1)


if __name__ == "__main__":
    typer.run(main)
