"""History facts count a company's other deals as they stood at a moment, and nothing later."""

from dataclasses import dataclass, replace

import pytest

from mlscore.ports import HistoryFacts
from mlscore.scoring.deal import Deal, Status
from mlscore.scoring.policy import Policy, RegularSmall, default_policy
from mlscore.scoring.receipt import Verdict
from mlscore.store import Store
from tests.store.builders import DAY, NOON, SECOND, a_deal, a_receipt, an_outcome

LONG_AGO = NOON - 1000 * DAY
UNKNOWN = HistoryFacts()
NOTHING = HistoryFacts(won_deals_24m=0, median_profit_24m=None, small_exceptions_6m=0, trial_exceptions=0)


def asked(**facts: object) -> Deal:
    return a_deal("D-asked", company_id="C-1", **facts)


@dataclass(frozen=True)
class Firm:
    """A firm whose history is told deal by deal."""

    store: Store
    name: str

    def scored(self, deal_id: str = "D-1", *, as_of=NOON - 100 * DAY, company_id="C-1", **said) -> None:
        """Keep a receipt of another deal of the company."""
        deal = a_deal(deal_id, company_id=company_id, as_of=as_of)
        self.store.receipts.keep(self.name, [a_receipt(deal, **said)])

    def won(self, deal_id: str = "D-1", *, closed_at=NOON - 50 * DAY, **said) -> None:
        """Record how another deal ended; known as soon as it closed unless said otherwise."""
        outcome = an_outcome(deal_id, **{"closed_at": closed_at, "known_at": closed_at, **said})
        self.store.outcomes.record(self.name, [outcome], at=NOON)

    def history(self, *deals: Deal, policy: Policy | None = None) -> list[HistoryFacts]:
        """Ask about deals, by default one of the company at noon."""
        policy = policy or default_policy()
        return list(self.store.receipts.history(self.name, deals or [asked()], policy=policy))


@pytest.fixture
def young(store: Store, firm: str) -> Firm:
    """Give a firm that has kept nothing yet."""
    return Firm(store, firm)


@pytest.fixture
def old(young: Firm) -> Firm:
    """Give a firm that has kept receipts for longer than any window."""
    young.scored("first", company_id="C-0", as_of=LONG_AGO)
    return young


def test_a_company_that_has_done_nothing_yet_has_counts_of_zero_and_no_median(old: Firm) -> None:
    assert old.history() == [NOTHING]


@pytest.mark.parametrize("unknown", [{"company_id": None}, {"as_of": None}])
def test_without_a_company_or_a_moment_nothing_is_known(old: Firm, unknown: dict[str, None]) -> None:
    assert old.history(replace(asked(), **unknown)) == [UNKNOWN]


def test_no_deals_have_no_history(young: Firm) -> None:
    assert young.store.receipts.history(young.name, [], policy=default_policy()) == []


def test_won_deals_are_counted_with_their_median_profit(old: Firm) -> None:
    for deal_id, profit in [("D-1", 100), ("D-2", 301), ("D-3", None), ("D-4", 900), ("D-5", -50)]:
        old.scored(deal_id)
        old.won(deal_id, realised_profit=profit)
    old.scored("D-6")
    old.won("D-6", status=Status.LOST)
    [facts] = old.history()
    assert (facts.won_deals_24m, facts.median_profit_24m) == (5, 201)  # half of 100 + 301 is 200.5


@pytest.mark.parametrize(("profits", "median"), [((7,), 7), ((-4, -1), -2), ((1, 2, 9), 2), ((1, 2), 2)])
def test_a_median_between_two_profits_rounds_half_up(old: Firm, profits: tuple[int], median: int) -> None:
    for number, profit in enumerate(profits):
        old.scored(f"D-{number}")
        old.won(f"D-{number}", realised_profit=profit)
    assert old.history()[0].median_profit_24m == median


