"""Calls to addresses that people wrote down, CRMs and webhooks: never to what lies inside."""

from mlscore.outgoing.calling import open_caller
from mlscore.outgoing.vetting import Allowed, check_address

__all__ = ["Allowed", "check_address", "open_caller"]
