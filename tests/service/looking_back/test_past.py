"""The past says of closed deals what the comparison says, one entry a deal."""

from collections import Counter
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from mlscore.ports import Backtest
from mlscore.scoring.deal import Outcome, Status
from mlscore.store import open_store
from tests.builders import NOON, roubles
from tests.models import a_model
from tests.serving import until
from tests.store.builders import a_deal, a_receipt, an_answer, an_outcome
from tests.web.firm import a_firm, with_deals


@pytest.fixture
def application(tmp_path):
    with a_firm(tmp_path) as (opened, _):
        with_deals(opened)
        yield opened


def past_of(application):
    return application.office.looking_back.past(application.firm)


def test_it_agrees_with_the_comparison(application):
    report, past = application.comparing.compare(application.firm), past_of(application)
    answered = past.answered
    assert (int(answered.sum()), past.without_profit) == (report.comparison.deals, report.without_profit)
    assert int(past.paid[answered].sum()) == report.comparison.positives
    told = Counter(one for one, is_in in zip(past.agreements, answered, strict=True) if is_in)
    assert {name: cell.deals for name, cell in report.comparison.swap.items() if cell.deals} == dict(told)
    for name, cell in report.comparison.swap.items():
        among = np.array([one == name for one in past.agreements]) & answered
        assert past.profit[among].sum() == cell.profit


def test_it_is_read_once_until_a_deal_closes(application):
    before = past_of(application)
    assert past_of(application) is before
    outcome = Outcome(deal_id="D-1", status=Status.WON, closed_at=NOON, realised_profit=roubles(9_000))
    application.outcomes.record(application.firm, [outcome])
    # On a machine with much to do it is shown as it was while it is read anew.
    until(lambda: past_of(application) is not before)
    after = past_of(application)
    assert set(after.deal_ids) - set(before.deal_ids) == {"D-1"}
    assert after.profit[after.deal_ids.index("D-1")] == roubles(9_000)
    assert after.won[after.deal_ids.index("D-1")]


def test_a_backtest_of_the_champion_speaks_where_no_model_was_asked_live(tmp_path):
    with a_firm(tmp_path) as (opened, settings), closing(open_store(settings.database)) as store:
        deals = [a_deal(f"D-{number}", as_of=NOON) for number in range(3)]
        receipts = [a_receipt(one, answer=an_answer(model=None), origin="import") for one in deals]
        store.receipts.keep(opened.firm, receipts)
        opened.outcomes.record(opened.firm, [an_outcome(one.deal_id) for one in deals])
        by = (a_model().version, "another")
        tests = [
            Backtest(receipt_id=one.receipt_id, probability=0.5, expected_profit=roubles(8_000), model_version=version)
            for one, version in zip(receipts, by, strict=False)
        ]
        store.backtests.keep(opened.firm, tests)
        past = past_of(opened)
        assert past.answered.tolist() == [True, False, False]
        assert past.by_model == [True, None, None]
        assert not past.is_live.any()
        store.backtests.keep(opened.firm, [replace(test, model_version=by[0]) for test in tests])
        assert past_of(opened).answered.tolist() == [True, True, False]
