"""Receipts in brief, kept up to date for who reads pages."""

from mlscore.service.briefing.catching_up import Briefing

__all__ = ["Briefing"]
