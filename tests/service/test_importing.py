from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from mlscore.ports import PolicyVersion
from mlscore.scoring.deal import Deal, Outcome, Status
from mlscore.scoring.policy import Exceptions, default_policy, fingerprint
from mlscore.scoring.receipt import Logged, Receipt, Verdict
from mlscore.service.importing import ImportReport, import_history
from mlscore.store import Store, open_store

FIRM = "main"
START = datetime(2020, 1, 1, 12, tzinfo=UTC)
NO_EXCEPTIONS = replace(default_policy(), exceptions=Exceptions())


class PowerCutError(Exception):
    pass


@dataclass
class FailingReceipts:
    """The receipts of a store that goes away after so many calls of `keep`."""

    store: Store
    calls_left: int

    def keep(self, firm: str, receipts: Sequence[Receipt]) -> Logged:
        if not self.calls_left:
            raise PowerCutError
        self.calls_left -= 1
        return self.store.receipts.keep(firm, receipts)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store.receipts, name)


@dataclass(frozen=True)
class Past:
    deal: Deal
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Told:
    """A history as a connector gives it."""

    deals: Sequence[Past]
    rejected: int = 0
    duplicates: int = 0

    @property
    def read(self) -> int:
        return len(self.deals) + self.rejected + self.duplicates


@dataclass
class Clock:
    """Goes on by a second every time it is looked at."""

    now: datetime = field(default=datetime(2026, 1, 1, tzinfo=UTC))

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


CLOCK = Clock()


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'mlscore.db'}")
    opened.migrate()
    yield opened
    opened.close()


def run(store, history, *, policy=None, receipts=None, progress=lambda *_: None) -> ImportReport:
    policy = policy or default_policy()
    version = PolicyVersion(
        policy=policy,
        document="",
        version=1,
        fingerprint=fingerprint(policy),
        applied_at=START,
        applied_by="a manager",
        why="a test",
    )
    return import_history(
        firm=FIRM,
        history=history,
        policy=version.policy,
        receipts=receipts or store.receipts,
        outcomes=store.outcomes,
        clock=CLOCK,
        progress=progress,
    )


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def a_past(name: str, *, asked: float, closed: float | None = None, **facts) -> Past:
    """Return a good deal of a target client, asked on a day, won for 12 000 on another unless still open."""
    status = facts.pop("status", Status.WON)
    known = {"steam_tph": 5.0, "annual_turnover_rub": 2e9, "industry": "dairy", "in_nomenclature": True}
    money = {"company_id": "CL-1", "profit_if_won": 1_200_000}
    deal = Deal(**{"deal_id": name, "as_of": day(asked), "stage": "deal", **known, **money, **facts})
    if closed is None:
        return Past(deal)
    ended = {"status": status, "closed_at": day(closed), "known_at": day(closed), "realised_profit": 1_200_000}
    return Past(deal, Outcome(deal_id=name, **ended))


def receipt_of(store, name: str) -> Receipt:
    [receipt] = store.receipts.of_deal(FIRM, name)
    return receipt


def a_long_history(companies: int = 3, rounds: int = 12) -> Told:
    """Deals of some companies every 90 days; small ones among them, which want an exception."""
    pasts = [
        a_past(
            f"D-{company}-{turn:02d}",
            asked=turn * 90 + company,
            closed=turn * 90 + company + 120 if turn % 4 else None,
            company_id=f"CL-{company}",
            profit_if_won=300_000 if turn > 9 else 1_200_000,
            status=Status.LOST if turn % (5, 2, 3)[company] == 0 else Status.WON,
        )
        for turn in range(rounds)
        for company in range(companies)
    ]
    return Told(pasts[::-1])


def test_every_deal_is_scored_by_the_rules_alone_and_kept_with_its_outcome(store):
    run(store, Told([a_past("D-1", asked=0, closed=30), a_past("D-2", asked=1)]))
    receipt = receipt_of(store, "D-1")
    assert (receipt.origin, receipt.as_of, receipt.answer.model) == ("import", day(0), None)
    assert receipt.answer.rule.verdict is Verdict.ACCEPT
    assert receipt.answer.decision.action is Verdict.ACCEPT
    assert receipt.answer.rule.policy_version == fingerprint(default_policy())
    [closed] = store.closed.closed_deals(FIRM)
    assert (closed.receipt, closed.outcome.realised_profit) == (receipt, 1_200_000)


def test_the_report_says_what_was_found(store):
    pasts = [
        a_past("D-1", asked=3, closed=30),
        a_past("D-2", asked=1, closed=40, status=Status.LOST),
        a_past("D-3", asked=9),
        Past(Deal(deal_id="D-4"), Outcome(deal_id="D-4", status=Status.WON)),
    ]
    assert run(store, Told(pasts, rejected=2, duplicates=5)) == ImportReport(
        read=11,
        rejected=2,
        duplicates=5,
        imported=4,
        already_there=0,
        new_outcomes=3,
        won=2,
        lost=1,
        open=1,
        without_profit=1,
        undated=1,
        first_as_of=day(1),
        last_as_of=day(9),
    )


