"""Deals that wait as a table: what to say to the client next, what each may bring, and how old its score is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mlscore.ports import Brief
from mlscore.scoring.deal import SECONDS_A_DAY
from mlscore.web.pages.deals import action_cell, deal_column, grade_cell, probability_column, seller_column
from mlscore.web.tables import Cell, Column
from mlscore.web.words import Words


@dataclass(frozen=True, slots=True)
class Waiting:
    """A deal that waits: its brief, since when it is known, and whether the team can work it within a month.

    `is_within` is None where no line is drawn.
    """

    brief: Brief
    since: datetime | None
    is_within: bool | None = None


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
        """Return what a score is older than: `policy`, `champion`, or `model` where none was asked; else nothing."""
        if brief.policy_version != self.policy_version:
            return "policy"
        if brief.model_version == self.model_version:
            return ""
        return "model" if brief.model_version is None else "champion"


def _brief(one: Waiting) -> Brief:
    return one.brief


def what(words: Words) -> Sequence[Column[Waiting]]:
    """Return the columns that say which deal it is, what was answered, and what to ask."""
    return (
        deal_column(_brief),
        in_file("company_id", "web.queue.company", lambda one: one.brief.company_id),
        seller_column(_brief),
        Column(
            name="action",
            heading="web.deals.action",
            show=lambda one, words: _answer(one.brief, words),
            value=lambda one: words.name("web.action", one.brief.action),
        ),
        in_file("verdict", "web.deals.by.verdict", lambda one: words.name("verdict", one.brief.verdict)),
        Column(
            name="grade",
            heading="web.deals.grade",
            show=lambda one, words: grade_cell(one.brief, words),
            value=lambda one: words.name("web.grade", one.brief.grade),
        ),
        Column(
            name="next_fact",
            heading="web.queue.next",
            show=lambda one, words: _question(one.brief, words) or "—",
            value=lambda one: _question(one.brief, words),
            sorts=False,
        ),
    )


def money(words: Words) -> Sequence[Column[Waiting]]:
    """Return the columns that say what a deal may bring, and whether the team comes to it within a month."""
    return (
        probability_column(_brief),
        in_file("low", "web.queue.low", lambda one: one.brief.low),
        in_file("high", "web.queue.high", lambda one: one.brief.high),
        Column(
            name="expected_profit",
            heading="web.deals.expected_profit",
            show=lambda one, words: _expected(one.brief, words),
            value=lambda one: one.brief.expected_profit,
            is_number=True,
            is_money=True,
        ),
        in_file(
            "within", "web.queue.within", lambda one: None if one.is_within is None else words.answer(one.is_within)
        ),
    )


def age(words: Words, now: Now) -> Sequence[Column[Waiting]]:
    """Return the columns that say since when a deal is known, and how old its score is."""
    return (
        Column(
            name="since",
            heading="web.queue.age",
            show=lambda one, words: _days(now.days(one.since), words),
            value=lambda one: now.days(one.since),
            is_number=True,
            sorts=False,
        ),
        Column(
            name="scored_at",
            heading="web.queue.scored",
            show=lambda one, words: _freshness(one.brief, now, words),
            value=lambda one: now.days(one.brief.scored_at),
            is_moment=True,
        ),
        in_file("stale", "web.queue.stale", lambda one: _stale(one.brief, now, words)),
    )


def in_file(name: str, heading: str, value: Callable[[Waiting], object]) -> Column[Waiting]:
    """Return a column of the file alone: pages say it beside another value."""
    return Column(name=name, heading=heading, show=lambda *_: "", value=value, sorts=False, is_in_file_only=True)


def _answer(brief: Brief, words: Words) -> Cell:
    """Return what the CRM was told, and what the rules alone would have where that is not it."""
    cell = action_cell(brief.action, words)
    if brief.action == brief.verdict:
        return cell
    return replace(cell, beside=words.say("web.queue.rules", verdict=words.name("web.action", brief.verdict)))


def _question(brief: Brief, words: Words) -> str | None:
    return None if brief.next_fact is None else words.sentences().question(brief.next_fact)


def _expected(brief: Brief, words: Words) -> Cell:
    if brief.expected_profit is not None or brief.profit_if_won is None:
        return Cell(words.about(brief.expected_profit), tone="model")
    return Cell(words.about(None), beside=words.say("web.queue.if_won", profit=words.about(brief.profit_if_won)))


def _freshness(brief: Brief, now: Now, words: Words) -> Cell:
    stale = _stale(brief, now, words)
    return Cell(_days(now.days(brief.scored_at), words), beside=stale, tone="quiet" if stale else "")


def _stale(brief: Brief, now: Now, words: Words) -> str:
    stale = now.staleness(brief)
    return words.say(f"web.queue.stale.{stale}") if stale else ""


def _days(days: int | None, words: Words) -> str:
    if days is None:
        return "—"
    return words.say("web.queue.days", days=days) if days else words.say("web.queue.today")
