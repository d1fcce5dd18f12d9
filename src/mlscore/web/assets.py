"""The style, the script and the icon: served under names that change with what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from starlette.responses import Response

_KINDS = MappingProxyType({"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"})
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, under the name it is served by."""

    served_as: str
    body: bytes
    media_type: str

    def response(self) -> Response:
        """Return it; a browser need never ask again, for another content has another name."""
        return Response(self.body, media_type=self.media_type, headers={"Cache-Control": _FOR_GOOD})


@cache
def assets() -> Mapping[str, Asset]:
    """Return every asset by the name it has in the package."""
    found = {}
    for file in files(__package__).joinpath("static").iterdir():
        stem, _, kind = file.name.rpartition(".")
        if kind in _KINDS:
            body = file.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:10]
            found[file.name] = Asset(f"{stem}.{digest}.{kind}", body, _KINDS[kind])
    return found


@cache
def served() -> Mapping[str, Asset]:
    """Return every asset by the name it is served by."""
    return {asset.served_as: asset for asset in assets().values()}
