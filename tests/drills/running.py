"""The service as the drills run it: as fast as it can, and telling only what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import serving
from tests.serving import Service, until

__all__ = ["Service", "a_service", "until"]


@contextmanager
def a_service(folder: Path, database: str | None = None, **settings: str) -> Iterator[Service]:
    """Give a service that has not been started, and end it afterwards."""
    of_drills = {"MLSCORE_RATE_LIMIT": "0", "MLSCORE_LOG_LEVEL": "warning"}
    with serving.a_service(folder, database, **of_drills | settings) as service:
        yield service
