"""The cookies of the pages: read by no script, sent by no other site, and bound to this host behind TLS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

CookieName = Literal["mlscore_session", "mlscore_visitor"]
SESSION: CookieName = "mlscore_session"
VISITOR: CookieName = "mlscore_visitor"
TOKEN_LENGTH_AT_MOST = 256
_HOST = "__Host-"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Reads and writes cookies; `is_behind_tls` says that browsers come over TLS although requests do not show it."""

    is_behind_tls: bool = False

    def read(self, request: Request, name: CookieName) -> str | None:
        """Return what a browser shows; behind TLS only what no other host can have written."""
        value = request.cookies.get(self._named(request, name))
        return value if value and len(value) <= TOKEN_LENGTH_AT_MOST else None

    def give(self, request: Request, response: Response, name: CookieName, value: str, *, seconds: int) -> None:
        """Have a browser show this from now on."""
        response.set_cookie(
            self._named(request, name),
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._is_secure(request),
        )

    def take(self, request: Request, response: Response, name: CookieName) -> None:
        """Have a browser forget it."""
        named = self._named(request, name)
        response.delete_cookie(named, path="/", httponly=True, samesite="lax", secure=self._is_secure(request))

    def _named(self, request: Request, name: CookieName) -> str:
        return _HOST + name if self._is_secure(request) else name

    def _is_secure(self, request: Request) -> bool:
        return self.is_behind_tls or request.url.scheme == "https"
