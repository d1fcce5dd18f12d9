"""The gates on how a challenger behaves: directions, one answer alone and in a batch, a fresh process, no leaks."""

from __future__ import annotations

import re

import numpy as np

from mlscore.scoring.deal import Deals
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy
from mlscore.scoring.verdict import judge
from training.gates.directions import steps_that_hurt
from training.gates.evidence import Evidence, Gate

HURT_SHARE_MAX = 0.02
ALONE_ROWS = 25
ALONE_TOLERANCE = 1e-9

_LEAKS = re.compile(
    r"clos(e|ed|ing)_(at|date|day|month|value|amount)|date_closed|final_|actual_|realis|realiz|outcome|^won$|^lost$"
    r"|win_prob|probability|forecast|ship(ped|ment|ping)|deliver(ed|y_act)|(^|_)paid(_|$)|payment|invoice|activit(y|ies)_count"
    r"|calls_count|emails_count|last_activity|mlscore|lost_reason|loss_reason",
)


def directions_hold(evidence: Evidence) -> Gate:
    """Change what a seller can better, on real deals: the answer must not fall."""
    hurts = list(steps_that_hurt(evidence.model, evidence.table, seed=evidence.seed))
    worst = max(hurts, key=lambda sweep: sweep.share, default=None)
    share = worst.share if worst else 0.0
    found = f"{worst.fact} lowers that of {share:.0%} of deals" if worst and share else "nothing tried lowers it"
    return Gate(
        code="directions",
        passed=share <= HURT_SHARE_MAX,
        sentence=f"Bettering a deal must not lower its probability: {found} (at most {HURT_SHARE_MAX:.0%}).",
        figures={sweep.fact: sweep.share for sweep in hurts},
    )


def same_alone_and_in_a_batch(evidence: Evidence) -> Gate:
    """Score deals one by one and together: the answers must agree."""
    deals, policy = evidence.table.deals, evidence.model.policy
    picked = np.arange(len(evidence.table))[-ALONE_ROWS:]
    together = deals.select(picked)
    batch = evidence.model.answers(together, judged=judge(together, policy)).probability
    alone = np.array([_one(evidence.model, deals.select([row]), policy) for row in picked.tolist()])
    gap = float(np.abs(batch - alone).max()) if len(picked) else 0.0
    return Gate(
        code="alone_and_in_a_batch",
        passed=gap <= ALONE_TOLERANCE,
        sentence=f"A deal must get the same answer alone and in a batch: {len(picked)} deals differ by {gap:.1g} "
        "or less.",
        figures={"gap": gap},
    )


def _one(model: FittedModel, deal: Deals, policy: Policy) -> float:
    return float(model.answers(deal, judged=judge(deal, policy)).probability[0])


def loads_in_a_fresh_process(evidence: Evidence) -> Gate:
    """Load the bundle elsewhere and ask its golden rows again."""
    fault = evidence.check()
    return Gate(
        code="loads_afresh",
        passed=fault is None,
        sentence="The bundle must load in a fresh process and answer its golden rows: "
        + ("it does." if fault is None else f"it does not. {fault}"),
    )


def no_leak_by_name(evidence: Evidence) -> Gate:
    """Refuse facts that are known only once a deal has closed, by their names."""
    suspects = sorted({f.fact for f in evidence.model.features if _LEAKS.search(f.fact.lower())})
    named = f"look at {', '.join(suspects)}" if suspects else "none does"
    return Gate(
        code="no_leak",
        passed=not suspects,
        sentence=f"No fact may be one that is known only after a deal closes: by their names, {named}.",
        figures={"suspects": float(len(suspects))},
    )
