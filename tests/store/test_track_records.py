"""Track records are kept up with the store: nothing lost, nothing counted twice, and nobody kept waiting."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from mlscore.scoring.deal import Deal, Deals, Outcome, Status
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.track_record import TrackRecord
from mlscore.store import Store, open_store
from mlscore.store.closed import SqlTrackRecords
from mlscore.store.engine import Database
from mlscore.store.outcomes import SqlOutcomes
from tests.builders import a_policy
from tests.fakes import FakeClock
from tests.store.builders import DAY, NOON, SECOND, a_deal, a_receipt, an_outcome

LATER = NOON + 30 * DAY
POLICY = default_policy()


def a_past_deal(deal_id: str = "D-1", **facts: object) -> Deal:
    """Give a deal of client C-1 that has a margin to tell of."""
    return a_deal(
        deal_id,
        **{"company_id": "C-1", "source": "site", "region": "77", "amount": 4_000_000, "currency": "RUB"} | facts,
    )


def keep(store: Store, firm: str, *deals: Deal, **said: object) -> None:
    store.receipts.keep(firm, [a_receipt(deal, **said) for deal in deals])


def close(store: Store, firm: str, *outcomes: Outcome, at: object = NOON + DAY) -> None:
    store.outcomes.record(firm, outcomes, at=at)


def figures(record: TrackRecord | None, deal: Deal | None = None) -> dict[str, float]:
    """Return what a record says of a deal of client C-1, a month later."""
    asked = deal or a_past_deal("D-asked", as_of=LATER)
    assert record is not None
    return {name: float(column[0]) for name, column in record.columns(Deals([asked])).items()}


def read_anew(store: Store, firm: str, policy: Policy = POLICY) -> TrackRecord:
    """Return the record of somebody who has read everything just now."""
    record = SqlTrackRecords(store.database).of(firm, policy)
    assert record is not None
    return record


def is_same(one: TrackRecord | None, other: TrackRecord) -> bool:
    """Tell whether two records say the same of everything, to the last bit."""
    assert one is not None
    asked = Deals(
        [
            a_past_deal(f"A-{days}-{client}", as_of=NOON + days * DAY, company_id=client)
            for days in range(-5, 40)
            for client in ("C-1", "C-2", None)
        ]
    )
    told, other_told = one.columns(asked), other.columns(asked)
    return told.keys() == other_told.keys() and all(
        np.array_equal(column, other_told[name], equal_nan=True) for name, column in told.items()
    )


@dataclass
class LosesAnswers:
    """A database that does what it is told, and then cannot say so."""

    database: Database

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.database.writing() as connection:
            yield connection
        raise StoreUnavailableError("The database does not answer.")


@dataclass
class Watched:
    """A database that may be away, take its time, or hold its readers up; `reads` counts them."""

    database: Database
    is_away: bool = False
    reads: int = 0
    passes: Callable[[], None] = lambda: None
    held: Event | None = None
    reached: Event = field(default_factory=Event)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self.reads += 1
        if self.is_away:
            raise StoreUnavailableError("The database does not answer.")
        if self.held is not None:
            self.reached.set()
            assert self.held.wait(30)
        with self.database.reading() as connection:
            yield connection
        self.passes()


def test_a_firm_without_closed_deals_has_a_record_and_it_says_what_the_policy_believes(store: Store, firm: str) -> None:
    said = figures(store.track_records.of(firm, POLICY))
    assert said["track.firm.rate"] == POLICY.prior.profitable_share
    assert said["track.client.deals"] == 0.0
    assert np.isnan(said["track.firm.margin"])


def test_an_outcome_counts_for_the_very_next_who_asks(store: Store, firm: str) -> None:
    keep(store, firm, a_past_deal())
    before = figures(store.track_records.of(firm, POLICY))
    close(store, firm, an_outcome())
    after = figures(store.track_records.of(firm, POLICY))
    assert (before["track.client.deals"], np.isnan(before["track.client.days_since"])) == (0.0, True)
    assert after["track.client.deals"] > 0.0
    assert after["track.client.days_since"] == 29.0
    assert after["track.firm.margin"] == pytest.approx(0.3)


def test_it_counts_from_when_it_was_known_and_never_in_its_own_deals_figures(store: Store, firm: str) -> None:
    keep(store, firm, a_past_deal())
    close(store, firm, an_outcome(), at=NOON + DAY)
    record = store.track_records.of(firm, POLICY)
    known = {moment: figures(record, a_past_deal("D-2", as_of=moment)) for moment in (NOON + DAY, NOON + DAY - SECOND)}
    assert [said["track.client.days_since"] == 0.0 for said in known.values()] == [True, False]
    assert figures(record, a_past_deal("D-1", as_of=LATER))["track.client.deals"] == 0.0


def test_a_corrected_outcome_takes_the_place_of_the_first_and_counts_from_the_correction(
    store: Store, firm: str
) -> None:
    keep(store, firm, a_past_deal("D-1"), a_past_deal("D-2"))
    close(store, firm, an_outcome("D-1"), an_outcome("D-2"))
    good = figures(store.track_records.of(firm, POLICY))
    close(store, firm, an_outcome("D-1", status=Status.LOST, realised_profit=None), at=NOON + 9 * DAY)
    record = store.track_records.of(firm, POLICY)
    assert len(record) == 2
    assert figures(record)["track.client.rate_3"] < good["track.client.rate_3"]
    assert figures(record)["track.client.days_since"] == 21.0
    assert is_same(record, read_anew(store, firm))


def test_an_outcome_told_before_its_deals_receipt_counts_once_there_is_one(store: Store, firm: str) -> None:
    close(store, firm, an_outcome())
    assert len(store.track_records.of(firm, POLICY)) == 0
    keep(store, firm, a_past_deal())
    assert len(store.track_records.of(firm, POLICY)) == 1


def test_an_earlier_receipt_that_comes_late_stands_for_its_deal(store: Store, firm: str) -> None:
    keep(store, firm, a_past_deal(company_id="C-2"))
    close(store, firm, an_outcome())
    store.track_records.of(firm, POLICY)
    keep(store, firm, a_past_deal(as_of=NOON - DAY, company_id="C-1"))
    record = store.track_records.of(firm, POLICY)
    assert figures(record)["track.client.deals"] > 0.0
    assert is_same(record, read_anew(store, firm))


def test_the_receipt_is_the_one_a_training_under_the_policy_takes(store: Store, firm: str) -> None:
    last = a_policy(training={"snapshot": "last_before_close"})
    keep(store, firm, a_past_deal(company_id="C-2", as_of=NOON - 3 * DAY), a_past_deal(as_of=NOON - DAY))
    close(store, firm, an_outcome())
    counted = [figures(store.track_records.of(firm, policy))["track.client.deals"] > 0 for policy in (POLICY, last)]
    assert counted == [False, True]


def test_deals_that_cannot_teach_are_in_no_record(store: Store, firm: str) -> None:
    keep(store, firm, a_past_deal("D-good"), a_past_deal("D-late", as_of=NOON + 2 * DAY), a_past_deal("D-silent"))
    keep(store, firm, a_past_deal("D-undated", as_of=None))
    told = [an_outcome("D-good"), an_outcome("D-late"), an_outcome("D-silent", realised_profit=None)]
    close(store, firm, *told, an_outcome("D-undated"))
    assert len(store.track_records.of(firm, POLICY)) == 1


def test_once_most_profits_are_missing_every_won_deal_has_paid(store: Store, firm: str) -> None:
    keep(store, firm, *(a_past_deal(f"D-{n}") for n in range(5)))
    close(store, firm, an_outcome("D-0", realised_profit=100), an_outcome("D-1"))
    poor = figures(store.track_records.of(firm, POLICY))
    close(store, firm, *(an_outcome(f"D-{n}", realised_profit=None) for n in range(2, 5)))
    record = store.track_records.of(firm, POLICY)
    assert len(record) == 5
    assert poor["track.firm.rate"] < figures(record)["track.firm.rate"]
    assert is_same(record, read_anew(store, firm))


def test_firms_have_records_of_their_own(store: Store, firm: str) -> None:
    for name in (firm, f"not {firm}"):
        keep(store, name, a_past_deal())
        store.track_records.of(name, POLICY)
    close(store, f"not {firm}", an_outcome())
    assert [len(store.track_records.of(name, POLICY)) for name in (firm, f"not {firm}")] == [0, 1]


def test_policies_have_records_of_their_own(store: Store, firm: str) -> None:
    strict = a_policy(economics={"floor": 50_000})
    keep(store, firm, a_past_deal())
    close(store, firm, an_outcome())
    for _ in range(2):
        told = [figures(store.track_records.of(firm, policy))["track.client.rate_3"] for policy in (POLICY, strict)]
        assert told[0] > 0.5 > told[1]
        close(store, firm, an_outcome(closed_at=NOON + SECOND), at=NOON + 2 * DAY)


def test_what_another_process_records_is_seen_within_seconds_and_not_looked_for_at_every_deal(
    store: Store, firm: str
) -> None:
    clock, watched = FakeClock(), Watched(store.database)
    ours = SqlTrackRecords(watched, monotonic=clock.monotonic, fresh_seconds=2.0)
    keep(store, firm, a_past_deal())
    assert len(ours.of(firm, POLICY)) == 0
    close(store, firm, an_outcome())
    clock.wait(1.9)
    assert len(ours.of(firm, POLICY)) == 0
    assert watched.reads == 1
    clock.wait(0.2)
    assert len(ours.of(firm, POLICY)) == 1
    ours.of(firm, POLICY)
    assert watched.reads == 2


def test_the_longer_a_record_takes_to_be_kept_up_the_seldomer_it_is_looked_whether_others_told_something(
    store: Store, firm: str
) -> None:
    clock = FakeClock()
    watched = Watched(store.database, passes=lambda: clock.wait(1.0))
    ours = SqlTrackRecords(watched, monotonic=clock.monotonic, fresh_seconds=2.0)
    keep(store, firm, a_past_deal("D-1"), a_past_deal("D-2"))
    ours.of(firm, POLICY)
    for told, (waited, counted) in enumerate([(2.1, 1), (9.9, 1), (0.2, 2)]):
        close(store, firm, an_outcome(f"D-{told + 1}"))
        clock.wait(waited)
        assert len(ours.of(firm, POLICY)) == counted
    ours.hear(firm)
    ours.of(firm, POLICY)
    assert watched.reads == 4


def test_without_news_the_record_in_memory_stays_the_same(store: Store, firm: str) -> None:
    clock = FakeClock()
    ours = SqlTrackRecords(store.database, monotonic=clock.monotonic)
    keep(store, firm, a_past_deal())
    close(store, firm, an_outcome())
    record = ours.of(firm, POLICY)
    clock.wait(60)
    close(store, firm, an_outcome())
    keep(store, firm, a_past_deal("D-open"))
    assert ours.of(firm, POLICY) is record


def test_while_the_store_is_away_the_last_record_goes_on(store: Store, firm: str) -> None:
    clock, watched = FakeClock(), Watched(store.database)
    ours = SqlTrackRecords(watched, monotonic=clock.monotonic)
    keep(store, firm, a_past_deal("D-1"), a_past_deal("D-2"))
    close(store, firm, an_outcome("D-1"))
    known = ours.of(firm, POLICY)
    close(store, firm, an_outcome("D-2"))
    clock.wait(5)
    watched.is_away = True
    assert ours.of(firm, POLICY) is known
    watched.is_away = False
    clock.wait(5)
    assert len(ours.of(firm, POLICY)) == 2


def test_what_is_heard_of_while_the_store_is_away_is_looked_for_as_soon_as_it_answers(store: Store, firm: str) -> None:
    watched = Watched(store.database)
    ours = SqlTrackRecords(watched, monotonic=FakeClock().monotonic)
    keep(store, firm, a_past_deal())
    assert len(ours.of(firm, POLICY)) == 0
    close(store, firm, an_outcome())
    ours.hear(firm)
    watched.is_away = True
    assert len(ours.of(firm, POLICY)) == 0
    watched.is_away = False
    assert len(ours.of(firm, POLICY)) == 1


def test_an_outcome_whose_answer_was_lost_counts_for_the_very_next_who_asks(store: Store, firm: str) -> None:
    ours = SqlTrackRecords(store.database, monotonic=FakeClock().monotonic)
    keep(store, firm, a_past_deal())
    assert len(ours.of(firm, POLICY)) == 0
    with pytest.raises(StoreUnavailableError):
        SqlOutcomes(LosesAnswers(store.database), ours.hear).record(firm, [an_outcome()], at=NOON + DAY)
    assert len(ours.of(firm, POLICY)) == 1


def test_a_store_that_has_never_answered_has_no_record_and_is_not_asked_at_every_deal(store: Store, firm: str) -> None:
    clock, watched = FakeClock(), Watched(store.database, is_away=True)
    ours = SqlTrackRecords(watched, monotonic=clock.monotonic)
    assert ours.of(firm, POLICY) is ours.of(firm, POLICY) is None
    assert watched.reads == 1
    watched.is_away = False
    clock.wait(5)
    assert len(ours.of(firm, POLICY)) == 0


def test_while_one_makes_a_record_anew_the_others_go_on_with_the_old_one(store: Store, firm: str) -> None:
    watched = Watched(store.database)
    ours = SqlTrackRecords(watched)
    keep(store, firm, a_past_deal())
    old = ours.of(firm, POLICY)
    close(store, firm, an_outcome())
    ours.hear(firm)
    watched.held = Event()
    with ThreadPoolExecutor(1) as pool:
        maker = pool.submit(ours.of, firm, POLICY)
        assert watched.reached.wait(30)
        assert ours.of(firm, POLICY) is old
        watched.held.set()
        assert len(maker.result(30)) == 1
    assert len(ours.of(firm, POLICY)) == 1


def test_what_is_told_while_a_record_is_made_is_looked_for_the_next_time(store: Store, firm: str) -> None:
    watched = Watched(store.database, held=Event())
    ours = SqlTrackRecords(watched)
    keep(store, firm, a_past_deal())
    with ThreadPoolExecutor(1) as pool:
        maker = pool.submit(ours.of, firm, POLICY)
        assert watched.reached.wait(30)
        ours.hear(firm)
        watched.held.set()
        maker.result(30)
    ours.of(firm, POLICY)
    assert watched.reads == 2


def test_the_first_to_ask_make_one_record_together(store: Store, firm: str) -> None:
    watched = Watched(store.database, held=Event())
    ours = SqlTrackRecords(watched)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ours.of, firm, POLICY) for _ in range(4)]
        assert watched.reached.wait(30)
        watched.held.set()
        assert len({id(one.result(30)) for one in asked}) == 1
    assert watched.reads == 1


def test_those_who_score_record_and_ask_at_once_lose_no_outcome_and_count_none_twice(store: Store, firm: str) -> None:
    def work(number: int) -> int:
        deal = a_past_deal(f"D-{number:03}", as_of=NOON + number * SECOND)
        told = [an_outcome(deal.deal_id), an_outcome(deal.deal_id, realised_profit=700_000 + number)]
        if number % 2:
            keep(store, firm, deal)
            close(store, firm, *told, at=NOON + DAY + number * SECOND)
        else:
            close(store, firm, *told, at=NOON + DAY + number * SECOND)
            keep(store, firm, deal)
        return len(store.track_records.of(firm, POLICY))

    with ThreadPoolExecutor(6) as pool:
        assert max(pool.map(work, range(60))) <= 60
    record = store.track_records.of(firm, POLICY)
    assert len(record) == 60
    assert is_same(record, read_anew(store, firm))


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["score", "close", "ask"]),
        st.integers(0, 5),  # which deal
        st.integers(0, 20),  # when, in days
        st.sampled_from([None, 100, 900_000]),  # the profit; None is not told
        st.booleans(),  # won
        st.sampled_from(["C-1", "C-2", None]),
    ),
    max_size=25,
)


@given(moves=MOVES, snapshot=st.sampled_from(["first", "last_before_close"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_kept_up_bit_by_bit_is_the_one_read_all_at_once(a_store: Store, moves, snapshot) -> None:
    policy = a_policy(training={"snapshot": snapshot})
    firm = f"firm-{next(FIRMS)}"
    for kind, number, day, profit, is_won, client in moves:
        if kind == "score":
            keep(a_store, firm, a_past_deal(f"D-{number}", as_of=NOON + day * DAY, company_id=client))
        elif kind == "close":
            status = Status.WON if is_won else Status.LOST
            said = an_outcome(f"D-{number}", status=status, realised_profit=profit if is_won else None)
            close(a_store, firm, replace(said, closed_at=NOON + day * DAY), at=NOON + (day + 1) * DAY)
        else:
            a_store.track_records.of(firm, policy)
    assert is_same(a_store.track_records.of(firm, policy), read_anew(a_store, firm, policy))


FIRMS = iter(range(1_000_000))


@pytest.fixture(scope="module")
def a_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Open one SQLite store for many short histories."""
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('records') / 'mlscore.db'}")
    opened.migrate()
    yield opened
    opened.close()
