"""Tells webhooks of scores, and knows who tells us, in the form of Standard Webhooks."""

from mlscore.service.telling.signing import check_secret, new_secret, sign, verify

__all__ = ["check_secret", "new_secret", "sign", "verify"]
