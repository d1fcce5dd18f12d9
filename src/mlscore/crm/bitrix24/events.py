"""Reads the events of a portal: whether one is the portal's own, and which items it is about."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from re import compile as pattern
from urllib.parse import parse_qsl

import structlog

from mlscore.crm.bitrix24.connection import SECRETS, Secrets, read_connection
from mlscore.ports import Item, ItemKind
from mlscore.scoring.errors import FaultyInputError, NotAllowedError, NotFoundError

FIELDS_AT_MOST = 100
_KINDS: Mapping[str, ItemKind] = {"LEAD": "lead", "DEAL": "deal"}
_EVENT = pattern(r"ONCRM(LEAD|DEAL)(?:ADD|UPDATE|DELETE|MOVETOCATEGORY)")
_ITEM_ID = pattern(r"[1-9][0-9]{0,18}")
_logger = structlog.get_logger()


@dataclass(slots=True)
class PortalEvents:
    """The events of the portal whose connection lies in a folder.

    The folder is looked at again at every event, so that a service is connected, or given another token, as it runs.
    """

    folder: Path
    _read: tuple[tuple[int, int, int], Secrets | None] | None = field(default=None)

    def items(self, body: bytes) -> Sequence[Item]:
        """Return the items an event is about; none where it is about something else.

        Raises NotFoundError where no portal is connected, NotAllowedError for an event that does not show the portal's
        token or names another portal, and FaultyInputError for one that cannot be read.
        """
        secrets = self._secrets()
        if secrets is None or secrets.token is None:
            raise NotFoundError("No Bitrix24 portal is connected: run `mlscore bitrix24 connect`.")
        event = _fields(body)
        if not _is_from(event, secrets.token.get_secret_value(), secrets.member_id):
            raise NotAllowedError("The event does not show the application token of the portal.")
        told = _EVENT.fullmatch(event.get("event", "").upper())
        if told is None:
            return ()
        item_id = event.get("data[FIELDS][ID]", "")
        if not _ITEM_ID.fullmatch(item_id):
            raise FaultyInputError("The event names no item.")
        return [Item(kind=_KINDS[told[1]], item_id=item_id)]

    def _secrets(self) -> Secrets | None:
        try:
            found = (self.folder / SECRETS).stat()
        except OSError:
            return None
        as_written = (found.st_mtime_ns, found.st_ino, found.st_size)
        if self._read is None or self._read[0] != as_written:
            self._read = as_written, self._read_anew()
        return self._read[1]

    def _read_anew(self) -> Secrets | None:
        try:
            connection = read_connection(self.folder)
        except FaultyInputError as error:
            _logger.warning("the Bitrix24 connection cannot be used", error=str(error))
            return None
        return None if connection is None else connection.secrets


def _fields(body: bytes) -> Mapping[str, str]:
    """Read a form whose names PHP would nest: `data[FIELDS][ID]`. Raises FaultyInputError."""
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=FIELDS_AT_MOST, errors="strict"))
    except ValueError:  # of UTF-8 too
        raise FaultyInputError("The event is no form.") from None


def _is_from(event: Mapping[str, str], token: str, member_id: str | None) -> bool:
    shown = event.get("auth[application_token]", "").encode()
    is_theirs = hmac.compare_digest(shown, token.encode())
    return is_theirs and member_id in {None, event.get("auth[member_id]")}
