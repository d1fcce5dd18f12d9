from datetime import timedelta

import pytest

from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import FactError
from mlscore.service.outcomes import OutcomeService
from tests.builders import NOON
from tests.fakes import FakeClock, InMemoryOutcomes, InMemoryReceipts


def a_lost(**facts: object) -> Outcome:
    return Outcome(**{"deal_id": "D-1", "status": Status.LOST} | facts)


def a_service(kept: InMemoryOutcomes | None = None, receipts: InMemoryReceipts | None = None) -> OutcomeService:
    return OutcomeService(
        outcomes=kept or InMemoryOutcomes(), receipts=receipts or InMemoryReceipts(), clock=FakeClock()
    )


def test_an_outcome_is_recorded_as_of_now():
    [version] = a_service().record("main", [a_lost()])
    assert (version.outcome.deal_id, version.recorded_at) == ("D-1", NOON)


def test_a_deal_cannot_have_closed_in_the_future_and_then_nothing_is_recorded():
    kept = InMemoryOutcomes()
    ahead = a_lost(deal_id="D-2", closed_at=NOON + timedelta(minutes=6))
    with pytest.raises(FactError) as refused:
        a_service(kept).record("main", [a_lost(), ahead])
    assert refused.value.params["fact"] == "closed_at"
    assert kept.versions == []


@pytest.mark.parametrize("end", [{"closed_at": NOON}, {"realised_profit": 100}, {"realised_profit": 0}])
def test_a_reopened_deal_has_no_end_yet(end):
    a_service().check(a_lost(status=Status.REOPENED))
    with pytest.raises(FactError) as refused:
        a_service().check(a_lost(status=Status.REOPENED, **end))
    assert [refused.value.params["fact"]] == list(end)


def test_a_lost_deal_may_have_cost_money_but_brought_none():
    a_service().check(a_lost(realised_profit=-100))
    a_service().check(a_lost(realised_profit=0))
    a_service().check(a_lost(status=Status.WON, realised_profit=100))
    with pytest.raises(FactError) as refused:
        a_service().check(a_lost(realised_profit=100))
    assert refused.value.params["fact"] == "realised_profit"
