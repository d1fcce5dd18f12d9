"""Deals as they are taken on the phone: opened, answered while they are told, kept, and ended."""

from mlscore.service.desk.taking import Desk, Paper

__all__ = ["Desk", "Paper"]
