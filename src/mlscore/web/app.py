"""Makes the pages: one gate before all of them, which asks who comes, what for, and from which form."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qsl, quote

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from mlscore.http.problems import problem_of, problem_of_status
from mlscore.http.requests import language_of
from mlscore.http.sessions import csrf
from mlscore.http.sessions.cookies import SESSION, VISITOR, Cookies
from mlscore.scoring.errors import FaultyInputError, MlscoreError
from mlscore.service.application import Application
from mlscore.service.people import Signed
from mlscore.texts import LANGUAGES, Language
from mlscore.web import assets
from mlscore.web.access import DOORS, STRANGER, Door, may, menu_of
from mlscore.web.environment import make_environment
from mlscore.web.visit import House, Visit
from mlscore.web.words import Words

PAGES_AT_ONCE = 4
FIELDS_AT_MOST = 500
VISITOR_SECONDS = 7 * 24 * 3600
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class PagesSettings(Protocol):
    """What is asked of the settings."""

    @property
    def behind_tls(self) -> bool:
        """Whether browsers come over TLS although requests do not show it."""
        ...


def create_pages(application: Application, settings: PagesSettings) -> ASGIApp:
    """Return the pages of an application. Raises FaultyInputError where it has no office."""
    if application.office is None:
        raise FaultyInputError("The application was put together without an office, so it has no pages.")
    house = House(
        application=application,
        office=application.office,
        environment=make_environment(),
        cookies=Cookies(is_behind_tls=settings.behind_tls),
    )
    gate = Gate(house)
    routes = [Route("/static/{name}", _asset, methods=["GET"])]
    routes += [Route(door.path, _Behind(gate, door), methods=[door.method]) for door in DOORS]
    return Router(routes, default=_Nowhere(gate), redirect_slashes=False)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets in by the table of `web/access.py`, and turns what goes wrong into a page that says what to do."""

    house: House
    room: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(PAGES_AT_ONCE))

    async def answer(self, request: Request, door: Door | None) -> Response:
        """Answer a request at a door, or at none; in a thread, of which pages have a few: scoring keeps its own."""
        given = await _form(request) if request.method == "POST" else {}
        response = await to_thread.run_sync(self._answer, request, door, given, limiter=self.room)
        response.headers.update({name: value for name, value in HEADERS.items() if name not in response.headers})
        return response

    def _answer(self, request: Request, door: Door | None, given: Mapping[str, str]) -> Response:
        try:
            visit, token, is_new = self._visit(request, given, knows_people=True)
        except MlscoreError as error:
            return self._without_the_store(request, error)
        try:
            response = self._let_in(visit, door, None if is_new else token)
        except MlscoreError as error:
            problem = problem_of(error)
            response = _refusal(visit, problem.status, problem.said or problem.code, **problem.params)
        if is_new and door is not None and door.least == STRANGER:
            self.house.cookies.give(request, response, VISITOR, token, seconds=VISITOR_SECONDS)
        return response

    def _let_in(self, visit: Visit, door: Door | None, token: str | None) -> Response:
        role = None if visit.signed is None else visit.signed.user.role
        if door is None or _has_nul(visit):
            return _refusal(visit, HTTPStatus.NOT_FOUND, "web.error.not_found")
        if not may(role, door):
            if role is None and door.method == "GET":
                return visit.go(f"/sign-in?to={quote(_address(visit.request), safe='')}")
            return _refusal(visit, HTTPStatus.FORBIDDEN, "web.error.forbidden")
        if door.method == "POST" and not csrf.is_ours(visit.given, visit.request.headers, token):
            return _refusal(visit, HTTPStatus.FORBIDDEN, "web.error.old_form")
        return door.answer(visit)

    def _without_the_store(self, request: Request, error: MlscoreError) -> Response:
        """Tell a person that nobody can be known now; a policy never read leaves no page to tell it on."""
        problem = problem_of(error)
        try:
            visit, _, _ = self._visit(request, {}, knows_people=False)
        except MlscoreError:
            return problem.response(language_of(request.scope))
        return _refusal(visit, problem.status, problem.code)

    def _visit(self, request: Request, given: Mapping[str, str], *, knows_people: bool) -> tuple[Visit, str, bool]:
        """Return the visit, what its forms are marked by, and whether the browser has yet to be told that."""
        shown = self.house.cookies.read(request, SESSION) if knows_people else None
        signed = None if shown is None else self.house.office.signing_in.signed_in(shown)
        known = shown if signed is not None else self.house.cookies.read(request, VISITOR)
        token = known or secrets.token_urlsafe()
        role = None if signed is None else signed.user.role
        application = self.house.application
        policy = application.policies.current(application.firm).policy
        visit = Visit(
            house=self.house,
            request=request,
            words=Words(_language(request, signed), policy),
            may=lambda name: any(door.name == name and may(role, door) for door in DOORS),
            menu=menu_of(role, request.url.path),
            given=given,
            signed=signed,
            mark=csrf.mark_of(token),
        )
        return visit, token, known is None


@dataclass(frozen=True, slots=True)
class _Behind:
    """What is behind a door."""

    gate: Gate
    door: Door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = Route(self.door.path, self)  # its pattern stands in logs and metrics, never the address
        response = await self.gate.answer(Request(scope, receive), self.door)
        await response(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _Nowhere:
    gate: Gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if "text/html" in request.headers.get("accept", ""):
            response = await self.gate.answer(request, None)
        else:
            response = _no_such_address(scope)
        await response(scope, receive, send)


def _no_such_address(scope: Scope) -> Response:
    return problem_of_status(HTTPStatus.NOT_FOUND).response(language_of(scope))


async def _asset(request: Request) -> Response:
    asset = assets.served().get(request.path_params["name"])
    return _no_such_address(request.scope) if asset is None else asset.response()


async def _form(request: Request) -> Mapping[str, str]:
    """Read a form as browsers send it; anything else is an empty one, and is refused for lacking its mark."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=FIELDS_AT_MOST)
    except (UnicodeDecodeError, ValueError):
        return {}
    return dict(pairs)


def _has_nul(visit: Visit) -> bool:
    """Tell whether there is a letter in what was sent that no database keeps in a text."""
    request = visit.request
    sent = (*request.path_params.values(), *request.query_params.values(), *visit.given.values())
    return any("\0" in text for text in sent)


def _refusal(visit: Visit, status: int, code: str, **params: object) -> Response:
    return visit.page("refused.html", status=status, sentence=visit.words.say(code, **params))


def _language(request: Request, signed: Signed | None) -> Language:
    chosen = request.query_params.get("lang") if signed is None else signed.user.language
    return next((one for one in LANGUAGES if one == chosen), language_of(request.scope))


def _address(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
