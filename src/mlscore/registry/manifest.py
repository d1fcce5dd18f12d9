"""A bundle's manifest: the size and SHA-256 of every file, checked before any of them is parsed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlscore import __version__
from mlscore.registry.signing import ANYBODY, SIGNATURE, SIGNATURE_BYTES_AT_MOST, Trust
from mlscore.scoring.errors import BundleDamagedError, BundleUnfitError

MANIFEST = "manifest.json"
FORMAT = 1
"""The version of the bundle's own layout; a reader refuses any other."""

MANIFEST_BYTES_AT_MOST = 1 << 20
FILE_BYTES_AT_MOST = 256 << 20
FILES_AT_MOST = 64

_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_REPAIR = "Publish the model again, or go back to the version before it."


class _Listed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    size: Annotated[int, Field(ge=0, le=FILE_BYTES_AT_MOST, alias="bytes")]


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    mlscore: str
    created_at: str
    files: Annotated[dict[str, _Listed], Field(max_length=FILES_AT_MOST)]
    digest: str


def sealed(files: Mapping[str, bytes], *, created_at: str) -> bytes:
    """Return the manifest of these files, by name."""
    listed = {n: {"sha256": hashlib.sha256(c).hexdigest(), "bytes": len(c)} for n, c in files.items()}
    return _rendered({"format": FORMAT, "mlscore": __version__, "created_at": created_at, "files": listed})


def read_sealed(folder: Path, *, only: Collection[str] | None = None, trust: Trust = ANYBODY) -> dict[str, bytes]:
    """Return the files of a bundle, or `only` some, each as the manifest says it is.

    Raises BundleDamagedError naming the file that is not, BundleUnfitError where the layout is another, and
    BundleUntrustedError where no trusted trainer signed the manifest.
    """
    manifest = _read_manifest(folder, trust)
    if only is not None and (missing := sorted(set(only) - set(manifest.files))):
        raise BundleDamagedError(f"{folder} holds no {missing[0]}. {_REPAIR}")
    return {n: _read_listed(folder, n, f) for n, f in manifest.files.items() if only is None or n in only}


def read_signature(folder: Path) -> bytes | None:
    """Return the file that signs a bundle, None where there is none. Raises BundleDamagedError."""
    path = folder / SIGNATURE
    return _read_plain(path, SIGNATURE_BYTES_AT_MOST) if os.path.lexists(path) else None


def _read_manifest(folder: Path, trust: Trust) -> _Manifest:
    path = folder / MANIFEST
    content = _read_plain(path, MANIFEST_BYTES_AT_MOST)
    # Before a byte of it is read as anything; these very bytes then vouch for every file.
    trust.check(folder, manifest=content, signature=read_signature(folder) if trust.keys else None)
    try:
        document = json.loads(content)
        # The text is its own proof: whatever was changed in it, its digest or its layout no longer agrees.
        intact = _rendered({k: v for k, v in document.items() if k != "digest"}) == content
    except (ValueError, AttributeError, RecursionError):
        intact = False
    if not intact:
        raise BundleDamagedError(f"{path} is damaged. {_REPAIR}")
    if document.get("format") != FORMAT:
        raise BundleUnfitError(
            f"{path} has layout {document.get('format')!r}; this version of mlscore reads layout {FORMAT}. "
            "Retrain the model, or run the version of mlscore it was trained with."
        )
    try:
        return _Manifest.model_validate(document)
    except ValidationError as error:
        raise BundleDamagedError(f"{path} is not a manifest ({error.errors()[0]['msg']}). {_REPAIR}") from None


def _read_listed(folder: Path, name: str, listed: _Listed) -> bytes:
    path = folder / name
    if _PLAIN_NAME.fullmatch(name) is None:
        raise BundleDamagedError(f"{folder / MANIFEST} names {name!r}, which is no plain file name. {_REPAIR}")
    content = _read_plain(path, listed.size)
    if hashlib.sha256(content).hexdigest() != listed.sha256:
        raise BundleDamagedError(f"{path} is not what the bundle's manifest says. {_REPAIR}")
    return content


def _read_plain(path: Path, bytes_at_most: int) -> bytes:
    """Return a plain file's bytes; a link, a pipe or a longer file is refused unread."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise BundleDamagedError(f"{path} cannot be read ({error.strerror}). {_REPAIR}") from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size > bytes_at_most:
        os.close(descriptor)
        raise BundleDamagedError(f"{path} is not a file of at most {bytes_at_most} bytes. {_REPAIR}")
    with os.fdopen(descriptor, "rb") as file:
        return file.read(bytes_at_most + 1)


def _rendered(body: Mapping[str, object]) -> bytes:
    plain = json.dumps(body, sort_keys=True, indent=1)
    digest = hashlib.sha256(plain.encode()).hexdigest()
    return (json.dumps({**body, "digest": digest}, sort_keys=True, indent=1) + "\n").encode()
