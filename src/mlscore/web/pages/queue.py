"""Queue: open deals in the order of the money they are expected to bring, down to what the team can work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from mlscore.ports import Brief, BriefsAsked, Tally
from mlscore.scoring.deal import SECONDS_A_DAY
from mlscore.scoring.policy import fingerprint
from mlscore.scoring.receipt import Grade, Verdict
from mlscore.web.pages.deals import Scored, action_cell, deal_cell, probability_cell
from mlscore.web.tables import Asked, Cell, Choice, Column, Filter, Table, answer_with
from mlscore.web.visit import Visit
from mlscore.web.words import Words

TABS: Mapping[str, Sequence[Verdict]] = {
    "work": (Verdict.ACCEPT, Verdict.ACCEPT_EXCEPTION),
    "ask": (Verdict.ASK,),
    "review": (Verdict.REVIEW,),
    "nurture": (Verdict.NURTURE,),
}
"""What the service told the CRM to do with a deal, by what a person does about it."""

NOT_QUEUED = (Verdict.REFUSE, Verdict.REJECT)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A deal that waits: its brief, and since when it is known."""

    brief: Brief
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Now:
    """What scores are held against: the moment, today's policy and champion."""

    at: datetime
    policy_version: str
    model_version: str | None

    def days(self, moment: datetime | None) -> int | None:
        """Return how many whole days ago a moment was."""
        return None if moment is None else max(0, int((self.at - moment).total_seconds() // SECONDS_A_DAY))

    def staleness(self, brief: Brief) -> str:
        """Return what a score is older than: `policy`, `champion`, or nothing."""
        if brief.policy_version != self.policy_version:
            return "policy"
        return "champion" if brief.model_version != self.model_version else ""


def show(visit: Visit) -> Response:
    """Show one tab of the queue."""
    waiting = visit.office.briefing.catch_up(visit.firm)
    tallies = _tallies(visit)
    tab = visit.asked.get("tab", "")
    tab = tab if tab in TABS else "work"
    now, able = _now(visit), visit.words.policy.economics.deals_worked
    of_tab = BriefsAsked(sellers=visit.sellers, equal=_open(TABS[tab]), sort="expected_profit")
    within = visit.office.briefs.first_of(visit.firm, of_tab, able) if tab == "work" else Tally()
    told = _sum(tallies, TABS[tab])
    return answer_with(
        visit,
        "queue.html",
        _table(visit, tab, now, able),
        InQueue(visit, tab),
        waiting=waiting,
        tab=tab,
        tabs_of_page=[_tab(visit.words, one, tallies, tab) for one in TABS],
        able=able,
        within=within,
        beyond=Tally(told.deals - within.deals, told.expected_profit - within.expected_profit),
        refused=_sum(tallies, NOT_QUEUED),
        is_empty=not tallies,
    )


@dataclass(frozen=True, slots=True)
class InQueue:
    """The open deals of a tab as the source of its table."""

    visit: Visit
    tab: str

    def count(self, asked: Asked) -> int:
        """Return how many deals there are."""
        return self._scored.count(asked)

    def read(self, asked: Asked, *, first: int, at_most: int) -> Sequence[Waiting]:
        """Return the deals from the position `first` on."""
        briefs = self._scored.read(asked, first=first, at_most=at_most)
        since = self.visit.office.briefs.since(self.visit.firm, [one.deal_id for one in briefs])
        return [Waiting(one, since.get(one.deal_id)) for one in briefs]

    @property
    def _scored(self) -> Scored:
        equal = _open(TABS[self.tab])
        return Scored(self.visit.office.briefs, self.visit.firm, self.visit.sellers, equal)


def _open(actions: Sequence[Verdict]) -> Mapping[str, Sequence[str]]:
    return {"status": [""], "action": [one.value for one in actions]}


def _now(visit: Visit) -> Now:
    model = visit.application.champions.serving(visit.firm).model
    version = None if model is None else model.version
    return Now(visit.application.clock(), fingerprint(visit.words.policy), version)


def _tallies(visit: Visit) -> Mapping[str, Tally]:
    asked = BriefsAsked(sellers=visit.sellers, equal={"status": [""]})
    return visit.office.briefs.tally(visit.firm, asked, "action")


def _sum(tallies: Mapping[str, Tally], actions: Sequence[Verdict]) -> Tally:
    some = [tallies.get(one.value, Tally()) for one in actions]
    return Tally(sum(one.deals for one in some), sum(one.expected_profit for one in some))


def _tab(words: Words, name: str, tallies: Mapping[str, Tally], here: str) -> Mapping[str, object]:
    return {
        "name": words.say(f"web.queue.tab.{name}"),
        "count": _sum(tallies, TABS[name]).deals,
        "href": f"/queue?tab={name}",
        "is_here": name == here,
    }


def _table(visit: Visit, tab: str, now: Now, able: int) -> Table[Waiting]:
    line = visit.words.say("web.queue.line", able=able)
    return Table(
        caption=f"web.queue.tab.{tab}",
        sort="expected_profit",
        search="web.deals.search",
        filters=_filters(visit),
        kept={"tab": tab},
        columns=(*_what(), *_money(), *_age(now)),
        line=(able, line) if tab == "work" else None,
    )


def _filters(visit: Visit) -> Sequence[Filter]:
    briefs, words = visit.office.briefs, visit.words

    def of(name: str) -> Sequence[Choice]:
        return [Choice(one, one) for one in sorted(briefs.values(visit.firm, name, sellers=visit.sellers))]

    grades = [Choice(one, words.name("web.grade", one)) for one in Grade]
    return (
        Filter("seller_id", "web.deals.seller", of("seller_id")),
        Filter("funnel", "web.deals.by.funnel", of("funnel")),
        Filter("grade", "web.deals.grade", grades),
    )


def _what() -> Sequence[Column[Waiting]]:
    return (
        Column(
            name="deal_id",
            heading="web.deals.deal",
            show=lambda one, _: deal_cell(one.brief),
            value=lambda one: one.brief.deal_id,
        ),
        Column(
            name="seller_id",
            heading="web.deals.seller",
            show=lambda one, _: one.brief.seller_id or "—",
            value=lambda one: one.brief.seller_id,
        ),
        Column(
            name="action",
            heading="web.deals.action",
            show=lambda one, words: action_cell(one.brief.action, words),
            value=lambda one: one.brief.action,
        ),
        Column(
            name="grade",
            heading="web.deals.grade",
            show=lambda one, words: Cell(words.name("web.grade", one.brief.grade), tone="rules"),
            value=lambda one: one.brief.grade,
        ),
        Column(
            name="next_fact",
            heading="web.queue.next",
            show=lambda one, words: _question(one.brief, words),
            value=lambda one: one.brief.next_fact,
            sorts=False,
        ),
    )


def _money() -> Sequence[Column[Waiting]]:
    return (
        Column(
            name="probability",
            heading="web.deals.probability",
            show=lambda one, words: probability_cell(one.brief, words),
            value=lambda one: one.brief.probability,
            is_number=True,
        ),
        Column(
            name="expected_profit",
            heading="web.deals.expected_profit",
            show=lambda one, words: Cell(words.about(one.brief.expected_profit), tone="model"),
            value=lambda one: one.brief.expected_profit,
            is_number=True,
            is_money=True,
        ),
    )


def _age(now: Now) -> Sequence[Column[Waiting]]:
    return (
        Column(
            name="since",
            heading="web.queue.age",
            show=lambda one, words: words.say("web.queue.days", days=now.days(one.since)),
            value=lambda one: now.days(one.since),
            is_number=True,
            sorts=False,
        ),
        Column(
            name="scored_at",
            heading="web.queue.scored",
            show=lambda one, words: _freshness(one.brief, now, words),
            value=lambda one: one.brief.scored_at,
            is_moment=True,
        ),
    )


def _question(brief: Brief, words: Words) -> str:
    return "—" if brief.next_fact is None else words.sentences().question(brief.next_fact)


def _freshness(brief: Brief, now: Now, words: Words) -> Cell:
    stale = now.staleness(brief)
    beside = words.say(f"web.queue.stale.{stale}") if stale else ""
    return Cell(
        words.say("web.queue.days", days=now.days(brief.scored_at)), beside=beside, tone="quiet" if stale else ""
    )
