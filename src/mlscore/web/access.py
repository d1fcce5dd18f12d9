"""Who may go through which door: every page and every action, with its least role, and nowhere else.

A page is added here, with one line; its module is in `web/pages`, its template in `web/templates`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from starlette.responses import Response

from mlscore.ports import ROLES, Role
from mlscore.web.pages import deal, deals, desk, exceptions, models, policy, queue
from mlscore.web.pages.past import contest, disagreements, overview, targets
from mlscore.web.pages.people import account, audit, sign_in, users
from mlscore.web.visit import Visit

STRANGER: Literal["stranger"] = "stranger"
Least: TypeAlias = Role | Literal["stranger"]


@dataclass(frozen=True, slots=True)
class Door:
    """One page or action: its method and path, the least role that may use it, and what answers.

    `menu` is the code of its place in the menu; a page without one is reached from others.
    """

    method: Literal["GET", "POST"]
    path: str
    least: Least
    answer: Callable[[Visit], Response]
    menu: str | None = None

    @property
    def name(self) -> str:
        """How templates and tests name it."""
        return f"{self.method} {self.path}"


DOORS: Sequence[Door] = (
    Door("GET", "/", STRANGER, sign_in.lead),
    Door("GET", "/sign-in", STRANGER, sign_in.show),
    Door("POST", "/sign-in", STRANGER, sign_in.enter),
    Door("POST", "/sign-out", "seller", sign_in.leave),
    Door("GET", "/overview", "viewer", overview.show, menu="web.menu.overview"),
    Door("GET", "/queue", "seller", queue.show, menu="web.menu.queue"),
    Door("GET", "/desk", "seller", desk.show, menu="web.menu.desk"),
    Door("POST", "/desk", "seller", desk.keep),
    Door("POST", "/desk/answer", "seller", desk.answer),
    Door("POST", "/desk/outcome", "seller", desk.end),
    Door("GET", "/deals", "seller", deals.show, menu="web.menu.deals"),
    Door("GET", "/deals/{deal_id}", "seller", deal.show),
    Door("POST", "/deals/{deal_id}/exception", "manager", exceptions.decide),
    Door("GET", "/exceptions", "seller", exceptions.show, menu="web.menu.exceptions"),
    Door("POST", "/deals/{deal_id}/side", "manager", disagreements.take),
    Door("GET", "/rules-and-model", "viewer", contest.show, menu="web.menu.contest"),
    Door("GET", "/disagreements", "viewer", disagreements.show, menu="web.menu.sides"),
    Door("GET", "/policy", "viewer", policy.show, menu="web.menu.policy"),
    Door("POST", "/policy", "manager", policy.save),
    Door("GET", "/targets", "viewer", targets.show, menu="web.menu.targets"),
    Door("GET", "/models", "viewer", models.show, menu="web.menu.models"),
    Door("POST", "/models/roll-back", "manager", models.roll_back),
    Door("POST", "/models/{version}/promote", "manager", models.promote),
    Door("GET", "/users", "admin", users.show, menu="web.menu.users"),
    Door("POST", "/users", "admin", users.add),
    Door("POST", "/users/{user_id}/role", "admin", users.place),
    Door("POST", "/users/{user_id}/password", "admin", users.reset),
    Door("POST", "/users/{user_id}/sessions", "admin", users.sign_out),
    Door("POST", "/users/{user_id}/disabled", "admin", users.disable),
    Door("POST", "/users/{user_id}/enabled", "admin", users.enable),
    Door("GET", "/audit", "admin", audit.show, menu="web.menu.audit"),
    Door("GET", "/account", "seller", account.show),
    Door("POST", "/account/password", "seller", account.change_password),
    Door("POST", "/account/looks", "seller", account.change_looks),
    Door("POST", "/account/sessions", "seller", account.end_sessions),
)


def may(role: Role | None, door: Door) -> bool:
    """Tell whether a role, None for a stranger, may go through a door."""
    if door.least == STRANGER:
        return True
    return role is not None and ROLES.index(role) >= ROLES.index(door.least)


def menu_of(role: Role | None, path: str) -> tuple[Mapping[str, object], ...]:
    """Return the places a role may go to: their code, their path, and whether one is there."""
    return tuple(
        {"code": door.menu, "path": door.path, "is_here": path == door.path or path.startswith(f"{door.path}/")}
        for door in DOORS
        if door.menu is not None and may(role, door)
    )
