import pytest

from mlscore.scoring.errors import ConflictError, StoreUnavailableError
from mlscore.scoring.policy import default_document
from mlscore.service.policies import CurrentPolicies
from tests.fakes import FakeClock, InMemoryPolicies, Outage

STRICTER = default_document().replace("closed_capacity = 100", "closed_capacity = 50")


def current_policies(kept: InMemoryPolicies, clock: FakeClock, *, pinned: bool = False) -> CurrentPolicies:
    pin = InMemoryPolicies().apply("main", STRICTER, at=clock(), by="a file", why="pinned") if pinned else None
    return CurrentPolicies(
        kept, default=default_document(), clock=clock, pinned=pin, fresh_seconds=2.0, monotonic=clock.monotonic
    )


def test_a_firm_without_a_policy_starts_with_the_default_and_the_store_keeps_it():
    kept = InMemoryPolicies()
    version = current_policies(kept, FakeClock()).current("main")
    assert version.version == 1
    assert kept.versions("main")[0].document == default_document()


def test_the_store_is_not_asked_again_while_the_policy_is_fresh():
    kept, clock = InMemoryPolicies(), FakeClock()
    policies = current_policies(kept, clock)
    for _ in range(10):
        policies.current("main")
    assert kept.reads == 1


def test_a_policy_applied_elsewhere_is_seen_within_seconds():
    kept, clock = InMemoryPolicies(), FakeClock()
    policies = current_policies(kept, clock)
    policies.current("main")
    kept.apply("main", STRICTER, at=clock(), by="a manager", why="fewer deals")
    clock.wait(2.0)
    assert policies.current("main").policy.economics.closed_capacity == 50


def test_the_same_version_stays_the_same_object_so_that_nothing_is_worked_out_twice():
    kept, clock = InMemoryPolicies(), FakeClock()
    policies = current_policies(kept, clock)
    policies.current("main")
    clock.wait(5.0)
    first = policies.current("main").policy
    clock.wait(5.0)
    assert policies.current("main").policy is first


def test_the_last_policy_known_goes_on_while_the_store_is_away():
    outage, clock = Outage(), FakeClock()
    policies = current_policies(InMemoryPolicies(outage=outage), clock)
    known = policies.current("main")
    outage.is_on = True
    clock.wait(60.0)
    assert policies.current("main") is known


def test_a_policy_never_read_is_unavailable_while_the_store_is_away():
    with pytest.raises(StoreUnavailableError):
        current_policies(InMemoryPolicies(outage=Outage(is_on=True)), FakeClock()).current("main")


def test_a_pinned_policy_stands_above_what_the_store_keeps():
    kept = InMemoryPolicies()
    policies = current_policies(kept, FakeClock(), pinned=True)
    assert policies.is_pinned
    assert policies.current("any firm").policy.economics.closed_capacity == 50
    assert kept.reads == 0


def test_an_earlier_version_is_found_by_its_name():
    kept, clock = InMemoryPolicies(), FakeClock()
    policies = current_policies(kept, clock)
    first = policies.current("main")
    kept.apply("main", STRICTER, at=clock(), by="a manager", why="fewer deals")
    clock.wait(5.0)
    assert policies.named("main", first.fingerprint) == first.policy
    assert policies.named("main", policies.current("main").fingerprint).economics.closed_capacity == 50
    assert policies.named("main", "no such name") is None


def test_a_policy_applied_here_is_in_force_at_once():
    policies = current_policies(InMemoryPolicies(), FakeClock())
    policies.current("main")
    applied = policies.apply("main", STRICTER, by="a manager", why="fewer deals")
    assert policies.current("main") is applied
    assert policies.versions("main")[0].why == "fewer deals"


def test_where_a_file_is_in_force_nothing_is_applied():
    kept = InMemoryPolicies()
    with pytest.raises(ConflictError, match="MLSCORE_POLICY"):
        current_policies(kept, FakeClock(), pinned=True).apply("main", STRICTER, by="a manager", why="fewer deals")
    assert kept.kept == {}
