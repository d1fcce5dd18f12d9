"""Puts a trained model where people and services find it: the laboratory book, the shelf, the card."""

from training.publish.card import model_card
from training.publish.facts import bundle_facts
from training.publish.tracking import BUNDLE, Published, TrackingAwayError, knock, move_alias, publish

__all__ = [
    "BUNDLE",
    "Published",
    "TrackingAwayError",
    "bundle_facts",
    "knock",
    "model_card",
    "move_alias",
    "publish",
]
