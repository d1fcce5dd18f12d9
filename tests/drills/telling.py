"""What a drill is, and how it is told: what was injected, what was promised, what was seen."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Ground:
    """Where a drill runs: a folder of its own, seeded chance, and how much of it to run."""

    folder: Path
    seed: int
    scale: float = 1.0
    """A share of the usual number of rounds."""
    minutes: float = 0.5
    """How long the soak lasts."""
    database: str | None = None
    """Where the store is; None is a SQLite file in the folder."""

    @property
    def chance(self) -> random.Random:
        return random.Random(self.seed)

    def rounds(self, usual: int) -> int:
        return max(1, round(usual * self.scale))


@dataclass(slots=True)
class Seen:
    """What a drill saw: figures by name, and every promise with whether it held."""

    figures: dict[str, str] = field(default_factory=dict)
    promises: dict[str, bool] = field(default_factory=dict)

    def note(self, **figures: object) -> None:
        self.figures |= {
            name.replace("_", " "): f"{value:.3g}" if isinstance(value, float) else str(value)
            for name, value in figures.items()
        }

    def held(self, promise: str, is_so: bool) -> None:
        self.promises[promise] = self.promises.get(promise, True) and is_so

    @property
    def is_kept(self) -> bool:
        return bool(self.promises) and all(self.promises.values())


@dataclass(frozen=True, slots=True)
class Drill:
    """One row of the fault table that needs whole processes."""

    name: str
    injected: str
    promised: str
    run: Callable[[Ground], Seen]

    def told(self, seen: Seen, ground: Ground, seconds: float) -> str:
        """Return the drill as it is printed."""
        broken = [promise for promise, is_so in seen.promises.items() if not is_so]
        lines = [
            f"{self.name}  (seed {ground.seed}, {seconds:.0f} s)",
            f"  injected  {self.injected}",
            f"  promised  {self.promised}",
            f"  seen      {figures(seen)}",
            f"  {'KEPT' if seen.is_kept else 'BROKEN: ' + '; '.join(broken)}",
        ]
        return "\n".join(lines)


def figures(seen: Seen) -> str:
    """Return the figures as one line."""
    return ", ".join(f"{name} {value}" for name, value in seen.figures.items())


def with_seen(page: str, seen: Mapping[str, str]) -> str:
    """Put what drills saw between the marks of a page, each in its own row; rows of drills not run stay."""
    begin, end = "<!-- drills -->", "<!-- /drills -->"
    before, rest = page.split(begin)
    inside, after = rest.split(end)
    rows = dict(_row_of(line) for line in inside.splitlines() if line.startswith("| `"))
    rows |= seen
    table = ["", "| drill | seen last |", "|---|---|", *(f"| `{name}` | {rows[name]} |" for name in sorted(rows)), ""]
    return before + begin + "\n".join(table) + end + after


def _row_of(line: str) -> tuple[str, str]:
    name, told = line.removeprefix("| `").removesuffix(" |").split("` | ", 1)
    return name, told
