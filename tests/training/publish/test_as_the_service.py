"""The bundle as MLflow's own batch tools run it: the same numbers as the service gives for the same deals."""

import json
from datetime import date, timedelta
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from mlscore.bootstrap import build_service
from mlscore.registry import Shelf, write_bundle
from mlscore.scoring.deal import FACTS, Deal, Kind
from mlscore.scoring.features import features_of
from mlscore.scoring.model import Far, FittedModel
from mlscore.scoring.policy import default_policy
from mlscore.settings import Settings
from tests.builders import NOON, a_deal, a_good_deal, roubles
from tests.fakes import FakeClock
from tests.models import a_model, a_staged, some_rates
from training.publish.tracking import BUNDLE, SERVED_MODEL, signature

DEALS = (
    a_good_deal(deal_id="D-1", region="north", source="site", employees=120.0, role_economic=True),
    a_good_deal(deal_id="D-2", as_of=NOON - timedelta(days=40), delivery_needed_by=date(2026, 2, 1), asap=None),
    a_deal(deal_id="D-3"),
    a_deal(deal_id="D-4", industry="an industry nobody listed", amount=roubles(1_999.99), currency="USD"),
    a_deal(deal_id="D-5", created_at=NOON - timedelta(days=9), need_defined=False, trial_order=True),
)


pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns of pandas 4 and of models without type hints


def a_served_model() -> FittedModel:
    """Return a model of stages and rates that reads no track record: that is the service's to work out."""
    vocabularies = {"region": ("north", "south"), "source": ("fair", "site")}
    features = tuple(f for f in features_of(default_policy(), vocabularies) if not f.is_tracked)
    return a_model(
        vocabularies=vocabularies,
        features=features,
        members=((0.7, a_staged(features)), (0.3, some_rates())),
        far=Far(
            least=np.full(len(features), -np.inf),
            most=np.full(len(features), np.inf),
            learned=np.full((len(features), 1), np.nan),
            leans_on=np.zeros(len(features)),
        ),
    )


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """Give the bundle of a model."""
    folder = tmp_path_factory.mktemp("bundle") / BUNDLE
    write_bundle(folder, a_served_model(), card="", facts={"created_at": NOON.isoformat()})
    return folder


@pytest.fixture(scope="module")
def saved(bundle, tmp_path_factory) -> str:
    """Give the bundle as MLflow saves it."""
    path = tmp_path_factory.mktemp("saved") / "model"
    mlflow.pyfunc.save_model(
        path=path,
        python_model=str(SERVED_MODEL),
        artifacts={BUNDLE: str(bundle)},
        signature=signature(default_policy()),
        pip_requirements=["mlscore"],
    )
    return str(path)


@pytest.fixture(scope="module")
def said(bundle, tmp_path_factory):
    """Give what the service said of the deals, the bundle being its champion: receipts with facts and answers."""
    folder = tmp_path_factory.mktemp("service")
    shelf = Shelf(folder / "models")
    shelf.put("main", "7", bundle)
    shelf.point("main", "7")
    settings = Settings(database=f"sqlite:///{folder}/mlscore.db", models=folder / "models", policy=None, firm="main")
    with build_service(settings, clock=FakeClock()) as application:
        return application.scoring.score("main", DEALS, include=())


def a_frame(deals: list[Deal]) -> pd.DataFrame:
    """Return the facts as a person with a data frame has them: yes 1, no 0, money in minor units, moments in UTC."""
    columns = {}
    for name, fact in FACTS.items():
        values = [getattr(deal, name) for deal in deals]
        if fact.kind in {Kind.DATE, Kind.MOMENT}:
            columns[name] = pd.to_datetime(pd.Series(values), utc=True).dt.tz_localize(None)
        else:
            columns[name] = pd.Series(values, dtype=object if fact.kind is Kind.TEXT else float)
    return pd.DataFrame(columns)


def by_the_service(said) -> pd.DataFrame:
    rows = [
        (a.probability, *a.interval, np.nan if a.expected_profit is None else a.expected_profit, a.abstained)
        for a in (receipt.answer.model for receipt in said)
    ]
    return pd.DataFrame(rows, columns=["probability", "low", "high", "expected_profit", "abstained"])


def test_mlflow_models_predict_gives_the_numbers_of_the_service(saved, said, tmp_path) -> None:
    answered = tmp_path / "answers.json"
    frame = a_frame([receipt.deal for receipt in said])
    mlflow.models.predict(saved, input_data=frame, env_manager="local", output_path=str(answered))
    rows = json.loads(answered.read_text(encoding="utf-8"))["predictions"]
    pd.testing.assert_frame_equal(pd.DataFrame(rows).astype(float), by_the_service(said).astype(float), rtol=1e-12)


def test_the_loaded_pyfunc_gives_the_numbers_of_the_service_bit_for_bit(saved, said) -> None:
    frame = a_frame([receipt.deal for receipt in said])
    answers = mlflow.pyfunc.load_model(saved).predict(frame)
    pd.testing.assert_frame_equal(answers, by_the_service(said), check_exact=True)
    # Money in another currency is unknown, and so is an industry that is on no list: D-4 is answered as D-3.
    assert answers["probability"].nunique() == len(DEALS) - 1


def test_facts_a_frame_has_no_column_for_are_unknown(saved, said) -> None:
    as_of = a_frame([receipt.deal for receipt in said])[["as_of"]]
    answers = mlflow.pyfunc.load_model(saved).predict(as_of.iloc[[2]])
    pd.testing.assert_frame_equal(answers.reset_index(drop=True), by_the_service(said).iloc[[2]].reset_index(drop=True))
