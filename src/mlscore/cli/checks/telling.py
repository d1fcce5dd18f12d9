"""Whether webhooks are told of scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mlscore.cli.checks.finding import Finding
from mlscore.ports import Deliveries, Webhooks

WAITING_AT_MOST = 1_000


def look_at_webhooks(firm: str, webhooks: Webhooks, deliveries: Deliveries) -> Iterator[Finding]:
    """Look for dead letters, and for scores that pile up. Raises StoreUnavailableError."""
    names = {webhook.webhook_id: webhook.name for webhook in webhooks.every(firm)}
    dead = Counter(names.get(letter.webhook_id, letter.webhook_id) for letter in deliveries.dead(firm))
    if dead:
        said = ", ".join(f"{name} ({count})" for name, count in sorted(dead.items()))
        yield Finding("webhooks", "wrong", f"never told of scores: {said}. See why with `mlscore webhooks dead`")
    waiting = {names.get(one, one): count for one, count in deliveries.waiting(firm).items() if count > WAITING_AT_MOST}
    if waiting:
        said = ", ".join(f"{name} ({count})" for name, count in sorted(waiting.items()))
        yield Finding(
            "webhooks", "note", f"scores pile up for {said}: does `mlscore webhooks run` run, do they answer?"
        )
