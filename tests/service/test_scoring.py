from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from mlscore.ports import HistoryFacts
from mlscore.scoring.errors import FactError, NotFoundError, StoreUnavailableError
from mlscore.scoring.policy import default_document
from mlscore.scoring.receipt import Verdict
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import ScoringService
from tests.builders import NOON, a_deal, a_fire_deal, a_good_deal, a_policy, roubles, rules_on
from tests.fakes import FakeClock, FixedChampions, FixedTrackRecords, InMemoryPolicies, InMemoryReceipts, Outage
from tests.models import a_model, a_planted_model

REGULAR = HistoryFacts(won_deals_24m=4, median_profit_24m=roubles(12_000), small_exceptions_6m=0, trial_exceptions=0)


def numbered() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"R-{next(numbers)}"


def a_service(
    receipts: InMemoryReceipts | None = None,
    *,
    champions: FixedChampions | None = None,
    track_records: FixedTrackRecords | None = None,
    clock: FakeClock | None = None,
) -> ScoringService:
    clock = clock or FakeClock()
    return ScoringService(
        receipts=receipts if receipts is not None else InMemoryReceipts(),
        track_records=track_records or FixedTrackRecords(),
        policies=CurrentPolicies(InMemoryPolicies(), default=default_document(), clock=clock),
        champions=champions or FixedChampions(a_model()),
        clock=clock,
        new_id=numbered(),
    )


def test_a_deal_is_answered_by_rules_and_model_side_by_side():
    [receipt] = a_service().score("main", [a_good_deal()])
    assert receipt.answer.rule == rules_on(a_good_deal())
    assert receipt.answer.model.model_version == "7"
    assert receipt.answer.decision.action is Verdict.ACCEPT
    assert receipt.answer.decision.decided_by == "rule"


def test_without_a_model_the_rules_answer_alone():
    [receipt] = a_service(champions=FixedChampions(why_none="no bundle")).score("main", [a_good_deal()])
    assert receipt.answer.model is None
    assert receipt.answer.decision.action is Verdict.ACCEPT


def test_a_challenger_answers_in_the_shadow_and_never_decides():
    optimist = a_planted_model(a_policy(deciding={"decide_by": "model"}), intercept=6.0)
    champions = FixedChampions(a_model(), challenger=replace(optimist, version="8"))
    deals = [a_good_deal(), a_deal(deal_id="D-2")]
    with_shadow = a_service(champions=champions).score("main", deals)
    alone = a_service().score("main", deals)
    for shadowed, plain in zip(with_shadow, alone, strict=True):
        assert shadowed.answer.challenger.model_version == "8"
        assert shadowed.answer.challenger.probability > 0.9
        assert shadowed.answer.challenger.reasons == ()
        assert replace(shadowed.answer, challenger=None) == plain.answer


def test_a_challenger_answers_where_no_champion_can():
    champions = FixedChampions(why_none="no bundle", challenger=replace(a_model(), version="8"))
    [receipt] = a_service(champions=champions).score("main", [a_good_deal()], include=())
    assert receipt.answer.model is None
    assert receipt.answer.challenger.model_version == "8"
    assert receipt.answer.decision.decided_by == "rule"


def test_a_deal_without_a_moment_is_scored_as_of_now():
    [receipt] = a_service().score("main", [a_deal(as_of=None)])
    assert receipt.as_of == receipt.deal.as_of == receipt.scored_at == NOON


def test_receipts_are_kept_in_the_order_of_the_deals():
    receipts = InMemoryReceipts()
    deals = [a_deal(deal_id=f"D-{n}") for n in range(5)]
    scored = a_service(receipts).score("main", deals)
    assert [r.deal.deal_id for r in scored] == [d.deal_id for d in deals]
    assert receipts.kept == [("main", receipt) for receipt in scored]


def test_a_dry_run_keeps_nothing_and_says_so():
    receipts = InMemoryReceipts()
    [receipt] = a_service(receipts).score("main", [a_good_deal()], dry_run=True)
    assert receipts.kept == []
    assert receipt.logged == "dry_run"


