"""Takes back what a worker that died had set for as long as it lived."""

from __future__ import annotations

import os
import re
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

_OF_A_LIVING = re.compile(r"gauge_live\w+_(\d+)\.db")


def forget_dead_workers(folder: str) -> None:
    """Remove the gauges of processes that are no more; what they counted stays counted."""
    found = (_OF_A_LIVING.fullmatch(path.name) for path in Path(folder).glob("gauge_live*.db"))
    for pid in {int(match[1]) for match in found if match}:
        if not _lives(pid):
            mark_process_dead(pid, folder)  # type: ignore[no-untyped-call] # published without types for it


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
