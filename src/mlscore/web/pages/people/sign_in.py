"""Signing in and out."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from mlscore.http.sessions.cookies import SESSION, VISITOR
from mlscore.service.people.signing_in import LIVES_AT_MOST
from mlscore.web.visit import Visit

HOME = "/"


def lead(visit: Visit) -> Response:
    """Lead to the page a visitor begins his day with: a seller has a queue to work off, who leads looks over all."""
    if visit.signed is None:
        return visit.go("/sign-in")
    return visit.go("/overview" if visit.may("GET /overview") else "/queue")


def show(visit: Visit) -> Response:
    """Show the form; who is signed in already goes on."""
    if visit.signed is not None:
        return visit.go(_way_on(visit.asked.get("to", "")))
    return _form(visit, to=visit.asked.get("to", ""))


def enter(visit: Visit) -> Response:
    """Sign in, under a new session whatever the browser showed before."""
    address = "" if visit.request.client is None else visit.request.client.host
    to = visit.given.get("to", "")
    if not visit.house.limiter.may_try(address):
        return _form(visit, to=to, fault="web.sign_in.too_many", status=HTTPStatus.TOO_MANY_REQUESTS)
    signed = visit.office.signing_in.sign_in(
        visit.firm,
        visit.given.get("name", "").strip(),
        visit.given.get("password", ""),
        agent=visit.request.headers.get("user-agent", ""),
    )
    if signed is None:
        visit.house.limiter.failed(address)
        return _form(visit, to=to, fault="web.sign_in.refused", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    _, token = signed
    response = visit.go(_way_on(to))
    cookies = visit.house.cookies
    cookies.give(visit.request, response, SESSION, token, seconds=int(LIVES_AT_MOST.total_seconds()))
    cookies.take(visit.request, response, VISITOR)
    return response


def leave(visit: Visit) -> Response:
    """End the session."""
    if visit.signed is not None:
        visit.office.signing_in.sign_out(visit.signed)
    response = visit.go("/sign-in")
    visit.house.cookies.take(visit.request, response, SESSION)
    return response


def _form(visit: Visit, *, to: str, fault: str | None = None, status: int = HTTPStatus.OK) -> Response:
    name = visit.given.get("name", "")
    return visit.page("sign_in.html", status=status, to=to, name=name, fault=fault)


def _way_on(to: str) -> str:
    """Return where to go on to: an address of ours, and no other."""
    is_ours = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() and "\\" not in to
    return to if is_ours else HOME
