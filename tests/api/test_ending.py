"""What a service began it ends: nothing is written, and no trace sent, after it."""

import pytest

from tests.api.calling import served_by
from tests.fakes import FixedChampions
from tests.models import a_model


def test_when_a_service_ends_the_writing_of_uses_and_the_tracing_end_with_it(crm):
    stopped = []
    with served_by(crm, FixedChampions(a_model())) as other:
        state = other.client.app.state
        state.stop_tracing = lambda: stopped.append("tracing")
        state.uses.note("k")
        assert stopped == []
    assert stopped == ["tracing"]
    with pytest.raises(RuntimeError, match="shutdown"):
        state.uses.note("another")
