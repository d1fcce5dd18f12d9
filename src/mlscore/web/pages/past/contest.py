"""Rules against the model: who is right on the same closed deals, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args
from urllib.parse import urlencode

import numpy as np
from starlette.responses import Response

from mlscore.scoring.comparison import Interval, Swap
from mlscore.scoring.deal import Texts
from mlscore.scoring.receipt import Agreement
from mlscore.service.looking_back import Past
from mlscore.service.looking_back.contest import (
    WAYS,
    Answers,
    By,
    Contest,
    Gap,
    Part,
    Scorer,
    contest_of,
    gap_of,
    names_by,
    parts_of,
    points,
)
from mlscore.web.charts import Chart, Drawn, Ink, Series, draw
from mlscore.web.pages.past.deals import UNKNOWN, PastDeal, PastDeals, columns
from mlscore.web.tables import Choice, Filter, Table, answer_with
from mlscore.web.visit import Visit
from mlscore.web.words import Words, whole

INKS: Mapping[Scorer, Ink] = {"rules": "rules", "model": "model", "both": "seen", "oracle": "apart", "random": "apart"}
CELLS: Sequence[Sequence[Agreement]] = (("both_yes", "rule_only"), ("model_only", "both_no"))
"""The two by two: in rows what the model says, in columns what the rules say, yes first."""

STEPS = 200
"""So many places the slider has."""

Known = TypeVar("Known", bound=str)


def show(visit: Visit) -> Response:
    """Show the contest on the answers and the number of worked deals asked for."""
    looking_back, firm = visit.office.looking_back, visit.firm
    past = looking_back.past(firm)
    answers = _one_of(get_args(Answers), visit.asked.get("answers"))
    contest = looking_back.remembered.of((firm, "contest", answers), past.version, lambda: contest_of(past, answers))
    if contest is None:
        return visit.page("contest.html", contest=None, past=past, answers=answers)
    by, worked = _one_of(WAYS, visit.asked.get("by")), _worked(contest, visit.asked.get("k", ""))
    share = worked / len(contest.rows)
    gap = looking_back.remembered.of(
        (firm, "gap", answers, worked), past.version, lambda: gap_of(past, contest.rows, share=share)
    )
    names = looking_back.remembered.of(
        (firm, "parts"), past.version, lambda: {way: names_by(past, way) for way in WAYS}
    )
    named = {"agreement": past.agreement_column, **{str(way): of for way, of in names.items()}}
    return answer_with(
        visit,
        "contest.html",
        _table(visit.words, names, kept=_kept(answers, worked, by)),
        PastDeals(past, contest.rows, named),
        contest=contest,
        past=past,
        told=Told(visit.words, past, contest, gap, worked, answers, by),
        parts=parts_of(past, contest.rows, names[by], share=share),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says of a contest, for its template."""

    words: Words
    past: Past
    contest: Contest
    gap: Gap
    worked: int
    answers: Answers
    by: By

    @property
    def sentence(self) -> str:
        """Who is right, by how much, and how sure that is."""
        leader, gap = self.gap.leader, self.gap.profit
        sure = self.gap.model_ahead if leader != "rules" else 1 - self.gap.model_ahead
        code = f"web.contest.leads.{leader or 'nobody'}"
        low, high = sorted((abs(gap.low), abs(gap.high))) if leader else (gap.low, gap.high)
        about = {"gap": whole(abs(gap.value)), "low": whole(low), "high": whole(high)}
        return self.words.say(code, worked=self.worked, deals=len(self.contest.rows), sure=sure, **about)

    @property
    def backtested(self) -> int:
        """How many of the model's answers are from backtests."""
        return len(self.contest.rows) - self.contest.live

    @property
    def left_out(self) -> int:
        """How many closed deals the model has not answered for at all."""
        return len(self.past) - len(self.contest.rows) if self.answers == "all" else 0

    @property
    def ways(self) -> Sequence[str]:
        """By what the deals may be parted."""
        return WAYS

    @property
    def kinds(self) -> Sequence[str]:
        """Which answers of the model may be looked at."""
        return get_args(Answers)

    @property
    def step(self) -> int:
        """How far one step of the slider goes."""
        return max(1, len(self.contest.rows) // STEPS)

    @property
    def earned(self) -> Sequence[tuple[Scorer, str, float]]:
        """What each scorer's best deals brought: its name, its ink, minor units."""
        return [(name, INKS[name], float(curve[self.worked])) for name, curve in self.contest.curves.items()]

    @property
    def cells(self) -> Sequence[Sequence[tuple[Agreement, Swap]]]:
        """The two by two with the money in each cell."""
        swap = self.contest.comparison.swap
        return [[(name, swap[name]) for name in row] for row in CELLS]

    @property
    def undecided(self) -> Swap:
        """The deals on which somebody says neither yes nor no."""
        return self.contest.comparison.swap["undecided"]

    @property
    def metrics(self) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
        """Each measure with what every scorer has of it."""
        cards = self.contest.comparison.scorecards
        names = ("auc", "average_precision", "log_loss", "brier")
        return [(name, [self._interval(getattr(card, name)) for card in cards]) for name in names]

    @property
    def scorers(self) -> Sequence[str]:
        """Who is measured, in the order of `metrics`."""
        return [card.scorer for card in self.contest.comparison.scorecards]

    def _interval(self, found: Interval | None) -> tuple[str, str]:
        """Write a measure, and its interval."""
        if found is None or np.isnan(found.value):
            return self.words.number(None), ""
        value, low, high = (self.words.number(one) for one in (found.value, found.low, found.high))
        return value, f"{low} – {high}"

    def link(self, **filters: str | None) -> str:
        """Return the address of the deals behind a figure; the rest of the page stays as it is."""
        given = {**_kept(self.answers, self.worked, self.by), **{name: value or "" for name, value in filters.items()}}
        return f"?{urlencode(given)}#deals"

    def named(self, part: Part) -> str:
        """Name a part of the deals."""
        return called(self.by, part.name, self.words)

    def link_to(self, part: Part) -> str:
        """Return the address of the deals of a part."""
        return self.link(**{self.by: part.name or UNKNOWN})

    @property
    def curve(self) -> Drawn:
        """Draw cumulative profit by the number of deals worked."""
        at = points(self.contest.curves["rules"])
        say = self.words.say
        return draw(
            Chart(
                title=say("web.contest.curve.title"),
                says=say("web.contest.curve.says"),
                along=say("web.contest.curve.along"),
                labels=[self.words.number(int(one)) for one in at],
                series=[
                    Series(name=say(f"web.contest.scorer.{name}"), ink=INKS[name], values=curve[at].tolist())
                    for name, curve in self.contest.curves.items()
                ],
                write=self.words.about,
            )
        )

    @property
    def calibration(self) -> Drawn:
        """Draw what share paid against what was said, by deals of like probability."""
        say, bins = self.words.say, self.contest.bins
        return draw(
            Chart(
                title=say("web.contest.calibration.title"),
                says=say("web.contest.calibration.says", deals=bins[0].deals),
                along=say("web.contest.calibration.along"),
                labels=[f"{place}" for place in range(1, len(bins) + 1)],
                series=[
                    Series(name=say("web.contest.calibration.said"), ink="model", values=[one.said for one in bins]),
                    Series(name=say("web.contest.calibration.seen"), ink="seen", values=[one.seen for one in bins]),
                ],
                write=self.words.share,
                ends=(0.0, 1.0),
            )
        )


def _table(words: Words, names: Mapping[By, Texts], *, kept: Mapping[str, str]) -> Table[PastDeal]:
    cells = [Choice(name, words.say(f"web.agreement.{name}")) for name in get_args(Agreement)]
    ways = [
        Filter(way, f"web.contest.by.{way}", _choices(way, values, words), is_offered=way == "grade")
        for way, values in names.items()
    ]
    return Table(
        caption="web.contest.deals",
        sort="profit",
        columns=columns(),
        filters=(Filter("agreement", "web.deals.agreement", cells), *ways),
        kept=kept,
        rows_a_page=25,
    )


def _choices(way: By, values: Texts, words: Words) -> Sequence[Choice]:
    return [Choice(one or UNKNOWN, called(way, one, words)) for one in dict.fromkeys(values)]


def called(way: By, name: str | None, words: Words) -> str:
    """Name a part of the deals."""
    if name is None:
        return words.say("web.contest.unknown")
    return words.name("web.grade", name) if way == "grade" else name


def _kept(answers: Answers, worked: int, by: By) -> Mapping[str, str]:
    return {"answers": answers, "k": str(worked), "by": by}


def _worked(contest: Contest, given: str) -> int:
    """Return how many deals are worked: as asked for, else as many as the team can."""
    asked = int(given) if given.isdecimal() and len(given) < len("1000000000") else contest.worked
    return min(max(asked, 1), len(contest.rows))


def _one_of(known: Sequence[Known], given: str | None) -> Known:
    return next((one for one in known if one == given), known[0])
