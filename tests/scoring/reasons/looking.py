"""What is asked about and shown of one deal that stands second in its batch."""

from __future__ import annotations

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.reasons import look_ahead
from mlscore.scoring.receipt import NextQuestion, Step
from mlscore.scoring.verdict import judge
from tests.builders import a_deal, a_good_deal, roubles

ALL_ROLES = dict.fromkeys(("role_economic", "role_technical", "role_user"), True)
PERFECT = a_good_deal(**ALL_ROLES, need_coverage=1.0)
SMALL = roubles(3_000)


def asked(deal: Deal, policy: Policy | None = None, model: FittedModel | None = None) -> NextQuestion | None:
    """Return the next question of a deal."""
    return _looked(deal, policy, model)[0]


def steps(deal: Deal, policy: Policy | None = None, model: FittedModel | None = None) -> tuple[Step, ...]:
    """Return the path of a deal."""
    return _looked(deal, policy, model)[1]


def probability(deal: Deal, model: FittedModel, policy: Policy | None = None) -> float:
    """Return the model's probability for a deal alone."""
    built = Deals([deal])
    return float(model.answers(built, judged=judge(built, policy or default_policy())).probability[0])


def _looked(
    deal: Deal, policy: Policy | None, model: FittedModel | None
) -> tuple[NextQuestion | None, tuple[Step, ...]]:
    built = Deals([a_deal(deal_id="another"), deal])
    judged = judge(built, policy or default_policy())
    ahead = look_ahead(judged, model and model.answers(built, judged=judged))
    return ahead.next_questions[1], ahead.paths[1]
