"""What people decide: of single deals, and of which model answers."""

from mlscore.service.judging.siding import Siding
from mlscore.service.judging.wishing import Wishing

__all__ = ["Siding", "Wishing"]
