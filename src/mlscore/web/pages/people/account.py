"""One's own account: the password, where one is signed in, the language and the theme."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from starlette.responses import Response

from mlscore.ports import THEMES
from mlscore.scoring.errors import FaultyInputError
from mlscore.service.people import passwords
from mlscore.web.visit import Visit

_BROWSERS = {
    "Yandex": r"YaBrowser/(\d+)",
    "Edge": r"Edg/(\d+)",
    "Opera": r"OPR/(\d+)",
    "Firefox": r"Firefox/(\d+)",
    "Chrome": r"Chrome/(\d+)",
    "Safari": r"Version/(\d+).* Safari/",
}
_SYSTEMS = {
    "Android": "Android",
    "iOS": "iPhone|iPad",
    "Windows": "Windows",
    "macOS": "Mac OS X",
    "Linux": "Linux",
}


def show(visit: Visit) -> Response:
    """Show the account."""
    return _page(visit)


def change_password(visit: Visit) -> Response:
    """Change the password for who knows the present one; every other session ends."""
    new, limiter = visit.given.get("new", ""), visit.house.limiter
    # Whoever took a session over is not to find the password out by trying.
    if not limiter.may_try(visit.came_from):
        return _page(visit, fault=visit.words.say("web.sign_in.too_many"))
    if not passwords.is_right(visit.given.get("present", ""), visit.user.password_hash):
        limiter.failed(visit.came_from)
        return _page(visit, fault=visit.words.say("web.account.wrong_password"))
    if new != visit.given.get("again"):
        return _page(visit, fault=visit.words.say("web.account.not_the_same"))
    try:
        visit.office.people.set_password(visit.user, new, by=visit.user.name, but=_session_id(visit))
    except FaultyInputError as error:
        return _page(visit, fault=visit.sentence_of(error))
    return visit.go("/account?done=password")


def change_looks(visit: Visit) -> Response:
    """Change the language and the theme."""
    language = visit.given.get("language") or None
    theme = visit.given.get("theme", visit.user.theme)
    visit.office.people.set_looks(visit.user, language=language, theme=theme)
    return visit.go("/account?done=looks")


def end_sessions(visit: Visit) -> Response:
    """End one session, or all but this one."""
    user = visit.user
    only = visit.given.get("session") or None
    but = None if only else _session_id(visit)
    visit.office.people.sessions.end(
        user.firm, user.user_id, by=user.name, at=visit.application.clock(), only=only, but=but
    )
    return visit.go("/account?done=sessions")


def browser_of(agent: str) -> str:
    """Name a browser and its system in a word each, as far as it says; what is no browser as it says."""
    browser = next((f"{name} {found[1]}" for name, found in _found(_BROWSERS, agent)), "")
    system = next((name for name, _ in _found(_SYSTEMS, agent)), "")
    return ", ".join(part for part in (browser, system) if part) or agent


def _found(patterns: Mapping[str, str], agent: str) -> Iterator[tuple[str, re.Match[str]]]:
    return ((name, found) for name, pattern in patterns.items() if (found := re.search(pattern, agent)))


def _session_id(visit: Visit) -> str | None:
    return None if visit.signed is None else visit.signed.session.session_id


def _page(visit: Visit, *, fault: str | None = None) -> Response:
    user, done = visit.user, visit.asked.get("done")
    return visit.page(
        "account.html",
        status=HTTPStatus.OK if fault is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        fault=fault,
        done=done if done in {"password", "looks", "sessions"} else None,
        themes=THEMES,
        sessions=visit.office.people.sessions.of_user(user.firm, user.user_id),
        session_id=_session_id(visit),
        browser_of=browser_of,
        length_at_least=passwords.LENGTH_AT_LEAST,
    )
