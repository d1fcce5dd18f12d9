"""Whether a connected portal is kept in step."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from mlscore.cli.checks.finding import Finding
from mlscore.ports import Tasks
from mlscore.scoring.errors import FaultyInputError, MappingError
from mlscore.settings import Settings

WAITED_AT_MOST = timedelta(minutes=5)
OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


def look_at_connection(settings: Settings) -> Iterator[Finding]:
    """Look at the folder of the connection; there is nothing to say where no portal is connected."""
    from mlscore.crm.bitrix24.connection import SECRETS, read_connection

    try:
        connection = read_connection(settings.bitrix24)
    except FaultyInputError as error:
        yield Finding("bitrix24", "wrong", str(error))
        return
    if connection is None:
        return
    file = settings.bitrix24 / SECRETS
    if file.stat().st_mode & OTHERS_MAY:
        yield Finding(
            "bitrix24", "wrong", f"others may read {file}: chmod 600, for who has it may do all in the portal"
        )
    if connection.secrets.token is None:
        said = f"{file} names no token: events are refused, and changes found by the sweep alone"
        yield Finding("bitrix24", "note", said)
    yield from _mapping(connection.mapping)


def _mapping(file: Path) -> Iterator[Finding]:
    from mlscore.crm.bitrix24.mapping import read_portal_mapping

    try:
        read_portal_mapping(file)
    except MappingError as error:
        keys = ", ".join(dict.fromkeys(fault.key for fault in error.faults))
        yield Finding("bitrix24", "wrong", f"the mapping cannot be used: see {keys} in {file}")


def look_at_tasks(firm: str, crm: str, tasks: Tasks, now: datetime) -> Iterator[Finding]:
    """Look for items that were tried too often, and for some that nobody looks at. Raises StoreUnavailableError."""
    aside = tasks.set_aside(firm, crm)
    if aside:
        said = f"{len(aside)} items were tried too often: `mlscore {crm} status` says why; then `mlscore {crm} retry`"
        yield Finding(crm, "wrong", said)
    waits_since = tasks.waiting_since(firm, crm)
    if waits_since is not None and now - waits_since > WAITED_AT_MOST:
        minutes = (now - waits_since) / timedelta(minutes=1)
        yield Finding(crm, "wrong", f"an item has waited for {minutes:.0f} minutes: does `mlscore {crm} run` run?")
