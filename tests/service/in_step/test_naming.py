"""A score's name says what it is of: equal where that is equal, and another where anything of it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from mlscore.ports import Current
from mlscore.service.in_step.naming import facts_digest, next_day, score_name
from tests.builders import NOON, a_good_deal, roubles

NOW = Current(policy_version="p1", model_version="7", at=NOON)
MOSCOW = "Europe/Moscow"


def name(firm: str = "main", deal: str = "D_1", digest: str = "abc", *, now: Current = NOW, scores: int = 0) -> str:
    return score_name(firm, deal, digest, now, timezone=MOSCOW, scores=scores)


def test_the_same_of_the_same_has_the_same_name_all_day() -> None:
    evening = replace(NOW, at=datetime(2026, 3, 2, 20, 59, tzinfo=UTC))
    assert name() == name(now=evening)
    assert len(name()) == 32


@pytest.mark.parametrize(
    "other",
    [
        name("other"),
        name(deal="D_2"),
        name(digest="abd"),
        name(scores=1),
        name(now=replace(NOW, policy_version="p2")),
        name(now=replace(NOW, model_version="8")),
        name(now=replace(NOW, model_version=None)),
        name(now=replace(NOW, at=datetime(2026, 3, 2, 21, tzinfo=UTC))),
    ],
)
def test_whatever_is_another_makes_another_name(other: str) -> None:
    assert other != name()


def test_a_digest_is_of_the_facts_and_not_of_when_they_were_known() -> None:
    deal = a_good_deal(created_at=NOON)
    same_moment = NOON.astimezone(timezone(timedelta(hours=3)))
    assert facts_digest(deal) == facts_digest(replace(deal, as_of=None, created_at=same_moment))
    assert facts_digest(deal) == facts_digest(replace(deal, extra={"halal": None}))


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": roubles(1)},
        {"asap": None},
        {"asap": False},
        {"delivery_needed_by": date(2026, 4, 1)},
        {"request_text": "котёл"},
        {"extra": {"halal": True}},
        {"company_id": "C-1"},
    ],
)
def test_any_fact_changes_the_digest(changed: dict[str, object]) -> None:
    assert facts_digest(a_good_deal(**changed)) != facts_digest(a_good_deal())


def test_a_day_ends_where_the_firm_is() -> None:
    assert next_day(NOON, MOSCOW) == datetime(2026, 3, 2, 21, tzinfo=UTC)
    assert next_day(datetime(2026, 3, 2, 21, tzinfo=UTC), MOSCOW) == datetime(2026, 3, 3, 21, tzinfo=UTC)
    # The night that has an hour less.
    assert next_day(datetime(2026, 3, 28, 23, tzinfo=UTC), "Europe/Berlin") == datetime(2026, 3, 29, 22, tzinfo=UTC)
