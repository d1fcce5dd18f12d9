"""Scores the deals of a B2B sales team, by its rules and by a model, side by side."""

__version__ = "0.1.0"
