"""Records as they lie in a journal: each with its length and checksum, so that half a record is never taken for one."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

MARK = b"\x1emls"
"""Begins a record. JSON writes no such byte, so no text of a client can look like the start of one."""

_HEAD = struct.Struct(">4sI16s")
PAYLOAD_BYTES_AT_MOST = 1 << 28


@dataclass(frozen=True, slots=True)
class Frames:
    """What a journal holds: its whole records in order, and whether bytes between them are none (`is_damaged`).

    A last record cut off by a crash is no damage: nobody was told that it is kept.
    """

    payloads: tuple[bytes, ...]
    is_damaged: bool


def framed(payload: bytes) -> bytes:
    """Return a record of these bytes."""
    return _HEAD.pack(MARK, len(payload), _checksum(payload)) + payload


def read_frames(content: bytes) -> Frames:
    """Return every whole record; what is damaged is passed over up to the next whole one."""
    payloads, at, end, gap, is_damaged = [], 0, 0, False, False
    while 0 <= at < len(content):
        payload = _payload_at(content, at)
        if payload is None:
            gap, at = True, content.find(MARK, at + 1)
            continue
        payloads.append(payload)
        is_damaged, gap = is_damaged or gap, False
        at += _HEAD.size + len(payload)
        end = at
    return Frames(tuple(payloads), is_damaged or _is_whole_in_length(content, end))


def _payload_at(content: bytes, at: int) -> bytes | None:
    if len(content) - at < _HEAD.size:
        return None
    mark, size, checksum = _HEAD.unpack_from(content, at)
    begin = at + _HEAD.size
    if mark != MARK or size > PAYLOAD_BYTES_AT_MOST or begin + size > len(content):
        return None
    payload = content[begin : begin + size]
    return payload if _checksum(payload) == checksum else None


def _is_whole_in_length(content: bytes, at: int) -> bool:
    """Tell whether a last record was written to its end, and is damaged rather than cut off."""
    if len(content) - at < _HEAD.size:
        return False
    mark, size, _ = _HEAD.unpack_from(content, at)
    return bool(mark == MARK) and at + _HEAD.size + size <= len(content)


def _checksum(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=16).digest()