@pytest.mark.parametrize(
    ("closed_at", "known_at", "counted"),
    [
        (NOON, NOON, 1),
        (NOON - SECOND, NOON - SECOND, 1),
        (NOON + SECOND, NOON + SECOND, 0),
        (NOON - DAY, NOON + SECOND, 0),
        (NOON + SECOND, NOON - DAY, 0),
        (NOON - 730 * DAY, NOON - DAY, 0),
        (NOON - 730 * DAY + SECOND, NOON - DAY, 1),
        (None, NOON - DAY, 0),
    ],
)
def test_a_won_deal_counts_if_it_closed_in_the_window_and_was_known(old: Firm, closed_at, known_at, counted):
    old.scored(as_of=LONG_AGO + DAY)
    old.won(closed_at=closed_at, known_at=known_at)
    assert old.history()[0].won_deals_24m == counted


def test_only_the_version_known_at_the_moment_counts(old: Firm) -> None:
    old.scored()
    old.won(realised_profit=100, known_at=NOON - 2 * DAY)
    old.won(realised_profit=900, known_at=NOON - DAY)
    old.won(status=Status.LOST, known_at=NOON + SECOND)
    moments = (NOON - 2 * DAY - SECOND, NOON - 2 * DAY, NOON - DAY, NOON, NOON + SECOND)
    facts = old.history(*(asked(as_of=moment) for moment in moments))
    assert [f.median_profit_24m for f in facts] == [None, 100, 900, 900, None]
    assert [f.won_deals_24m for f in facts] == [0, 1, 1, 1, 0]


def test_an_older_version_learned_later_does_not_come_back(old: Firm) -> None:
    old.scored()
    old.won(realised_profit=100, known_at=NOON - DAY)
    old.won(realised_profit=900, known_at=NOON - 2 * DAY)
    assert old.history()[0].median_profit_24m == 900


@pytest.mark.parametrize(
    ("as_of", "small"),
    [
        (NOON, 1),
        (NOON - SECOND, 1),
        (NOON + SECOND, 0),
        (NOON - 182 * DAY, 0),
        (NOON - 182 * DAY + SECOND, 1),
    ],
)
def test_a_small_exception_counts_for_half_a_year(old: Firm, as_of, small: int) -> None:
    old.scored(as_of=as_of, exception="regular_small")
    assert old.history() == [replace(NOTHING, small_exceptions_6m=small)]


def test_a_trial_counts_for_ever_but_not_before_it_was_scored(old: Firm) -> None:
    old.scored(as_of=LONG_AGO + DAY, exception="trial")
    assert old.history() == [replace(NOTHING, trial_exceptions=1)]
    before = asked(as_of=LONG_AGO + DAY - SECOND)
    assert old.history(before) == [UNKNOWN]


def test_only_a_deals_latest_receipt_at_the_moment_counts(old: Firm) -> None:
    old.scored(as_of=NOON - 3 * DAY, exception="trial")
    old.scored(as_of=NOON - DAY)
    facts = old.history(*(asked(as_of=NOON - days * DAY) for days in (2, 1)))
    assert [f.trial_exceptions for f in facts] == [1, 0]


def test_of_two_receipts_of_one_moment_the_one_scored_later_counts(old: Firm) -> None:
    old.scored(scored_at=NOON + DAY)
    old.scored(scored_at=NOON, exception="trial")
    assert old.history() == [NOTHING]


def test_an_exception_that_was_not_what_the_rules_said_does_not_count(old: Firm) -> None:
    old.scored(exception="trial", verdict=Verdict.REVIEW)
    assert old.history() == [NOTHING]


def test_the_deal_itself_never_counts(old: Firm) -> None:
    old.scored("D-asked", exception="regular_small")
    old.won("D-asked")
    assert old.history() == [NOTHING]


