"""Signs the manifest of a bundle (Ed25519), and refuses bundles that no trusted trainer has signed."""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mlscore.scoring.errors import BundleUntrustedError, FaultyInputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNATURE = "signature.json"
SIGNATURE_BYTES_AT_MOST = 4096

_KEY_BYTES = 32
_PURPOSE = b"mlscore bundle, layout 1\n"
"""Put before what is signed: a signature made for anything else is none of a bundle."""

_REPAIR = "Train it where the signing key is, or sign it there: python -m training sign VERSION."


@dataclass(frozen=True, slots=True)
class Trust:
    """The public keys whose bundles may serve; without any, every bundle may."""

    keys: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, written: str) -> Self:
        """Read public keys in base64, parted by commas. Raises FaultyInputError."""
        return cls(tuple(_public(one) for one in written.replace(",", " ").split()))

    def check(self, folder: Path, *, manifest: bytes, signature: bytes | None) -> None:
        """Raise BundleUntrustedError unless one of the keys signed this manifest, as it is."""
        if not self.keys:
            return
        if signature is None:
            raise BundleUntrustedError(f"{folder} is not signed, and this service takes signed models only. {_REPAIR}")
        key, signed = _read(folder, signature)
        if key not in self.keys:
            raise BundleUntrustedError(
                f"{folder} is signed by {_shown(key)}, which is not among MLSCORE_TRUSTED_KEYS. {_REPAIR}"
            )
        if not _is_by(key, signed, manifest):
            raise BundleUntrustedError(f"{folder} was changed after it was signed. {_REPAIR}")


ANYBODY = Trust()


@dataclass(frozen=True, slots=True)
class Signer:
    """A trainer's private key, as PEM; it belongs on no machine that serves only."""

    pem: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a key of `write_key`. Raises FaultyInputError."""
        try:
            signer = cls(path.read_bytes())
            signer.public()
        except (OSError, ValueError, TypeError) as error:
            said = error.strerror if isinstance(error, OSError) else "it is no Ed25519 key in PEM"
            raise FaultyInputError(f"The signing key {path} cannot be read: {said}.") from None
        return signer

    def public(self) -> str:
        """Return the public key, as MLSCORE_TRUSTED_KEYS takes it."""
        return _shown(self._private().public_key().public_bytes_raw())

    def sign(self, manifest: bytes) -> bytes:
        """Return the content of the file `signature.json` for a manifest."""
        signed = base64.b64encode(self._private().sign(_PURPOSE + manifest)).decode()
        return (json.dumps({"key": self.public(), "signature": signed}, indent=1) + "\n").encode()

    def _private(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - the trainer alone signs
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

        key = load_pem_private_key(self.pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("Not an Ed25519 key.")
        return key


def write_key(path: Path) -> Signer:
    """Make a signing key in a file that only its owner may read. Raises FaultyInputError where it cannot be written."""
    from cryptography.hazmat.primitives import serialization as pem  # noqa: PLC0415 - the trainer alone signs
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - as above

    private = Ed25519PrivateKey.generate()
    content = private.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise FaultyInputError(f"{path} cannot be written: {error.strerror}. Name a file that is not there.") from None
    return Signer(content)


def _is_by(key: bytes, signed: bytes, manifest: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - who trusts anybody loads none
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - as above

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed, _PURPOSE + manifest)
    except InvalidSignature:
        return False
    return True


def _read(folder: Path, signature: bytes) -> tuple[bytes, bytes]:
    try:
        document = json.loads(signature)
        return _public(document["key"]), base64.b64decode(document["signature"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, FaultyInputError):
        raise BundleUntrustedError(f"{folder / SIGNATURE} is no signature. {_REPAIR}") from None


def _public(written: str) -> bytes:
    try:
        key = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise FaultyInputError("A public key is 44 characters of base64, as `python -m training keygen` prints it.")
    return key


def _shown(key: bytes) -> str:
    return base64.b64encode(key).decode()
