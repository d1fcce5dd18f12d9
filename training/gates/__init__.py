"""The gates: each is one sentence a challenger must fulfil before it may decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from training.gates.conduct import (
    directions_hold,
    loads_in_a_fresh_process,
    no_leak,
    same_alone_and_in_a_batch,
)
from training.gates.evidence import Evidence, Gate
from training.gates.figures import (
    calibrated,
    earns_as_much,
    enough_history,
    not_worse_than_the_champion,
    not_worse_than_the_rules,
    tells_deals_apart,
)

__all__ = ["GATES", "Evidence", "Gate", "pass_gates"]

GATES: Sequence[Callable[[Evidence], Gate]] = (
    enough_history,
    tells_deals_apart,
    not_worse_than_the_rules,
    not_worse_than_the_champion,
    calibrated,
    earns_as_much,
    directions_hold,
    same_alone_and_in_a_batch,
    loads_in_a_fresh_process,
    no_leak,
)


def pass_gates(evidence: Evidence) -> tuple[Gate, ...]:
    """Put a challenger before every gate; it may decide only if all are passed."""
    return tuple(gate(evidence) for gate in GATES)