def test_another_company_and_another_firm_never_count(old: Firm) -> None:
    old.scored("D-1", company_id="C-2", exception="trial")
    old.won("D-1")
    other = replace(old, name=f"not {old.name}")
    other.scored("D-2", exception="trial")
    other.won("D-2")
    old.won("D-3")
    assert old.history() == [NOTHING]


def test_a_deal_that_moved_counts_for_its_new_company_from_then_on(old: Firm) -> None:
    old.scored(as_of=NOON - 3 * DAY, company_id="C-1", exception="trial")
    old.scored(as_of=NOON - DAY, company_id="C-2", exception="trial")
    old.won()
    theirs = a_deal("D-2", company_id="C-2")
    facts = old.history(asked(as_of=NOON - 2 * DAY), asked(), theirs)
    assert [(f.trial_exceptions, f.won_deals_24m) for f in facts] == [(1, 1), (0, 0), (1, 1)]


def test_the_windows_are_the_policys(old: Firm) -> None:
    old.scored(as_of=NOON - 2 * DAY, exception="regular_small")
    old.won(closed_at=NOON - 2 * DAY)
    policy = default_policy()
    for days, counted in ((1, 0), (3, 1)):
        terms = RegularSmall(window_days=days, again_after_days=days)
        narrowed = replace(policy, exceptions=replace(policy.exceptions, regular_small=terms))
        [facts] = old.history(policy=narrowed)
        assert (facts.won_deals_24m, facts.small_exceptions_6m) == (counted, counted)
    switched_off = replace(policy, exceptions=replace(policy.exceptions, regular_small=None))
    assert old.history(policy=switched_off)[0].won_deals_24m == 1


def test_in_a_young_firm_a_count_is_a_lower_bound_and_zero_says_nothing(young: Firm) -> None:
    assert young.history() == [UNKNOWN]
    young.scored("D-1")
    young.won("D-1")
    assert young.history() == [UNKNOWN]
    young.scored("D-2", exception="regular_small")
    young.scored("D-3", exception="trial")
    assert young.history() == [HistoryFacts(small_exceptions_6m=1, trial_exceptions=1)]


@pytest.mark.parametrize(("start", "is_long"), [(NOON - 730 * DAY, True), (NOON - 730 * DAY + SECOND, False)])
def test_a_history_is_long_enough_from_exactly_the_window_on(young: Firm, start, is_long: bool) -> None:
    young.scored("D-1", company_id="C-0", as_of=start)
    assert young.history() == [NOTHING if is_long else UNKNOWN]


@pytest.mark.parametrize(("known_at", "is_long"), [(NOON, True), (NOON - SECOND, True), (NOON + SECOND, False)])
def test_an_old_outcome_makes_a_history_long_once_it_is_known(young: Firm, known_at, is_long: bool) -> None:
    young.scored("D-1", as_of=NOON - 10 * DAY)
    young.won("D-0", closed_at=LONG_AGO, known_at=known_at)
    young.won("D-00", closed_at=NOON - DAY)
    assert young.history() == [NOTHING if is_long else UNKNOWN]


def test_many_deals_of_many_companies_are_told_the_same_as_each_alone(old: Firm) -> None:
    deals = [a_deal(f"D-{n}", company_id=f"C-{n % 7}", as_of=NOON - (n * 37 % 400) * DAY) for n in range(60)]
    kinds = (None, "trial", "regular_small")
    old.store.receipts.keep(old.name, [a_receipt(d, exception=kinds[n % 3]) for n, d in enumerate(deals)])
    ended = [
        an_outcome(d.deal_id, closed_at=d.as_of + 9 * DAY, known_at=d.as_of + 9 * DAY, realised_profit=n * 1000)
        for n, d in enumerate(deals)
    ]
    old.store.outcomes.record(old.name, ended, at=NOON)
    together = old.history(*deals)
    assert together == [one for deal in deals for one in old.history(deal)]
    assert len({(f.won_deals_24m, f.median_profit_24m) for f in together}) > 20
