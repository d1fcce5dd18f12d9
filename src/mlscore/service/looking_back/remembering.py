"""Remembers what took long to work out, for as long as what it was made of stays the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import perf_counter
from typing import Any, TypeVar, cast

import structlog

from mlscore.scoring.errors import MlscoreError

KEPT_AT_MOST = 32
WORTH_WAITING_S = 1.0
"""What takes no longer is worked out while its reader waits; what does is shown as it last was meanwhile."""

_T = TypeVar("_T")
_logger = structlog.get_logger()


@dataclass(slots=True)
class _Kept:
    made: Lock = field(default_factory=Lock)
    version: Hashable = None
    value: Any = None
    took: float = 0.0


@dataclass(frozen=True, slots=True)
class Remembered:
    """Values by what they are of, each with the version of the data it was made from; the least asked for go first."""

    _kept: OrderedDict[Hashable, _Kept] = field(default_factory=OrderedDict)
    _looking: Lock = field(default_factory=Lock)

    def of(self, what: Hashable, version: Hashable, make: Callable[[], _T]) -> _T:
        """Return what `make` makes, made once a version however many ask.

        `version` is never None. Where the last one took longer than a second, it is returned while a newer one is made
        behind the scenes. Raises what `make` raises.
        """
        with self._looking:
            kept = self._kept.setdefault(what, _Kept())
            self._kept.move_to_end(what)
            while len(self._kept) > KEPT_AT_MOST:
                self._kept.popitem(last=False)
        if kept.version == version:
            return cast("_T", kept.value)
        if kept.version is not None and kept.took > WORTH_WAITING_S:
            # A daemon: what it makes is of use to nobody once the service ends.
            Thread(target=_make_again, args=(kept, version, make), name="looking back", daemon=True).start()
            return cast("_T", kept.value)
        with kept.made:
            return cast("_T", _made(kept, version, make))


def _made(kept: _Kept, version: Hashable, make: Callable[[], object]) -> object:
    if kept.version != version:
        begun = perf_counter()
        value = make()
        # In this order: who reads without the lock sees a version only once its value is there.
        kept.value, kept.took = value, perf_counter() - begun
        kept.version = version
    return kept.value


def _make_again(kept: _Kept, version: Hashable, make: Callable[[], object]) -> None:
    if not kept.made.acquire(blocking=False):
        return
    try:
        _made(kept, version, make)
    except MlscoreError as error:
        _logger.warning("what was closed could not be looked at again", error=type(error).__name__)
    finally:
        kept.made.release()
