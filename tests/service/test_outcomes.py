from datetime import timedelta

import pytest

from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import FactError
from mlscore.service.outcomes import OutcomeService
from tests.builders import NOON
from tests.fakes import FakeClock, InMemoryOutcomes


def a_lost(**facts: object) -> Outcome:
    return Outcome(**{"deal_id": "D-1", "status": Status.LOST} | facts)


def test_an_outcome_is_recorded_as_of_now():
    [version] = OutcomeService(outcomes=InMemoryOutcomes(), clock=FakeClock()).record("main", [a_lost()])
    assert (version.outcome.deal_id, version.recorded_at) == ("D-1", NOON)


def test_a_deal_cannot_have_closed_in_the_future_and_then_nothing_is_recorded():
    kept = InMemoryOutcomes()
    ahead = a_lost(deal_id="D-2", closed_at=NOON + timedelta(minutes=6))
    with pytest.raises(FactError) as refused:
        OutcomeService(outcomes=kept, clock=FakeClock()).record("main", [a_lost(), ahead])
    assert refused.value.params["fact"] == "closed_at"
    assert kept.versions == []
