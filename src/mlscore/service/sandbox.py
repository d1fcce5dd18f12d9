"""Keeps what is tried out apart: a sandbox is a firm of its own, under the policy and the model of the real one."""

from __future__ import annotations

_MARK = ".sandbox"
"""No firm is named so: names of firms hold no dot."""


def kept_in(firm: str, sandbox: bool) -> str:
    """Return the firm under which receipts, outcomes and idempotency keys are kept."""
    return firm + _MARK if sandbox else firm
