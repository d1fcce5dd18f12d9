"""What the service saw of a deal when it scored it is what a training reads of it later, to the last bit."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mlscore.scoring.deal import Deal, Floats, Outcome, Status
from mlscore.scoring.features import features_of
from mlscore.scoring.model import FittedModel, Inputs
from mlscore.scoring.policy import default_document
from mlscore.service.outcomes import OutcomeService
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import ScoringService
from mlscore.settings import Settings
from mlscore.store import open_store
from tests.builders import a_policy, roubles
from tests.fakes import FakeClock, FixedChampions
from tests.models import a_model
from training.dataset import Table
from training.playground import MAPPING, take_in
from training.simulate import simulate
from training.workshop import Workshop, open_workshop

DEALS, LIVE = 160, 25
DAY = timedelta(days=1)


@dataclass
class Witness:
    """A member that answers nothing and remembers what it was shown."""

    seen: list[Floats] = field(default_factory=list)

    def log_odds(self, inputs: Inputs) -> Floats:
        self.seen.append(inputs.matrix.copy())
        return np.zeros(len(inputs.cells))

    def contributions(self, inputs: Inputs) -> Floats:
        return np.zeros((len(inputs.cells), inputs.matrix.shape[1] + 2))


@dataclass
class Firm:
    """A firm with a history, a service that scores by a witness, and a clock."""

    workshop: Workshop
    scoring: ScoringService
    outcomes: OutcomeService
    witness: Witness
    model: FittedModel
    clock: FakeClock

    def score(self, *deals: Deal) -> Floats:
        """Score deals and return what the model was shown of them."""
        self.witness.seen.clear()
        self.scoring.score("main", deals, include=())
        return self.witness.seen[0]

    def close(self, *outcomes: Outcome) -> None:
        self.outcomes.record("main", outcomes)

    def read_later(self, deal_ids: list[str]) -> Floats:
        """Return the same features of these deals as a training has them."""
        table = self.workshop.table()
        rows = [table.deal_ids.index(deal_id) for deal_id in deal_ids]
        return matrix_of(table, self.model)[rows]


def matrix_of(table: Table, model: FittedModel) -> Floats:
    return np.column_stack([one.column(table.judged) for one in model.features])


@pytest.fixture
def firm(database_url: str, tmp_path: Path) -> Iterator[Firm]:
    """Import a history, and score by a model that reads every feature there is."""
    export = tmp_path / "deals.csv"
    simulate(deals=DEALS, seed=3).write_csv(export)
    with open_workshop(Settings(database=database_url, models=tmp_path / "models")) as workshop:
        take_in(workshop.store, export, firm=workshop.firm, mapping=MAPPING, policy=workshop.policy)
        table = workshop.table()
        clock, witness = FakeClock(now=newest_moment(table) + DAY), Witness()
        features = features_of(workshop.policy, table.vocabularies)
        model = replace(
            a_model(workshop.policy, vocabularies=table.vocabularies, members=((1.0, witness),)), features=features
        )
        policies = CurrentPolicies(workshop.store.policies, default=default_document(), clock=clock)
        store = workshop.store
        yield Firm(
            workshop=workshop,
            scoring=ScoringService(
                receipts=store.receipts,
                track_records=store.track_records,
                policies=policies,
                champions=FixedChampions(model),
                clock=clock,
            ),
            outcomes=OutcomeService(outcomes=store.outcomes, receipts=store.receipts, clock=clock),
            witness=witness,
            model=model,
            clock=clock,
        )


def newest_moment(table: Table) -> datetime:
    return datetime.fromtimestamp(max(np.nanmax(table.as_of), np.nanmax(table.known_at)), UTC)


def deals_like_those_before(firm: Firm) -> list[Deal]:
    """Return open deals of the same clients, channels and regions, to be scored as of now."""
    before = [one.deal for one in firm.workshop.store.closed.in_brief("main")][-LIVE:]
    return [
        replace(deal, deal_id=f"LIVE-{n}", as_of=None, created_at=None, delivery_needed_by=None, stage="deal")
        for n, deal in enumerate(before)
    ]


def an_end(deal: Deal, *, won: bool = True, profit: int = 9_000) -> Outcome:
    return Outcome(
        deal_id=deal.deal_id,
        status=Status.WON if won else Status.LOST,
        realised_profit=roubles(profit) if won else None,
    )


def test_what_was_seen_of_a_deal_when_it_was_scored_is_what_training_reads_of_it_later(firm: Firm) -> None:
    rng = np.random.default_rng(7)
    deals, seen = deals_like_those_before(firm), []
    for place, deal in enumerate(deals):
        firm.clock.wait(float(rng.integers(1, 40)) * 3600 + rng.random())
        seen.append(firm.score(deal)[0])
        if place % 3 == 2:
            firm.clock.wait(0.000_001)
            firm.close(*(an_end(one, won=bool(rng.random() < 0.6)) for one in deals[place - 2 : place + 1]))
    firm.clock.wait(40 * DAY.total_seconds())
    firm.close(*(an_end(one) for one in deals[-(LIVE % 3) :]))
    later = firm.read_later([deal.deal_id for deal in deals])
    tracked = [place for place, feature in enumerate(firm.model.features) if feature.is_tracked]
    assert not np.isnan(later[:, tracked]).all(axis=0).any()
    np.testing.assert_array_equal(later, np.array(seen))


def test_so_it_is_for_deals_scored_in_one_call_and_for_moments_in_the_past(firm: Firm) -> None:
    deals = [
        replace(deal, as_of=firm.clock.now - timedelta(days=3 * n, microseconds=n))
        for n, deal in enumerate(deals_like_those_before(firm))
    ]
    seen = firm.score(*deals)
    firm.clock.wait(DAY.total_seconds())
    firm.close(*(an_end(one, won=n % 2 == 0) for n, one in enumerate(deals)))
    np.testing.assert_array_equal(firm.read_later([deal.deal_id for deal in deals]), seen)


def test_so_it_is_when_the_service_is_started_anew_in_between(firm: Firm) -> None:
    deals = deals_like_those_before(firm)
    firm.score(*deals)
    firm.clock.wait(60)
    firm.close(*(an_end(one) for one in deals))
    firm.clock.wait(60)
    asked = [replace(deal, deal_id=f"{deal.deal_id}-again") for deal in deals]
    warm = firm.score(*asked, *deals)
    other = open_store(firm.workshop.store.database.engine.url.render_as_string(hide_password=False))
    firm.scoring = replace(firm.scoring, track_records=other.track_records)
    cold = firm.score(*asked, *deals)
    other.close()
    np.testing.assert_array_equal(cold, warm)


def test_what_was_told_wrongly_is_not_learned_until_it_was_put_right(firm: Firm) -> None:
    [first, second, third, *_] = deals_like_those_before(firm)
    second, third = (replace(deal, company_id=first.company_id) for deal in (second, third))
    firm.score(first)
    firm.clock.wait(60)
    firm.close(an_end(first))
    firm.clock.wait(60)
    misled = firm.score(second)[0]
    firm.clock.wait(60)
    firm.close(an_end(first, won=False))
    firm.clock.wait(60)
    informed = firm.score(third)[0]
    firm.clock.wait(60)
    firm.close(an_end(second), an_end(third))
    rows = firm.read_later([second.deal_id, third.deal_id])
    place = [one.name for one in firm.model.features].index("track_client_deals")
    assert rows[0][place] < misled[place]
    np.testing.assert_array_equal(rows[1], informed)


def test_a_label_of_another_policy_is_another_record(firm: Firm) -> None:
    strict = a_policy(economics={"floor": 1_000_000})
    deals = deals_like_those_before(firm)
    place = [one.name for one in firm.model.features].index("track_firm_rate")
    ours = firm.score(*deals)
    firm.scoring = replace(firm.scoring, champions=FixedChampions(replace(firm.model, policy=strict)))
    theirs = firm.score(*deals)
    assert (theirs[:, place] < ours[:, place]).all()
