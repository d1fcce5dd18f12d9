"""Keeps a firm's challenger beside its champion: loaded as carefully, swapped as quickly, and never in its way."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from mlscore.registry.checking import Check, load_checked
from mlscore.registry.shelf import Pointer, Shelf
from mlscore.scoring.errors import MlscoreError
from mlscore.scoring.model import FittedModel

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shadow:
    """The challenger in memory, or why there is none; `pointer` names the one that was looked at."""

    model: FittedModel | None = None
    refused: str | None = None
    pointer: Pointer | None = None
    rests_until: float = 0.0


NOBODY = Shadow()


def look_at_challenger(
    shelf: Shelf, firm: str, before: Shadow, *, champion: str | None, check: Check, retry_seconds: float
) -> Shadow:
    """Return the challenger the shelf names now, unless it is the champion itself.

    A refused one leaves nobody in the shadow, and rests before it is checked again.
    """
    try:
        pointer = shelf.pointer(firm, "challenger")
    except (MlscoreError, OSError) as error:
        return _refused(firm, before, None, f"The challenger's pointer cannot be read: {error}", retry_seconds)
    if pointer is None or pointer.version == champion:
        return NOBODY
    if pointer == before.pointer and (before.model is not None or time.monotonic() < before.rests_until):
        return before
    try:
        folder = shelf.folder(firm, pointer.version)
        model = load_checked(folder, version=pointer.version, check=check, trust=shelf.trust)
    except (MlscoreError, OSError) as error:
        return _refused(firm, before, pointer, str(error), retry_seconds)
    _log.info("model %s now answers in the shadow for %s", pointer.version, firm)
    return Shadow(model=model, pointer=pointer)


def _refused(firm: str, before: Shadow, pointer: Pointer | None, reason: str, retry_seconds: float) -> Shadow:
    if reason != before.refused:
        _log.warning("a challenger of %s was refused, the champion goes on alone: %s", firm, reason)
    return Shadow(refused=reason, pointer=pointer, rests_until=time.monotonic() + retry_seconds)
