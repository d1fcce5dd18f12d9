"""Puts a trained model where people and services find it: the laboratory book, the shelf, the card."""

from training.publish.card import model_card
from training.publish.facts import bundle_facts
from training.publish.tracking import BUNDLE, Published, move_alias, publish

__all__ = ["BUNDLE", "Published", "bundle_facts", "model_card", "move_alias", "publish"]
