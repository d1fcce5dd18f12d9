"""Moves an item to the stage of its new route, where the policy lets us."""

from __future__ import annotations

from mlscore.crm.bitrix24.card.showing import route_of
from mlscore.crm.bitrix24.mapping import PortalTerms
from mlscore.ports import SeenItem, Shown
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Receipt

STAGE = "stageId"


def stage_for(
    seen: SeenItem, receipt: Receipt, now: Shown, terms: PortalTerms, policy: Policy, *, stage: str, funnel: str
) -> str | None:
    """Return the stage an item is to be moved to; None where it stays.

    It is moved once, when its route is another than its card shows; never out of a final stage, never to another
    funnel, and never where the policy does not allow it.
    """
    target = terms.moves.stage(seen.item.kind, receipt.answer.rule.route)
    field = terms.write.route
    if not policy.crm.automatic_moves or not seen.is_open or target is None or field is None or field not in now:
        return None
    is_same_route = now[field] == route_of(receipt, terms.write)
    is_elsewhere = seen.item.kind == "deal" and _funnel_of(target) != funnel
    return None if is_same_route or is_elsewhere or target == stage else target


def _funnel_of(stage: str) -> str:
    """Return the number of a stage's funnel: `C9:NEW` is of 9, `NEW` of the general one."""
    head, colon, _ = stage.partition(":")
    return head.removeprefix("C") if colon else "0"
