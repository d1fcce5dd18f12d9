"""Deals that wait at the same moment are scored in one call, and each gets an answer of its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event

import pytest

from mlscore.scoring.deal import Deal
from mlscore.scoring.errors import FactError, StoreUnavailableError
from mlscore.service.scoring import EVERY_PART
from mlscore.service.together import TURNS, Terms, Together

TERMS = Terms("main", EVERY_PART)


@dataclass
class Scorer:
    """Answers with the deal's id once it may go on, and remembers who came together."""

    goes_on: Event = field(default_factory=Event)
    groups: list[list[str]] = field(default_factory=list)
    fails_with: dict[str, Exception] = field(default_factory=dict)

    def score(self, firm: str, deals: Sequence[Deal], **_: object) -> list[str]:
        self.goes_on.wait(10)
        self.groups.append([deal.deal_id for deal in deals])
        for deal in deals:
            if deal.deal_id in self.fails_with:
                raise self.fails_with[deal.deal_id]
        return [f"{firm}/{deal.deal_id}" for deal in deals]


def a_deal(name: str) -> Deal:
    return Deal(deal_id=name)


def scored(scorer: Scorer, *names: str, terms: dict[str, Terms] | None = None, at_most: int = 64) -> list[object]:
    """Score a first deal, and while it is being scored all the others; then let them go on."""
    together = Together(scorer, at_most=at_most)

    async def all_of_them() -> list[object]:
        first = asyncio.create_task(together.score(a_deal(names[0]), (terms or {}).get(names[0], TERMS)))
        for _ in range(TURNS + 3):  # until it is taken
            await asyncio.sleep(0)
        rest = [asyncio.create_task(together.score(a_deal(n), (terms or {}).get(n, TERMS))) for n in names[1:]]
        await asyncio.sleep(0)
        scorer.goes_on.set()
        return await asyncio.gather(first, *rest, return_exceptions=True)

    return asyncio.run(all_of_them())


def test_those_who_come_meanwhile_are_the_next_group():
    scorer = Scorer()
    assert scored(scorer, "a", "b", "c", "d") == ["main/a", "main/b", "main/c", "main/d"]
    assert scorer.groups == [["a"], ["b", "c", "d"]]


def test_those_who_come_at_the_same_moment_are_one_group():
    scorer = Scorer()
    scorer.goes_on.set()
    together = Together(scorer)

    async def both() -> list[object]:
        return await asyncio.gather(together.score(a_deal("a"), TERMS), together.score(a_deal("b"), TERMS))

    assert asyncio.run(both()) == ["main/a", "main/b"]
    assert scorer.groups == [["a", "b"]]


def test_what_is_sent_in_answer_to_a_group_goes_with_those_who_came_meanwhile():
    scorer = Scorer()
    together = Together(scorer)

    async def one_and_then_another() -> list[object]:
        return [await together.score(a_deal(name), TERMS) for name in ("a", "c")]

    async def all_of_them() -> object:
        begins = Event()
        first = asyncio.create_task(together.score(a_deal("first"), TERMS, begins=begins.set))
        twice = asyncio.create_task(one_and_then_another())
        await asyncio.to_thread(begins.wait, 10)
        meanwhile = asyncio.create_task(together.score(a_deal("b"), TERMS))
        await asyncio.sleep(0)
        scorer.goes_on.set()
        return await asyncio.gather(first, twice, meanwhile)

    assert asyncio.run(all_of_them()) == ["main/first", ["main/a", "main/c"], "main/b"]
    assert scorer.groups == [["first", "a"], ["b", "c"]]


def test_a_group_is_not_larger_than_it_may_be():
    scorer = Scorer()
    scored(scorer, "a", "b", "c", "d", at_most=2)
    assert scorer.groups == [["a"], ["b", "c"], ["d"]]


def test_only_deals_asked_for_alike_go_together():
    scorer = Scorer()
    others = {"c": Terms("other", EVERY_PART), "d": Terms("main", frozenset()), "e": Terms("main", EVERY_PART, True)}
    answers = scored(scorer, "a", "b", "c", "d", "e", "f", terms=others)
    assert answers == ["main/a", "main/b", "other/c", "main/d", "main/e", "main/f"]
    assert scorer.groups == [["a"], ["b", "f"], ["c"], ["d"], ["e"]]


def test_a_deal_with_a_fault_fails_alone():
    fault = FactError("no", code="field.invalid", fact="amount")
    scorer = Scorer(fails_with={"c": fault})
    assert scored(scorer, "a", "b", "c", "d") == ["main/a", "main/b", fault, "main/d"]


def test_an_error_nobody_thought_of_leaves_nobody_waiting():
    bug = ZeroDivisionError("a bug")
    scorer = Scorer(fails_with={"b": bug})
    assert scored(scorer, "a", "b", "c", "b") == ["main/a", bug, "main/c", bug]


def test_a_database_that_is_away_is_told_to_each_and_not_asked_for_each():
    away = StoreUnavailableError("away")
    scorer = Scorer(fails_with={"b": away})
    assert scored(scorer, "a", "b", "c") == ["main/a", away, away]
    assert scorer.groups == [["a"], ["b", "c"]]


def test_who_stops_waiting_takes_no_answer_from_the_others():
    scorer = Scorer()
    together = Together(scorer)

    async def one_leaves() -> object:
        gone = asyncio.create_task(together.score(a_deal("gone"), TERMS))
        stays = asyncio.create_task(together.score(a_deal("stays"), TERMS))
        await asyncio.sleep(0)
        gone.cancel()
        scorer.goes_on.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays

    assert asyncio.run(one_leaves()) == "main/stays"
    assert scorer.groups == [["gone", "stays"]]


def test_a_loop_that_ends_before_its_group_began_keeps_nobody_waiting():
    scorer = Scorer()
    scorer.goes_on.set()
    together = Together(scorer)
    ended = asyncio.new_event_loop()
    left = ended.create_task(together.score(a_deal("left"), TERMS))
    ended.run_until_complete(asyncio.sleep(0))
    left.cancel()
    ended.close()
    assert asyncio.run(asyncio.wait_for(together.score(a_deal("next"), TERMS), 10)) == "main/next"


def test_who_waits_for_a_group_has_not_begun_and_who_is_scored_again_alone_has_begun_once():
    scorer = Scorer(fails_with={"b": FactError("no", code="field.invalid", fact="amount")})
    together = Together(scorer)
    begun: list[str] = []

    async def a_group_after_another() -> list[str]:
        first_begins = Event()
        first = asyncio.create_task(together.score(a_deal("a"), TERMS, begins=first_begins.set))
        await asyncio.to_thread(first_begins.wait, 10)
        rest = [
            asyncio.create_task(together.score(a_deal(name), TERMS, begins=partial(begun.append, name)))
            for name in ("b", "c")
        ]
        await asyncio.sleep(0)
        meanwhile = list(begun)
        scorer.goes_on.set()
        await asyncio.gather(first, *rest, return_exceptions=True)
        return meanwhile

    assert asyncio.run(a_group_after_another()) == []
    assert scorer.groups == [["a"], ["b", "c"], ["b"], ["c"]]
    assert begun == ["b", "c"]
