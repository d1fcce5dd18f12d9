"""Finds facts that tell how a deal ended because they were written down once it had."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from mlscore.scoring.deal import FACTS
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.policy import Policy
from training.dataset import Table
from training.leaks.hearing import hearing_of
from training.leaks.leak import Leak, Way
from training.leaks.names import known_late, leaks_by_name
from training.leaks.single import Heard, hear_every, leaks_by_themselves, leaks_of_winning
from training.leaks.timing import leaks_by_timing

__all__ = ["Heard", "Leak", "Way", "check_vouched", "find_leaks", "hear_every", "hearing_of", "known_late"]


def find_leaks(table: Table, *, vouched: Collection[str] = (), seed: int, threads: int) -> tuple[Leak, ...]:
    """Return at most one leak a fact, the refused first: by name, by timing, by unknowns, or too good to be honest.

    A fact that a person has `vouched` for is warned of at most.
    """
    found: dict[str, Leak] = {}
    for leak in _every(table, vouched, seed, threads):
        one = _vouched_for(leak) if leak.fact in vouched else leak
        before = found.get(one.fact)
        if before is None or (before.severity == "warn" and one.severity == "refuse"):
            found[one.fact] = one
    return tuple(sorted(found.values(), key=lambda leak: (leak.severity == "warn", leak.fact)))


def check_vouched(vouched: Collection[str], policy: Policy) -> None:
    """Raise FaultyInputError where one of these is no fact at all."""
    known = {*FACTS, *(fact.name for fact in policy.custom_facts)}
    if unknown := sorted(set(vouched) - known):
        raise FaultyInputError(f"Nobody can vouch for {', '.join(unknown)}: the policy knows no such fact.")


def _vouched_for(leak: Leak) -> Leak:
    return replace(leak, severity="warn", sentence=f"{leak.sentence} A person vouches for it.")


def _every(table: Table, vouched: Collection[str], seed: int, threads: int) -> Iterator[Leak]:
    yield from leaks_by_name(table.policy)
    yield from leaks_by_timing(table)
    if (hearing := hearing_of(table, seed=seed, threads=threads)) is not None:
        heard = hear_every(hearing)
        yield from leaks_by_themselves(hearing, heard, vouched=vouched)
        yield from leaks_of_winning(hearing, heard, vouched=vouched)