def test_importing_again_changes_nothing(store):
    history = a_long_history()
    first = run(store, history)
    kept = {past.deal.deal_id: receipt_of(store, past.deal.deal_id) for past in history.deals}
    again = run(store, history)
    assert (first.imported, first.already_there, first.new_outcomes) == (36, 0, 27)
    assert again == replace(first, imported=0, already_there=36, new_outcomes=0)
    assert {name: receipt_of(store, name) for name in kept} == kept


def test_an_import_cut_short_is_completed_by_running_it_again(store, tmp_path):
    history = a_long_history()
    with pytest.raises(PowerCutError):
        run(store, history, receipts=FailingReceipts(store, calls_left=4))
    resumed = run(store, history)
    assert 0 < resumed.already_there < 36
    assert resumed.imported + resumed.already_there == 36
    whole = open_store(f"sqlite:///{tmp_path / 'whole.db'}")
    whole.migrate()
    run(whole, history)
    for past in history.deals:
        name = past.deal.deal_id
        one, other = receipt_of(store, name), receipt_of(whole, name)
        assert (one.receipt_id, one.deal, one.answer) == (other.receipt_id, other.deal, other.answer)
    whole.close()


def test_an_outcome_that_changed_is_a_further_version_and_the_receipt_stays(store):
    run(store, Told([a_past("D-1", asked=0, closed=30)]))
    before = receipt_of(store, "D-1")
    report = run(store, Told([a_past("D-1", asked=0, closed=30, status=Status.LOST)]))
    assert (report.imported, report.new_outcomes) == (0, 1)
    assert receipt_of(store, "D-1") == before
    assert store.closed.closed_deals(FIRM)[0].outcome.status is Status.LOST


def test_a_deal_that_closed_since_the_last_import_keeps_its_receipt_and_gets_its_outcome(store):
    run(store, Told([a_past("D-1", asked=0)]))
    report = run(store, Told([a_past("D-1", asked=0, closed=30)]))
    assert (report.already_there, report.new_outcomes, report.open) == (1, 1, 0)
    assert len(store.closed.closed_deals(FIRM)) == 1


@pytest.mark.parametrize("policy", [default_policy(), NO_EXCEPTIONS], ids=["exceptions", "no exceptions"])
def test_a_deal_knows_of_its_companys_others_what_was_known_then_and_no_more(store, policy):
    history = a_long_history()
    run(store, history, policy=policy)
    counted = set()
    for past in history.deals:
        deal = receipt_of(store, past.deal.deal_id).deal
        [known] = store.receipts.history(FIRM, [past.deal], policy=policy)
        assert (deal.won_deals_24m, deal.median_profit_24m) == (known.won_deals_24m, known.median_profit_24m)
        assert (deal.small_exceptions_6m, deal.trial_exceptions) == (known.small_exceptions_6m, known.trial_exceptions)
        counted.add(deal.won_deals_24m)
    assert len(counted) > 2


def test_the_second_small_deal_within_half_a_year_is_not_excused_again(store):
    history = a_long_history(companies=1)
    run(store, history)
    assert receipt_of(store, "D-0-10").answer.rule.verdict is Verdict.ACCEPT_EXCEPTION
    assert receipt_of(store, "D-0-11").answer.rule.verdict is Verdict.REFUSE


def test_history_facts_that_were_given_beat_the_ones_counted(store):
    history = [*a_long_history(companies=1).deals, a_past("D-X", asked=1_500, company_id="CL-0", won_deals_24m=40)]
    run(store, Told(history))
    deal = receipt_of(store, "D-X").deal
    assert deal.won_deals_24m == 40
    assert deal.median_profit_24m == 1_200_000


def test_a_deal_of_no_company_and_a_deal_of_no_date_have_no_history(store):
    undated = Past(Deal(deal_id="D-9", company_id="CL-0"))
    lonely = a_past("D-8", asked=1_500, company_id=None)
    run(store, Told([*a_long_history(companies=1).deals, undated, lonely]))
    assert receipt_of(store, "D-9").deal.won_deals_24m is None
    assert receipt_of(store, "D-9").as_of is None
    assert receipt_of(store, "D-8").deal.won_deals_24m is None


def test_firms_do_not_meet(store):
    run(store, Told([a_past("D-1", asked=0, closed=30)]))
    assert store.receipts.of_deal("another", "D-1") == []


def test_progress_is_told_step_by_step_to_the_end(store):
    told = []
    run(store, a_long_history(), progress=lambda *step: told.append(step))
    assert told[0] == ("outcomes", 27, 27)
    assert told[-1] == ("receipts", 36, 36)
    assert [done for step, done, _ in told if step == "receipts"] == sorted(
        done for step, done, _ in told if step == "receipts"
    )


def test_an_empty_history_is_no_mistake(store):
    report = run(store, Told([]))
    assert (report.read, report.imported, report.first_as_of) == (0, 0, None)
