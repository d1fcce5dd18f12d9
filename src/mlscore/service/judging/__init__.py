"""What people decide of single deals, and what came of it."""

from mlscore.service.judging.siding import Siding

__all__ = ["Siding"]
