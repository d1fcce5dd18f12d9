"""Keeps a CRM in step: every open item shows the score of its facts, under the policy, the model and the day of now."""

from mlscore.service.in_step.aging import Aging
from mlscore.service.in_step.freshness import Currently, FreshnessWatch
from mlscore.service.in_step.holding import Holding
from mlscore.service.in_step.looking import Looking
from mlscore.service.in_step.rescoring import Rescoring
from mlscore.service.in_step.sweeping import Sweep
from mlscore.service.in_step.working import Worker

__all__ = ["Aging", "Currently", "FreshnessWatch", "Holding", "Looking", "Rescoring", "Sweep", "Worker"]
