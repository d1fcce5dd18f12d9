"""Puts a trained model where people and services find it: the laboratory book, the shelf, the card."""

from training.publish.card import card_page, model_card
from training.publish.facts import bundle_facts
from training.publish.plots import draw
from training.publish.tracking import BUNDLE, Published, TrackingAwayError, knock, move_alias, publish

__all__ = [
    "BUNDLE",
    "Published",
    "TrackingAwayError",
    "bundle_facts",
    "card_page",
    "draw",
    "knock",
    "model_card",
    "move_alias",
    "publish",
]
