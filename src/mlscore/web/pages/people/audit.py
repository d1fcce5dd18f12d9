"""The audit log: who changed what, how it was before and how after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from mlscore.ports import Audit, Deed, DeedsAsked
from mlscore.web.tables import Asked, Choice, Column, Filter, Table, answer_with
from mlscore.web.visit import Visit
from mlscore.web.words import Words

KINDS = (
    *("user.added", "user.role", "user.password", "user.looks", "user.disabled", "user.enabled", "user.locked"),
    *("session.begun", "session.ended", "policies.applied", "side.taken", "approval.given", "approval.refused"),
    *("champion.asked", "champion.asked_back", "champion.changed", "champion.refused"),
    *("desk.numbered", "desk.kept", "outcome.told"),
)


def show(visit: Visit) -> Response:
    """Show the log, newest first."""
    table = _table(visit.words)
    return answer_with(visit, "audit.html", table, Lines(visit.office.audit, visit.firm))


@dataclass(frozen=True, slots=True)
class Lines:
    """The log as the source of a table."""

    audit: Audit
    firm: str

    def count(self, asked: Asked) -> int:
        """Return how many lines there are."""
        return self.audit.count(self.firm, _deeds(asked))

    def read(self, asked: Asked, *, first: int, at_most: int) -> Sequence[Deed]:
        """Return the lines from the position `first` on."""
        return self.audit.read(self.firm, _deeds(asked), first=first, at_most=at_most)


def _deeds(asked: Asked) -> DeedsAsked:
    return DeedsAsked(search=asked.search, what=asked.filters.get("what", ""), is_oldest_first=not asked.descending)


def _table(words: Words) -> Table[Deed]:
    return Table(
        caption="web.audit.title",
        sort="at",
        search="web.audit.search",
        filters=(Filter("what", "web.audit.what", [Choice(kind, words.say(f"web.did.{kind}")) for kind in KINDS]),),
        columns=(
            Column(
                name="at",
                heading="web.audit.at",
                show=lambda deed, words: words.moment(deed.at),
                value=lambda deed: deed.at,
                is_moment=True,
            ),
            _column("who", lambda deed, _: deed.who, lambda deed: deed.who),
            _column("what", lambda deed, words: words.name("web.did", deed.what), lambda deed: deed.what),
            _column("subject", lambda deed, _: deed.subject, lambda deed: deed.subject),
            _column("before", lambda deed, words: _told(deed.before, words), lambda deed: _plain(deed.before)),
            _column("after", lambda deed, words: _told(deed.after, words), lambda deed: _plain(deed.after)),
        ),
    )


def _column(name: str, show: Callable[[Deed, Words], str], value: Callable[[Deed], object]) -> Column[Deed]:
    return Column(name=name, heading=f"web.audit.{name}", show=show, value=value, sorts=False)


def _told(said: Mapping[str, object] | None, words: Words) -> str:
    """Say values as people read them, those that are plain words by their sentences."""
    if not said:
        return "—"
    return "; ".join(f"{words.name('web.told', name)}: {_value(name, value, words)}" for name, value in said.items())


def _value(name: str, value: object, words: Words) -> str:
    if isinstance(value, bool):
        return words.answer(value)
    if isinstance(value, list) and name == "facts":
        return ", ".join(words.fact(str(one)) for one in value) or "—"
    if value is None or isinstance(value, list):
        return ", ".join(map(str, value or ())) or "—"
    if name in {"profit", "promised"} and isinstance(value, int):
        return words.money(value)
    if name in {"expires_at", "promised_by"}:
        return words.last_day(datetime.fromisoformat(str(value)))
    return words.name(_FAMILIES.get(name, ""), str(value))


_FAMILIES = {"role": "web.role", "theme": "web.theme", "language": "web.language", "outcome": "web.status"}


def _plain(said: Mapping[str, object] | None) -> str | None:
    return None if said is None else "; ".join(f"{name}={value}" for name, value in said.items())
