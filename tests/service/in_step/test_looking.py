"""What a look at an item comes to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import StoreUnavailableError, UnreachableError
from mlscore.scoring.policy import default_document
from tests.builders import roubles
from tests.fakes import FixedChampions
from tests.models import a_model
from tests.service.in_step.crm import deal, refusing
from tests.service.in_step.world import World

DAY = timedelta(days=1)


def other_policy(world: World, old: str = "500_000", new: str = "5_000_000") -> None:
    document = default_document()
    assert old in document
    world.store.policies.apply(world.firm, document.replace(old, new), at=world.clock(), by="a", why="b")


def test_a_new_deal_is_scored_once_and_shows_its_answer(world: World) -> None:
    world.crm.put(deal(1))
    world.settle()
    [receipt] = world.receipts()
    assert (receipt.deal.deal_id, receipt.as_of) == ("D_1", receipt.scored_at)
    assert world.crm.items[deal(1)].shown["RECEIPT"] == receipt.receipt_id
    assert world.shown() == "accept"


def test_our_own_writing_fires_an_event_that_scores_and_writes_nothing(world: World) -> None:
    world.crm.put(deal(1))
    world.settle()
    assert len(world.crm.writings) == 1
    assert len(world.crm.fetched) >= 2  # the event of the writing was looked at
    assert len(world.receipts()) == 1
    assert world.mirror().changed_at == world.crm.items[deal(1)].changed_at


def test_changed_facts_are_another_score_and_facts_that_come_back_are_one_more(world: World) -> None:
    for profit in (12_000, 3_000, 12_000):
        world.crm.put(deal(1), profit_if_won=roubles(profit))
        world.settle()
    receipts = world.receipts()
    assert [one.deal.profit_if_won for one in receipts] == [roubles(12_000), roubles(3_000), roubles(12_000)]
    assert len({one.receipt_id for one in receipts}) == 3
    assert [writing.shown["VERDICT"] for writing in world.crm.writings] == ["accept", "refuse", "accept"]
    assert world.mirror().scores == 3


def test_a_change_that_is_no_business_fact_scores_nothing(world: World) -> None:
    world.crm.put(deal(1))
    world.settle()
    world.crm.put(deal(1))
    world.settle()
    assert len(world.receipts()) == 1


def test_a_score_that_shows_the_same_is_kept_and_not_written(world: World) -> None:
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    world.settle()
    world.crm.put(deal(1), profit_if_won=roubles(13_000))
    world.settle()
    assert len(world.receipts()) == 2
    assert len(world.crm.writings) == 1
    assert world.mirror().receipt_id == world.receipts()[0].receipt_id


def test_a_field_that_somebody_overwrote_is_filled_in_again_without_a_score(world: World) -> None:
    world.crm.put(deal(1))
    world.settle()
    world.crm.show(deal(1), VERDICT="mine!", AT="")
    world.settle()
    assert world.shown() == "accept"
    assert set(world.crm.writings[-1].shown) == {"VERDICT", "AT"}
    assert world.crm.writings[-1].note is None
    assert len(world.receipts()) == 1


def test_a_new_policy_rescores_but_leaves_a_receipt_only_where_the_card_changes(world: World) -> None:
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    world.crm.put(deal(2), profit_if_won=roubles(300_000), amount=roubles(900_000))
    worker = world.settle()
    other_policy(world)
    world.clock.wait(60)
    world.settle(worker)
    assert (world.shown(1), world.shown(2)) == ("refuse", "accept")
    assert (len(world.receipts(1)), len(world.receipts(2))) == (2, 1)
    assert world.mirror(1).policy_version == world.mirror(2).policy_version
    assert world.mirror(2).receipt_id == world.receipts(2)[0].receipt_id


def test_a_new_champion_rescores(world: World) -> None:
    world.crm.put(deal(1))
    worker = world.settle()
    world.champions.model = a_model(version="8")
    world.clock.wait(60)
    world.settle(worker)
    assert world.mirror().model_version == "8"


def test_a_lost_champion_leaves_scores_of_the_rules_alone_that_are_fresh(world: World) -> None:
    world.crm.put(deal(1))
    worker = world.settle()
    world.champions.model = None
    world.clock.wait(60)
    world.settle(worker)
    assert world.mirror().model_version is None
    assert worker.aging.age() == 0


def test_the_passing_of_days_rescores_at_midnight_where_the_firm_is(world: World) -> None:
    needed_by = (world.clock() + 31 * DAY).date()
    world.crm.put(deal(1), asap=None, delivery_needed_by=needed_by)
    worker = world.settle()
    assert world.receipts()[0].answer.rule.signs.urgency is False
    midnight = world.mirror().fresh_until
    assert midnight is not None
    assert (midnight.hour, midnight.minute) == (21, 0)  # of Moscow, in UTC
    world.clock.now = midnight + 2 * DAY
    world.clock.seconds += 100_000
    world.settle(worker)
    assert world.mirror().fresh_until == midnight + 3 * DAY
    assert len(world.receipts()) == 1  # the letter changed, and the card of this CRM does not show it


def test_a_deal_that_ends_is_told_once_and_scored_no_more(world: World) -> None:
    world.crm.put(deal(1))
    world.settle()
    world.crm.end(deal(1))
    for _ in range(2):
        world.tell(deal(1))
        world.settle()
    newest = world.store.outcomes.newest(world.firm, ["D_1"])["D_1"]
    assert (newest.version, newest.outcome.status) == (1, Status.WON)
    assert not world.mirror().is_open
    assert len(world.receipts()) == 1


def test_a_deal_that_is_open_again_is_taken_back_and_lives_on(world: World) -> None:
    world.crm.put(deal(1))
    world.settle()
    world.crm.end(deal(1), Status.LOST)
    world.settle()
    world.crm.reopen(deal(1))
    world.settle()
    newest = world.store.outcomes.newest(world.firm, ["D_1"])["D_1"]
    assert (newest.version, newest.outcome.status) == (2, Status.REOPENED)
    assert world.mirror().is_open
    assert len(world.receipts()) == 1
    world.crm.end(deal(1))
    world.settle()
    assert world.store.outcomes.newest(world.firm, ["D_1"])["D_1"].outcome.status is Status.WON


def test_an_end_is_known_from_when_we_heard_of_it_not_from_the_day_the_crm_closed_the_deal_on(world: World) -> None:
    item = deal(1)
    world.crm.put(item)
    world.settle()
    closed_at = world.clock()
    world.clock.wait(3_600)
    known_to_the_crm = Outcome(deal_id="D_1", status=Status.WON, closed_at=closed_at, known_at=closed_at)
    world.crm.items[item] = replace(world.crm.items[item], is_open=False, outcome=known_to_the_crm)
    world.tell(item)
    heard_at = world.clock()
    world.settle()
    [ended] = world.store.outcomes.newest(world.firm, ["D_1"]).values()
    assert (ended.outcome.closed_at, ended.outcome.known_at) == (closed_at, heard_at)
    world.clock.wait(3_600)
    world.tell(item)
    world.settle()
    assert world.store.outcomes.newest(world.firm, ["D_1"])["D_1"].version == 1


def test_an_end_that_somebody_else_told_of_a_deal_we_see_open_stays(world: World) -> None:
    item = world.crm.put(deal(1))
    world.settle()
    world.crm.end(item)
    ended = world.crm.items[item].outcome
    assert ended is not None
    world.crm.reopen(item)
    world.store.outcomes.record(world.firm, [ended], at=world.clock())
    world.settle()
    assert world.store.outcomes.newest(world.firm, ["D_1"])["D_1"].outcome.status is Status.WON


def test_a_deleted_deal_is_mirrored_as_gone_and_comes_back_as_it_was(world: World) -> None:
    world.crm.put(deal(1))
    world.settle()
    kept = world.crm.items[deal(1)]
    world.crm.delete(deal(1))
    world.settle()
    assert not world.mirror().is_open
    world.crm.items[deal(1)] = kept
    world.tell(deal(1))
    world.settle()
    assert world.mirror().is_open
    assert len(world.receipts()) == 1


def test_one_that_was_never_there_is_nothing(world: World) -> None:
    world.tell(deal(1))
    world.settle()
    assert world.store.mirrors.of(world.firm, world.crm.name, [deal(1)]) == {}


def test_one_deleted_between_fetching_and_writing_is_gone(world: World) -> None:
    item = world.crm.put(deal(1))
    kept = world.crm.items.pop(item)
    world.crm.fetch = lambda items: [kept for _ in items]
    world.settle()
    assert not world.mirror().is_open


def test_a_strange_item_does_not_keep_the_others_from_their_scores(world: World) -> None:
    for number in range(1, 6):
        world.crm.put(deal(number))
    world.crm.put(deal(3), extra={"colour": "red"})  # not declared in the policy
    world.crm.poison[deal(4)] = refusing()
    world.crm.poison[deal(5)] = ZeroDivisionError("1 / 0 of a secret")
    for _ in range(20):
        world.deliver()
        worker = world.worker()
        worker.turn()
    assert [len(world.receipts(number)) for number in range(1, 6)] == [1, 1, 0, 0, 0]


def test_eight_tries_set_an_item_aside_and_a_person_has_it_tried_again(world: World) -> None:
    item = world.crm.put(deal(1))
    world.crm.refused[item] = "ACCESS_DENIED"
    worker = world.settle(turns=4_000)
    [aside] = world.store.tasks.set_aside(world.firm, world.crm.name)
    assert (aside.item, aside.tries) == (item, 8)
    assert aside.fault == "the CRM does not write it (ACCESS_DENIED)"
    assert len(world.receipts()) == 1  # each try found the receipt of the first
    del world.crm.refused[item]
    world.tell(item, why="person")
    world.settle(worker)
    assert world.shown() == "accept"
    assert len(world.receipts()) == 1


def test_a_field_that_shows_what_it_likes_is_written_thrice_and_then_left_until_the_next_score(world: World) -> None:
    world.crm.stubborn = {"AT": "never"}
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    worker = world.settle(turns=400)
    assert len(world.crm.writings) == 3
    assert world.mirror().fault == "shown otherwise than written: AT"
    assert "AT" not in (world.mirror().written or {})
    world.crm.put(deal(1), profit_if_won=roubles(3_000))
    world.settle(worker, turns=400)
    assert "AT" in world.crm.writings[3].shown


def test_while_the_crm_is_away_all_wait_and_nobody_is_blamed(world: World) -> None:
    for number in range(1, 4):
        world.crm.put(deal(number))
    world.deliver()
    world.crm.fault = UnreachableError("away", host="portal")
    worker = world.worker()
    pauses = []
    for _ in range(10):
        pauses.append(worker.turn())
        world.clock.wait(pauses[-1])
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    world.crm.fault = None
    world.settle(worker)
    assert [len(world.receipts(number)) for number in range(1, 4)] == [1, 1, 1]


def test_one_item_over_which_the_crm_breaks_is_found_and_set_aside(world: World) -> None:
    for number in range(1, 8):
        world.crm.put(deal(number))
    world.crm.poison[deal(2)] = UnreachableError("it broke", host="portal")
    worker = world.worker()
    world.deliver()
    for _ in range(400):
        world.clock.wait(max(worker.turn(), 1.0))
        world.deliver()
    assert [len(world.receipts(number)) for number in range(1, 8)] == [1, 0, 1, 1, 1, 1, 1]
    world.clock.wait(4_000)
    for _ in range(400):
        world.clock.wait(max(worker.turn(), 1.0) * 5)
    assert [task.item for task in world.store.tasks.set_aside(world.firm, world.crm.name)] == [deal(2)]


def test_a_score_made_while_history_could_not_be_read_is_not_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailableError("away")

    world.crm.put(deal(1), company_id="C-1")
    world.deliver()
    worker = world.worker()
    with monkeypatch.context() as patched:
        patched.setattr(type(world.store.receipts), "history", away)
        assert worker.turn() > 0
    assert list(world.receipts()) == []
    world.clock.wait(200)
    world.settle(worker)
    [receipt] = world.receipts()
    assert "history_unavailable" not in receipt.answer.rule.flags


def test_champions_that_answer_nothing_leave_nothing_stale(world: World) -> None:
    world.champions = FixedChampions(why_none="no bundle")
    world.crm.put(deal(1))
    worker = world.settle()
    assert worker.aging.age() == 0


class AskedTogether:
    """Receipts that tell whose history was asked for in one call."""

    def __init__(self, receipts) -> None:
        self.receipts, self.calls = receipts, []

    def __getattr__(self, name: str):
        return getattr(self.receipts, name)

    def history(self, firm, deals, *, policy):
        self.calls.append([one.deal_id for one in deals])
        return self.receipts.history(firm, deals, policy=policy)


def test_deals_of_one_company_are_scored_one_after_the_other_so_that_each_counts_for_the_next(world: World) -> None:
    asked = AskedTogether(world.store.receipts)
    world.around = lambda port: asked if port is world.store.receipts else port
    for number, company in ((1, "C-1"), (2, "C-1"), (3, "C-2"), (4, None), (5, None)):
        world.crm.put(deal(number), company_id=company)
    world.deliver()
    world.worker().turn()
    world.settle()
    together = [call for call in asked.calls if {"D_1", "D_2"} <= set(call)]
    assert asked.calls
    assert together == []
    assert all(world.receipts(number) for number in range(1, 6))
