"""A leak: a fact that tells how a deal ended because it was written down once it had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Way = Literal["name", "timing", "unknowns", "too_good"]
"""How it was noticed: by what it is called, by when it is dated, by when it is unknown, by how much it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One suspicion: `refuse` keeps a challenger from deciding, `warn` is said and no more.

    `figure` is a share of deals or an AUC, as `sentence` says; None where the name alone speaks.
    """

    fact: str
    way: Way
    severity: Literal["refuse", "warn"]
    figure: float | None
    sentence: str