def test_a_receipt_holds_the_history_facts_it_was_scored_with():
    service = a_service(InMemoryReceipts({"C-4": REGULAR}))
    small = a_good_deal(company_id="C-4", profit_if_won=roubles(3_000), amount=None)
    [receipt] = service.score("main", [small])
    assert receipt.answer.decision.action is Verdict.ACCEPT_EXCEPTION
    assert receipt.deal.won_deals_24m == 4
    assert receipt.deal.median_profit_24m == roubles(12_000)


def test_a_given_history_fact_beats_the_computed_one():
    service = a_service(InMemoryReceipts({"C-4": REGULAR}))
    [receipt] = service.score("main", [a_good_deal(company_id="C-4", won_deals_24m=1.0)])
    assert receipt.deal.won_deals_24m == 1.0
    assert receipt.deal.median_profit_24m == roubles(12_000)


def test_the_store_is_not_asked_for_a_deal_without_a_company():
    receipts = InMemoryReceipts()
    a_service(receipts).score("main", [a_good_deal(), a_good_deal(deal_id="D-2", company_id="C-4")])
    assert receipts.asked == ["D-2"]


@pytest.mark.parametrize("part", ["reasons", "next_question", "path"])
def test_only_the_parts_asked_for_are_worked_out(part):
    deal = a_fire_deal(amount=roubles(20_000), profit_if_won=roubles(4_000))
    [bare] = a_service().score("main", [deal], include=())
    [full] = a_service().score("main", [deal], include=[part])
    assert (bare.answer.model.reasons, bare.answer.next_question, bare.answer.path) == ((), None, ())
    said = {
        "reasons": full.answer.model.reasons,
        "next_question": full.answer.next_question,
        "path": full.answer.path,
    }
    assert [name for name, value in said.items() if value] == [part]


def test_a_moment_up_to_five_minutes_ahead_is_a_clock_that_runs_fast():
    a_service().score("main", [a_deal(as_of=NOON + timedelta(minutes=5))])
    with pytest.raises(FactError) as refused:
        a_service().score("main", [a_deal(as_of=NOON + timedelta(minutes=5, seconds=1))])
    assert (refused.value.code, refused.value.params["fact"]) == ("problem.future_time", "as_of")


def test_one_faulty_deal_keeps_the_whole_call_from_being_scored():
    receipts = InMemoryReceipts()
    faulty = a_deal(deal_id="D-2", extra={"colour": "red"})
    with pytest.raises(FactError):
        a_service(receipts).score("main", [a_deal(), faulty])
    assert receipts.kept == []


def test_a_check_finds_the_fault_that_scoring_would():
    service = a_service()
    service.check("main", a_deal())
    with pytest.raises(FactError):
        service.check("main", a_deal(extra={"colour": "red"}))


def test_no_deals_give_no_receipts():
    assert list(a_service().score("main", [])) == []


def test_an_answer_that_cannot_be_kept_is_not_given():
    with pytest.raises(StoreUnavailableError):
        a_service(InMemoryReceipts(outage=Outage(is_on=True))).score("main", [a_good_deal()])


def test_receipts_are_found_by_their_id_and_by_their_deal():
    service = a_service()
    first = service.score("main", [a_deal()])[0]
    second = service.score("main", [a_deal()])[0]
    assert service.find("main", first.receipt_id) == first
    assert list(service.of_deal("main", "D-1")) == [second, first]


def test_what_was_never_scored_is_not_found_nor_is_another_firms():
    service = a_service()
    [receipt] = service.score("main", [a_deal()])
    with pytest.raises(NotFoundError):
        service.find("other", receipt.receipt_id)
    with pytest.raises(NotFoundError):
        service.of_deal("other", "D-1")


def test_the_policy_of_the_firm_is_the_one_it_is_scored_by():
    policies = InMemoryPolicies()
    policies.apply("strict", default_document().replace("500_000", "5_000_000"), at=NOON, by="a", why="b")
    clock = FakeClock()
    service = ScoringService(
        receipts=InMemoryReceipts(),
        track_records=FixedTrackRecords(),
        policies=CurrentPolicies(policies, default=default_document(), clock=clock),
        champions=FixedChampions(),
        clock=clock,
    )
    actions = {firm: service.score(firm, [a_good_deal()])[0].answer.decision.action for firm in ("main", "strict")}
    assert actions == {"main": Verdict.ACCEPT, "strict": Verdict.REFUSE}
    assert a_policy().economics.floor_profit == roubles(5_000)
