"""Queue: open deals in the order of the money they are expected to bring, down to what the team can work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.responses import Response

from mlscore.ports import BriefsAsked, Tally
from mlscore.scoring.policy import fingerprint
from mlscore.scoring.receipt import Grade, Verdict
from mlscore.web.pages.deals import OPEN, Scored
from mlscore.web.pages.waiting import Now, Waiting, age, money, what
from mlscore.web.tables import Asked, Choice, Filter, Table, answer_with
from mlscore.web.visit import Visit
from mlscore.web.words import Words, whole

TABS: Mapping[str, Sequence[Verdict]] = {
    "work": (Verdict.ACCEPT, Verdict.ACCEPT_EXCEPTION),
    "ask": (Verdict.ASK,),
    "review": (Verdict.REVIEW,),
    "nurture": (Verdict.NURTURE,),
}
"""What the service told the CRM to do with a deal, by what a person does about it."""

NOT_QUEUED = (Verdict.REFUSE, Verdict.REJECT)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many deals the team can work in a month, and of the deals shown which stand within it and which beyond.

    The team's deals are the firm's: of a seller's own, or of those a filter picks, some stand within, maybe none.
    """

    able: int
    within: Tally
    beyond: Tally
    unpriced: int
    """Deals shown of which no expected profit is known, within or beyond."""

    @property
    def deals(self) -> int:
        """How many deals are shown."""
        return self.within.deals + self.beyond.deals


def show(visit: Visit) -> Response:
    """Show one tab of the queue."""
    waiting = visit.office.briefing.catch_up(visit.firm)
    tab = visit.asked.get("tab", "")
    tab = tab if tab in TABS else "work"
    table = _table(visit, tab, _now(visit))
    asked = table.asked(visit.asked)
    tallies = visit.office.briefs.tally(visit.firm, _scored(visit).briefs_asked(asked), "action")
    capacity = _capacity(visit, tab, asked, _sum(tallies, TABS[tab]))
    if tab == "work":
        table = replace(table, line=(capacity.within.deals, visit.words.say("web.queue.line", able=capacity.able)))
    return answer_with(
        visit,
        "queue.html",
        table,
        InQueue(visit, table, capacity.deals),
        waiting=waiting,
        says=_says(visit, tab, asked, capacity),
        tabs_of_page=[_tab(visit.words, one, tallies, asked, is_here=one == tab) for one in TABS],
        refused=[_refused(visit.words, one, tallies, asked) for one in NOT_QUEUED if one.value in tallies],
        is_empty=not tallies and not (asked.search or asked.filters),
    )


@dataclass(frozen=True, slots=True)
class InQueue:
    """The open deals of a tab as the source of its table; how many there are is known already."""

    visit: Visit
    table: Table[Waiting]
    deals: int

    def count(self, _: Asked) -> int:
        """Return how many deals there are."""
        return self.deals

    def read(self, asked: Asked, *, first: int, at_most: int) -> Sequence[Waiting]:
        """Return the deals from the position `first` on."""
        scored = _scored(self.visit, TABS[self.table.kept["tab"]])
        briefs = scored.read(asked, first=first, at_most=at_most)
        since = self.visit.office.briefs.since(self.visit.firm, [one.deal_id for one in briefs])
        line = self.table.line if self.table.is_in_own_order(asked) else None
        return [
            Waiting(brief, since.get(brief.deal_id), None if line is None else place < line[0])
            for place, brief in enumerate(briefs, first)
        ]


def _scored(visit: Visit, actions: Sequence[Verdict] = ()) -> Scored:
    """Return the open deals one may see, of some actions where given."""
    equal = _open(actions) if actions else {"status": [""]}
    return Scored(visit.office.briefs, visit.firm, visit.sellers, equal)


def _open(actions: Sequence[Verdict]) -> Mapping[str, Sequence[str]]:
    return {"status": [""], "action": [one.value for one in actions]}


def _now(visit: Visit) -> Now:
    model = visit.application.champions.serving(visit.firm).model
    version = None if model is None else model.version
    return Now(visit.application.clock(), fingerprint(visit.words.policy), version)


def _sum(tallies: Mapping[str, Tally], actions: Sequence[Verdict]) -> Tally:
    some = [tallies.get(one.value, Tally()) for one in actions]
    return Tally(sum(one.deals for one in some), sum(one.expected_profit for one in some))


def _capacity(visit: Visit, tab: str, asked: Asked, told: Tally) -> Capacity:
    briefs, able = visit.office.briefs, visit.words.policy.economics.deals_worked
    here = _scored(visit, TABS[tab]).briefs_asked(asked)
    teams = BriefsAsked(sellers=None, equal=_open(TABS[tab]), sort="expected_profit")
    within = briefs.first_of(visit.firm, teams, able, among=here) if tab == "work" else Tally()
    unpriced = briefs.count(visit.firm, replace(here, equal={**here.equal, "expected_profit": [""]}))
    beyond = Tally(told.deals - within.deals, told.expected_profit - within.expected_profit)
    return Capacity(able, within, beyond, unpriced)


def _says(visit: Visit, tab: str, asked: Asked, capacity: Capacity) -> str:
    """Say what the team can work and what that is worth, and which deals have no place in the order of money."""
    of_model = "" if not capacity.unpriced else "all" if capacity.unpriced == capacity.deals else "some"
    is_part = visit.sellers is not None or asked.search or asked.filters
    if tab != "work":
        code = f"{tab}.says"
    elif not capacity.deals:
        code = "work.able"
    elif of_model == "all":
        code = "work.counted"
    elif not capacity.beyond.deals:
        code = "work.all"
    else:
        code = "work.part" if is_part else "work.says"
    said = visit.words.say(
        f"web.queue.{code}",
        able=capacity.able,
        within=capacity.within.deals,
        worth=whole(capacity.within.expected_profit),
        beyond=capacity.beyond.deals,
        left=whole(capacity.beyond.expected_profit),
    )
    unpriced = visit.words.say(f"web.queue.unpriced.{of_model}", deals=capacity.unpriced) if of_model else ""
    return f"{said} {unpriced}".strip()


def _tab(words: Words, name: str, tallies: Mapping[str, Tally], asked: Asked, *, is_here: bool) -> Mapping[str, object]:
    return {
        "name": words.say(f"web.queue.tab.{name}"),
        "count": _sum(tallies, TABS[name]).deals,
        "href": f"/queue?{_narrowed(asked, tab=name)}",
        "is_here": is_here,
    }


def _refused(words: Words, action: Verdict, tallies: Mapping[str, Tally], asked: Asked) -> Mapping[str, object]:
    return {
        "name": words.name("web.action", action),
        "count": tallies[action.value].deals,
        "href": f"/deals?{_narrowed(asked, status=OPEN, action=action.value)}",
    }


def _narrowed(asked: Asked, **given: str) -> str:
    """Return a question for something else, of the same seller, funnel and grade."""
    return urlencode({**given, **({"q": asked.search} if asked.search else {}), **asked.filters})


def _table(visit: Visit, tab: str, now: Now) -> Table[Waiting]:
    words = visit.words
    return Table(
        caption=f"web.queue.tab.{tab}",
        sort="expected_profit",
        search="web.deals.search",
        filters=_filters(visit),
        kept={"tab": tab},
        columns=(*what(words), *money(words), *age(words, now)),
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
