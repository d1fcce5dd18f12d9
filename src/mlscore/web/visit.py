"""One visit to a page: who comes, what was asked, and everything a page needs to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mlscore.http.sessions.cookies import Cookies
from mlscore.http.sessions.limiter import Limiter
from mlscore.ports import User
from mlscore.scoring.errors import MlscoreError, NotAllowedError
from mlscore.service.application import Application, Office
from mlscore.service.people import Signed
from mlscore.web.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment

SEE_OTHER = 303


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all visits share."""

    application: Application
    office: Office
    environment: Environment
    cookies: Cookies
    limiter: Limiter = field(default_factory=Limiter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Everything a page needs; `given` are the texts of a form, `mark` is what our forms carry."""

    house: House
    request: Request
    words: Words
    may: Callable[[str], bool]
    """Whether the visitor may go through a door, named as in `web/access.py`: `POST /users`."""
    menu: tuple[Mapping[str, object], ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    signed: Signed | None = None
    mark: str = ""

    @property
    def application(self) -> Application:
        """The services."""
        return self.house.application

    @property
    def office(self) -> Office:
        """What pages need beyond them."""
        return self.house.office

    @property
    def firm(self) -> str:
        """The firm whose pages these are."""
        return self.house.application.firm

    @property
    def user(self) -> User:
        """Who is signed in. Raises NotAllowedError for a stranger."""
        if self.signed is None:
            raise NotAllowedError("Nobody is signed in.")
        return self.signed.user

    @property
    def came_from(self) -> str:
        """The address of the visitor's machine, or of the proxy before us."""
        return "" if self.request.client is None else self.request.client.host

    @property
    def sellers(self) -> frozenset[str] | None:
        """Whose deals may be seen: a seller's own, None is everybody's."""
        return self.user.sellers if self.user.role == "seller" else None

    @property
    def asked(self) -> Mapping[str, str]:
        """What stands in the address after the question mark."""
        return self.request.query_params

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Return a page."""
        written = self.house.environment.get_template(template).render(
            visit=self,
            words=self.words,
            t=self.words.say,
            user=None if self.signed is None else self.signed.user,
            **context,
        )
        return HTMLResponse(written, status_code=int(status), headers={"Content-Language": self.words.language})

    def go(self, path: str) -> Response:
        """Send the browser on, after a change or to where it should have asked."""
        return RedirectResponse(path, status_code=SEE_OTHER)

    def sentence_of(self, error: MlscoreError) -> str:
        """Say what was refused, and what to do."""
        return self.words.say(error.code, **error.params)
