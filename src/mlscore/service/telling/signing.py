"""Signs and verifies messages as Standard Webhooks has it: HMAC-SHA256 over `id.timestamp.body`, version `v1`."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mlscore.scoring.errors import FaultyInputError, NotAllowedError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
APART_AT_MOST = timedelta(minutes=5)
MARK = "whsec_"
SECRET_BYTES = 32
_BYTES_LEAST, _BYTES_MOST = 24, 64
_VERSION = "v1,"
_SIGNATURES_AT_MOST = 10
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_SECONDS = re.compile(r"[0-9]{1,12}")


def new_secret() -> str:
    """Return a secret of 256 random bits."""
    return MARK + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def check_secret(secret: str) -> str:
    """Return a secret that somebody else made. Raises FaultyInputError unless it is one of the form's."""
    try:
        size = len(_key(secret))
    except (NotBase64Error, ValueError):
        size = 0
    if not secret.startswith(MARK) or not _BYTES_LEAST <= size <= _BYTES_MOST:
        raise FaultyInputError(
            f"A webhook's secret is {MARK} and {_BYTES_LEAST} to {_BYTES_MOST} random bytes in Base64: leave it out to "
            "have one made."
        )
    return secret


def sign(message_id: str, at: datetime, body: bytes, using: Sequence[str]) -> dict[str, str]:
    """Return the headers of a message, signed with each of the secrets."""
    timestamp = str(int(at.timestamp()))
    signatures = " ".join(_VERSION + _signature(message_id, timestamp, body, secret) for secret in using)
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: signatures}


def verify(headers: Mapping[str, str], body: bytes, using: Sequence[str], *, at: datetime) -> str:
    """Return the id of a message that one of the secrets signed, at most five minutes before or after this moment.

    Raises NotAllowedError, the same whatever is wrong.
    """
    message_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    shown = [one.removeprefix(_VERSION) for one in headers.get(SIGNATURE, "").split() if one.startswith(_VERSION)]
    if not _ID.fullmatch(message_id) or not _SECONDS.fullmatch(timestamp):
        raise _not_admitted()
    right = [_signature(message_id, timestamp, body, secret) for secret in using]
    # Every pair is compared: how long it takes tells nothing of which one was right.
    is_right = [hmac.compare_digest(one.encode(), own.encode()) for one in shown[:_SIGNATURES_AT_MOST] for own in right]
    if not any(is_right) or abs(at.timestamp() - int(timestamp)) > APART_AT_MOST.total_seconds():
        raise _not_admitted()
    return message_id


def _signature(message_id: str, timestamp: str, body: bytes, secret: str) -> str:
    signed = b"%s.%s.%s" % (message_id.encode(), timestamp.encode(), body)
    return b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    return b64decode(secret.removeprefix(MARK), validate=True)


def _not_admitted() -> NotAllowedError:
    return NotAllowedError("The signature is missing, wrong, or of another time.")
