"""What the watch looks at: which deals the champion learned from, and which are lately."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mlscore.ports import AskedDeal
from mlscore.scoring.model import prior_model
from mlscore.scoring.policy import default_policy
from mlscore.scoring.receipt import Verdict
from mlscore.settings import Settings
from tests.builders import a_deal
from tests.models import a_planted_model
from tests.training.histories import a_closed_deal
from tests.training.watch.planted import a_champion, a_workshop, asked, last_moment, learned_until, with_facts
from training.watch import NothingToWatchError, Window, gather
from training.watch.material import answers_of, choose_lately
from training.workshop import NothingToTrainError, open_workshop

AT = datetime(2026, 6, 30, tzinfo=UTC)


def deals_at(*days_ago: float) -> list[AskedDeal]:
    return [
        AskedDeal(
            receipt_id=f"R-{days}",
            deal=a_deal(as_of=None if days is None else AT - timedelta(days=days)),
            scored_at=AT,
            policy_version="p",
            verdict=Verdict.ASK,
        )
        for days in days_ago
    ]


def lately(deals, **window) -> tuple[list[str], str]:
    chosen, words = choose_lately(deals, at=AT, window=Window(**window))
    return [one.receipt_id for one in chosen], words


def test_lately_are_the_deals_of_so_many_days() -> None:
    assert lately(deals_at(31, 30, 2, None), deals_min=2) == (["R-30", "R-2"], "2 deals of the last 30 days")


def test_where_they_are_few_the_newest_before_them_too_and_it_is_said() -> None:
    ids, words = lately(deals_at(90, 60, 40, 2, None), deals_min=3)
    assert ids == ["R-60", "R-40", "R-2"]
    assert words == "the newest 3 deals, back to 2026-05-01: the last 30 days had only 1"


def test_since_a_date_however_few() -> None:
    ids, words = lately(deals_at(90, 60, 2), since=AT - timedelta(days=60))
    assert (ids, words) == (["R-60", "R-2"], "2 deals since 2026-05-01")


def test_a_deal_dated_ahead_or_not_at_all_is_not_known_to_be_new() -> None:
    assert lately(deals_at(-1, None)) == ([], "0 deals of the last 30 days")


def test_the_champion_learned_from_deals_whose_end_was_known_by_then(tmp_path) -> None:
    history = asked(80, a_day=1)
    until = learned_until(history)
    with a_workshop(tmp_path, history) as workshop:
        found = gather(workshop, at=last_moment(history), window=Window())
    known = {one.receipt.receipt_id for one in history if one.outcome.known_at <= until}
    assert {one.receipt_id for one in found.learned} == known
    assert {one.receipt_id for one in found.ended} == {one.receipt.receipt_id for one in history} - known
    assert (found.model.version, found.learned_until) == ("7", until)


def test_what_is_known_after_the_moment_of_the_watch_is_not_looked_at(tmp_path) -> None:
    history = asked(80, a_day=1)
    with a_workshop(tmp_path, history) as workshop:
        assert gather(workshop, at=learned_until(history), window=Window()).ended == []


def test_a_deal_first_scored_after_it_had_closed_taught_nobody(tmp_path) -> None:
    history = [*asked(80, a_day=1), a_closed_deal("D-late", days_to_close=-3)]
    with a_workshop(tmp_path, history) as workshop:
        found = gather(workshop, at=last_moment(history), window=Window())
    assert "R-D-late" not in {one.receipt_id for one in found.closed}


def test_what_the_champion_said_when_asked_is_its_answer_and_what_another_said_is_not() -> None:
    model = a_champion("7")
    deal = a_deal(budget_allocated=True, need_defined=True, role_economic=True, steam_tph=5.0)
    said = [("7", 0.11), ("6", 0.22), (None, None)]
    brief = [
        AskedDeal(
            receipt_id=f"R-{version}",
            deal=deal,
            scored_at=AT,
            policy_version="p",
            verdict=Verdict.ASK,
            model_version=version,
            probability=probability,
        )
        for version, probability in said
    ]
    live, *worked_out = answers_of(model, brief, None).tolist()
    assert live == 0.11
    assert worked_out == pytest.approx([0.9608, 0.9608], abs=1e-4)


def test_what_the_champion_would_have_said_stands_on_what_was_known_of_the_client_then(tmp_path) -> None:
    champion = replace(a_planted_model(track_client_rate=4.0), version="7")
    history = [
        with_facts(one, company_id="C-good" if one.outcome.realised_profit else "C-bad") for one in asked(200, a_day=1)
    ]
    with a_workshop(tmp_path, history, champion=champion) as workshop:
        found = gather(workshop, at=last_moment(history), window=Window())
    chances = answers_of(found.model, found.ended, found.track_record)
    is_good = np.array([one.deal.company_id == "C-good" for one in found.ended])
    assert chances[is_good].min() > chances[~is_good].max()
    assert len(set(answers_of(found.model, found.ended, None))) == 1


def test_without_a_champion_there_is_nothing_to_watch(tmp_path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'mlscore.db'}", models=tmp_path / "models")
    with open_workshop(settings) as workshop, pytest.raises(NothingToWatchError, match="policy's prior") as refused:
        gather(workshop, at=AT, window=Window())
    assert isinstance(refused.value, NothingToTrainError)


def test_nor_where_the_champion_is_the_prior_alone(tmp_path) -> None:
    with (
        a_workshop(tmp_path, asked(80, a_day=1), champion=prior_model(default_policy())) as workshop,
        pytest.raises(NothingToWatchError, match="policy's prior"),
    ):
        gather(workshop, at=AT, window=Window())


def test_a_store_without_the_champions_deals_is_said_to_be_another(tmp_path) -> None:
    history = asked(80, a_day=1)
    with (
        a_workshop(tmp_path, history, until=history[0].receipt.as_of) as workshop,
        pytest.raises(NothingToWatchError, match="MLSCORE_DATABASE"),
    ):
        gather(workshop, at=AT, window=Window())
