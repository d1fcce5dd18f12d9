"""The gates on how a challenger behaves: directions, one answer alone and in a batch, a fresh process, no leaks."""

from __future__ import annotations

import numpy as np

from mlscore.scoring.deal import Deals, Floats
from mlscore.scoring.model import FittedModel
from mlscore.scoring.verdict import judge
from training.gates.directions import steps_that_hurt
from training.gates.evidence import Evidence, Gate

HURT_SHARE_MAX = 0.02
ALONE_ROWS = 25
ALONE_TOLERANCE = 1e-9


def directions_hold(evidence: Evidence) -> Gate:
    """Change what a seller can better, on real deals: the answer must not fall."""
    hurts = list(steps_that_hurt(evidence.model, evidence.table, seed=evidence.seed))
    worst = max(hurts, key=lambda sweep: sweep.share, default=None)
    share = worst.share if worst else 0.0
    facts = ", ".join(sweep.fact for sweep in hurts)
    if worst is None:
        said, found = "directions.not_tried", "this history knows no fact that could be tried"
    elif share:
        said, found = "directions.lowered", f"{worst.fact} lowers that of {share:.0%} of deals"
    else:
        said, found = "directions.none_lowers", f"none of {facts} lowers it"
    return Gate(
        code="directions",
        passed=share <= HURT_SHARE_MAX,
        sentence=f"Bettering a deal must not lower its probability: {found} (at most {HURT_SHARE_MAX:.0%}).",
        said=said,
        figures={sweep.fact: sweep.share for sweep in hurts},
        names={
            "facts": facts,
            "worst": worst.fact if worst else "",
            "share": f"{share:.0%}",
            "most": f"{HURT_SHARE_MAX:.0%}",
        },
    )


def same_alone_and_in_a_batch(evidence: Evidence) -> Gate:
    """Score deals one by one, together and in reverse: the answers must agree."""
    deals, model = evidence.table.deals, evidence.model
    picked = np.arange(len(evidence.table))[-ALONE_ROWS:]
    together = _answered(model, deals.select(picked))
    turned = _answered(model, deals.select(picked[::-1]))[::-1]
    alone = np.concatenate([_answered(model, deals.select([row])) for row in picked.tolist()])
    gap = float(max(np.abs(together - other).max(initial=0.0) for other in (turned, alone)))
    return Gate(
        code="alone_and_in_a_batch",
        passed=gap <= ALONE_TOLERANCE,
        sentence=f"A deal must get the same answer alone and in a batch: {len(picked)} deals differ by {gap:.1g} "
        "or less.",
        said="alone_and_in_a_batch",
        figures={"gap": gap, "deals": float(len(picked))},
        names={"gap": f"{gap:.1g}"},
    )


def _answered(model: FittedModel, deals: Deals) -> Floats:
    """Return deals x 2: the probability, and the expected profit as a share of the cost of a worked deal."""
    answers = model.answers(deals, judged=judge(deals, model.policy))
    money = answers.expected_profit / max(model.policy.economics.cost_per_worked_deal, 1.0)
    return np.column_stack([answers.probability, np.nan_to_num(money, nan=-1.0)])


def loads_in_a_fresh_process(evidence: Evidence) -> Gate:
    """Load the bundle elsewhere and ask its golden rows again."""
    fault = evidence.check()
    return Gate(
        code="loads_afresh",
        passed=fault is None,
        sentence="The bundle must load in a fresh process and answer its golden rows: "
        + ("it does." if fault is None else f"it does not. {fault}"),
        said="loads_afresh.does" if fault is None else "loads_afresh.does_not",
    )


def no_leak(evidence: Evidence) -> Gate:
    """Refuse facts that are known only once a deal has closed; what is merely odd is said."""
    refused = [leak for leak in evidence.leaks if leak.severity == "refuse"]
    said = " ".join(leak.sentence for leak in evidence.leaks) or "none is suspected of it."
    mend = " Leave it out, or vouch that it is known when a deal is scored: --vouch FACT." if refused else ""
    return Gate(
        code="no_leak",
        passed=not refused,
        sentence=f"No fact may be one that is known only after a deal closes: {said}{mend}",
        said="no_leak.suspected" if evidence.leaks else "no_leak.none",
        figures={"refused": float(len(refused)), "warned": float(len(evidence.leaks) - len(refused))},
        names={"facts": ", ".join(leak.fact for leak in evidence.leaks)},
    )
