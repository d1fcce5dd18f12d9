"""Target list: which industries and limits the firm's own closed deals speak for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import numpy as np
from starlette.responses import Response

from mlscore.scoring.deal import Texts
from mlscore.service.looking_back import Past
from mlscore.service.looking_back.targets import DEALS_AT_LEAST, Industry, targets_of
from mlscore.web.pages.past.deals import UNKNOWN, PastDeal, PastDeals, columns
from mlscore.web.tables import Cell, Choice, Column, Filter, InMemory, Table, answer_with, lay_out
from mlscore.web.tables.column import Tone, count, money, share
from mlscore.web.tables.export import as_csv
from mlscore.web.visit import Visit
from mlscore.web.words import Words

TONES: Mapping[str, Tone] = {"add": "good", "keep": "good", "drop": "bad", "leave": "quiet", "unsure": "open"}


def show(visit: Visit) -> Response:
    """Show the list; the tables are files too."""
    looking_back = visit.office.looking_back
    past = looking_back.past(visit.firm)
    if not len(past):
        return visit.page("targets.html", found=None)
    found = looking_back.remembered.of((visit.firm, "targets"), past.version, lambda: targets_of(past))
    industries = _table()
    source = InMemory(industries, found.industries)
    if visit.asked.get("industries-format") == "csv":
        return as_csv(visit, industries, source, industries.asked(visit.asked))
    named = {"industry": _industry_of(past)}
    return answer_with(
        visit,
        "targets.html",
        _deals(named["industry"], visit.words),
        PastDeals(past, np.arange(len(past)), named),
        found=found,
        at_least=DEALS_AT_LEAST,
        industries=lay_out(visit, industries, source),
        found_mode=past.policy.grading.mode,
        same="".join(f"&{urlencode({'industry': one.code})}" for one in past.policy.industries if one.target),
        changes=[one for one in found.industries if one.advice in {"add", "drop"}],
    )


def _industry_of(past: Past) -> Texts:
    codes = np.array([*(one.code for one in past.policy.industries), None], dtype=object)
    return codes[past.judged.facts.industry]


def _deals(industry: Texts, words: Words) -> Table[PastDeal]:
    known = sorted({one for one in industry if one is not None})
    choices = [*(Choice(one, one) for one in known), Choice(UNKNOWN, words.say("web.targets.unlisted"))]
    return Table(
        caption="web.overview.deals",
        sort="profit",
        columns=columns(),
        filters=(Filter("industry", "web.targets.industry", choices),),
        rows_a_page=25,
    )


def _table() -> Table[Industry]:
    return Table(
        caption="web.targets.industries",
        sort="net",
        prefix="industries-",
        columns=(*_counts(), *_sums()),
    )


def _counts() -> Sequence[Column[Industry]]:
    return (
        Column(name="code", heading="web.targets.industry", show=_name, value=lambda one: one.code),
        Column(
            name="is_target",
            heading="web.targets.today",
            show=lambda one, words: words.say("web.targets.listed" if one.is_target else "web.targets.not_listed"),
            value=lambda one: one.is_target,
        ),
        count("deals", "web.overview.closed", lambda one: one.deals),
        share("paid", "web.contest.part.paid", _paid),
    )


def _sums() -> Sequence[Column[Industry]]:
    return (
        money("net", "web.overview.net", lambda one: one.net),
        Column(
            name="a_deal",
            heading="web.targets.a_deal",
            show=_a_deal,
            value=lambda one: one.a_deal.value if one.deals else None,
            is_number=True,
            is_money=True,
        ),
        Column(name="advice", heading="web.targets.advice", show=_advice, value=lambda one: one.advice),
    )


def _paid(one: Industry) -> float | None:
    return one.paid / one.deals if one.deals else None


def _name(one: Industry, words: Words) -> Cell:
    text = words.say("web.targets.unlisted") if one.code is None else one.code
    return Cell(text, href=f"?{urlencode({'industry': one.code or UNKNOWN})}#deals")


def _a_deal(one: Industry, words: Words) -> Cell:
    if not one.deals:
        return Cell(words.about(None))
    return Cell(words.about(one.a_deal.value), beside=f"{words.about(one.a_deal.low)} – {words.about(one.a_deal.high)}")


def _advice(one: Industry, words: Words) -> Cell:
    return Cell(words.say(f"web.targets.advice.{one.advice}"), tone=TONES[one.advice], is_badge=True)
