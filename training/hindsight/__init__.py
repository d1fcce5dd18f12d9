"""What a firm's past says of itself: its economics, and what another policy would have made of it."""

from mlscore.scoring.replay import Concerned, Moved
from training.hindsight.economy import BelowFloor, Promise, SizeBand, below_the_floor, promises, size_bands, terms_of
from training.hindsight.replay import Replay, Tried, replay, try_thresholds, with_threshold

__all__ = [
    "BelowFloor",
    "Concerned",
    "Moved",
    "Promise",
    "Replay",
    "SizeBand",
    "Tried",
    "below_the_floor",
    "promises",
    "replay",
    "size_bands",
    "terms_of",
    "try_thresholds",
    "with_threshold",
]
