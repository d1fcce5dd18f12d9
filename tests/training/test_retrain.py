"""A retraining from the store to the shelf, the laboratory book and back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.environment_variables import MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT
from mlflow.exceptions import MlflowException
from typer.testing import CliRunner

from mlscore.registry import Shelf, Trust, follow_once, load_bundle, write_key
from mlscore.registry.manifest import read_sealed
from mlscore.scoring.deal import Deals, Status
from mlscore.scoring.errors import NotFoundError, TrainingError
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import default_policy, fingerprint
from mlscore.scoring.reasons import usual_answers
from mlscore.scoring.verdict import judge
from mlscore.settings import Settings
from tests.builders import a_policy
from tests.training.histories import START, a_history, a_table, with_outcomes_shuffled, with_outcomes_turned
from training.commands import app
from training.commands.roles import promote, roll_back
from training.evaluate import capacity_line
from training.publish import TrackingAwayError, bundle_facts, knock, model_card
from training.publish.plots import PLOTS, draw_one
from training.publish.tracking import registered_model_name
from training.retrain import NothingNew, Terms, find_same, investigate, retrain, retrain_if_new
from training.workshop import BusyError, NothingToTrainError, Workshop, open_workshop

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns of its own tables and of models without type hints

DEALS = 420
AT = START + timedelta(days=2 * DEALS)
TERMS = Terms(seed=3, simulated=True)


def settings_in(folder: Path, tracking_uri: str) -> Settings:
    return Settings(database=f"sqlite:///{folder / 'mlscore.db'}", models=folder / "models", tracking_uri=tracking_uri)


@contextmanager
def a_workshop(folder: Path, tracking_uri: str, history, *, firm: str = "main") -> Iterator[Workshop]:
    """Open a workshop whose store holds a history."""
    with open_workshop(settings_in(folder, tracking_uri), firm=firm) as workshop:
        workshop.store.receipts.keep(workshop.firm, [c.receipt for c in history])
        workshop.store.outcomes.record(workshop.firm, [c.outcome for c in history], at=AT)
        yield workshop


@pytest.fixture(scope="module")
def tracking_uri(tmp_path_factory) -> str:
    """Give one tracking database to all: MLflow takes seconds to make its tables."""
    return f"sqlite:///{tmp_path_factory.mktemp('tracking') / 'mlflow.db'}"


@pytest.fixture(scope="module")
def history():
    return a_history(DEALS, seed=1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, tracking_uri, history):
    """Give a workshop in which one retraining was held, and what came of it."""
    with a_workshop(tmp_path_factory.mktemp("trained"), tracking_uri, history) as workshop:
        yield workshop, retrain(workshop, TERMS, at=AT)


def served(workshop: Workshop, version: str) -> FittedModel:
    return load_bundle(workshop.shelf.folder(workshop.firm, version), version=version)


def test_a_winner_that_passes_every_gate_becomes_champion(trained) -> None:
    workshop, done = trained
    assert done.findings.passed
    assert done.roles == ("champion",)
    assert workshop.shelf.champion("main") == done.version == "1"
    model = served(workshop, "1")
    assert (model.why_unapproved, model.simulated, model.label) == (None, True, "profitable")


def test_what_lies_on_the_shelf_answers_as_what_was_trained(trained) -> None:
    workshop, done = trained
    deals = done.findings.table.deals
    judged = judge(deals, default_policy())
    fresh, kept = (m.answers(deals, judged=judged) for m in (done.findings.model, served(workshop, "1")))
    np.testing.assert_allclose(kept.probability, fresh.probability, atol=1e-9)
    np.testing.assert_allclose(kept.expected_profit, fresh.expected_profit, rtol=1e-9)
    low, high = kept.interval
    assert (low < kept.probability).all()
    assert (kept.probability < high).all()


def test_the_model_on_the_shelf_knows_the_usual_answers_and_no_line_for_a_team_that_can_work_all(trained) -> None:
    workshop, done = trained
    model, table = served(workshop, "1"), done.findings.table
    assert model.usual == usual_answers(table.judged)
    assert model.capacity_line is None


def test_the_bundle_tells_its_gates_figures_and_provenance(trained) -> None:
    workshop, done = trained
    facts = workshop.shelf.facts("main", "1")
    assert [gate["code"] for gate in facts["gates"]] == [gate.code for gate in done.findings.gates]
    assert {"rules", "service", *done.findings.rounds[0].raw} == facts["metrics"].keys()
    assert facts["history_sha256"] == done.findings.table.history_sha256
    assert facts["policy_version"] == fingerprint(default_policy())
    assert facts["deals"] == DEALS
    assert facts["terms"] == TERMS.written()
    assert facts["leaks"] == []


def test_the_card_says_what_it_learned_and_that_it_was_simulated(trained) -> None:
    workshop, done = trained
    card = workshop.shelf.card("main", "1")
    assert f"{DEALS} closed deals" in card
    assert "simulated history" in card
    for gate in done.findings.gates:
        assert gate.sentence in card


def test_answers_given_out_of_time_are_kept_beside_the_receipts(trained) -> None:
    workshop, done = trained
    kept = {
        c.receipt.receipt_id: c.backtest for c in workshop.store.closed.closed_deals("main") if c.backtest is not None
    }
    findings = done.findings
    answered = np.flatnonzero(~np.isnan(findings.probability))
    assert set(findings.rows.tolist()) < set(answered.tolist())
    assert kept.keys() == {findings.table.receipt_ids[row] for row in answered.tolist()}
    abstained = findings.rounds[0].abstained
    for row in answered[:20].tolist():
        backtest = kept[findings.table.receipt_ids[row]]
        assert backtest.probability == pytest.approx(findings.probability[row])
        assert backtest.model_version == "1"
        assert not abstained[row] or backtest.expected_profit is None


def test_the_run_says_what_was_trained_on_what(trained, tracking_uri) -> None:
    _, done = trained
    run = MlflowClient(tracking_uri).get_run(done.run_id)
    tags = run.data.tags
    assert tags["history_sha256"] == done.findings.table.history_sha256
    assert tags["policy_version"] == fingerprint(default_policy())
    assert tags["simulated"] == "true"
    assert tags["gate.calibrated"].startswith("passed")
    assert run.data.metrics["deals"] == DEALS
    assert run.data.metrics["service.log_loss"] == pytest.approx(done.findings.figures[-1].log_loss)
    assert any(name.startswith("log_loss/20") for name in run.data.metrics)
    assert run.data.params["seed"] == "3"


def test_every_candidate_has_a_nested_run_with_the_same_figures(trained, tracking_uri) -> None:
    _, done = trained
    client = MlflowClient(tracking_uri)
    experiment = client.get_run(done.run_id).info.experiment_id
    nested = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{done.run_id}'")
    assert {run.data.tags["candidate"] for run in nested} == set(done.findings.rounds[0].raw)
    assert all({"auc", "log_loss", "brier", "ece"} <= run.data.metrics.keys() for run in nested)
    parent = client.get_run(done.run_id).data.params
    assert {"track_records", "half_life", "refit", "seed", "judged"} <= parent.keys()
    assert all(run.data.params == parent | {"candidate": run.data.tags["candidate"]} for run in nested)
    weights = {run.data.tags["candidate"]: run.data.metrics["blend_weight"] for run in nested}
    assert {name: weight for name, weight in weights.items() if weight} == done.findings.contest.weights
    for quarter in done.findings.quarters():
        assert all(f"log_loss/{quarter.quarter}" in run.data.metrics for run in nested)


def test_the_run_keeps_the_cards_and_every_plot_with_its_numbers(trained, tracking_uri) -> None:
    workshop, done = trained
    client = MlflowClient(tracking_uri)
    assert {"card.md", "card.html"} < {f.path for f in client.list_artifacts(done.run_id)}
    plots = {f.path for f in client.list_artifacts(done.run_id, "plots")}
    drawn = [name for name in PLOTS if draw_one(done.findings, name)]
    assert plots == {f"plots/{name}.{kind}" for name in drawn for kind in ("svg", "csv")}
    assert {"calibration", "profit", "matrix", "learning", "insight"} <= set(drawn)
    page = (workshop.shelf.folder("main", done.version) / "card.html").read_text(encoding="utf-8")
    assert [name for name in drawn if f'<figure id="{name}">' not in page] == []


def test_the_run_lists_the_history_it_learned_by_its_digest_and_no_deal_of_it(trained, tracking_uri) -> None:
    _, done = trained
    [listed] = MlflowClient(tracking_uri).get_run(done.run_id).inputs.dataset_inputs
    assert done.findings.table.history_sha256.startswith(listed.dataset.digest)
    assert [(tag.key, tag.value) for tag in listed.tags] == [("mlflow.data.context", "training")]
    assert f'"rows": {DEALS}' in listed.dataset.profile
    assert "D-0001" not in listed.dataset.profile + listed.dataset.source


def test_the_registered_model_has_the_alias_and_loads_as_a_pyfunc(trained, tracking_uri) -> None:
    workshop, _ = trained
    name = registered_model_name("main")
    assert str(MlflowClient(tracking_uri).get_model_version_by_alias(name, "champion").version) == "1"
    mlflow.set_tracking_uri(tracking_uri)
    loaded = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    assert loaded.metadata.metadata["units"]["amount"].startswith("minor units of RUB")
    rows = pd.DataFrame(
        {
            "as_of": pd.to_datetime(["2025-03-01T09:00:00", "2025-03-02T09:00:00"]),
            "industry": ["dairy", None],
            "steam_tph": [5.0, np.nan],
            "need_defined": [1.0, 0.0],
            "amount": [9_000_000.0, np.nan],
        }
    )
    answers = loaded.predict(rows)
    assert list(answers.columns) == ["probability", "low", "high", "expected_profit", "abstained"]
    moments = [pd.Timestamp(m, tz="UTC").timestamp() for m in rows["as_of"]]
    columns = {"as_of": np.array(moments), "industry": np.array(["dairy", None], dtype=object)}
    for fact in ("steam_tph", "need_defined", "amount"):
        columns[fact] = rows[fact].to_numpy()
    deals = Deals.of_columns(columns, size=2)
    expected = served(workshop, "1").answers(deals, judged=judge(deals, default_policy()))
    np.testing.assert_allclose(answers["probability"], expected.probability)


def test_training_again_gives_a_new_version_and_rollback_the_one_before(
    trained, tracking_uri, tmp_path, history
) -> None:
    with a_workshop(tmp_path, tracking_uri, history, firm="second") as workshop:
        first = retrain(workshop, TERMS, at=AT)
        again = retrain(workshop, TERMS, at=AT)
        assert (first.version, again.version) == ("1", "2")
        assert workshop.shelf.champion("second") == "2"
        assert roll_back(workshop) == "Champion of second: 2 -> 1."
        alias = MlflowClient(tracking_uri).get_model_version_by_alias(registered_model_name("second"), "champion")
        assert (workshop.shelf.champion("second"), str(alias.version)) == ("1", "1")
        assert promote(workshop, "2") == "Champion of second: 1 -> 2."
        assert workshop.shelf.champion("second") == "2"
        with pytest.raises(NotFoundError):
            promote(workshop, "77")
        same = [{p.name: p.read_bytes() for p in workshop.shelf.folder("second", v).iterdir()} for v in ("1", "2")]
        gates_differ = {
            "facts.json",
            "card.md",
            "card.html",
            "manifest.json",
        }  # the second had a champion to be compared with
        assert {n: c for n, c in same[0].items() if n not in gates_differ} == {
            n: c for n, c in same[1].items() if n not in gates_differ
        }


def test_without_anything_new_no_version_is_made(trained, tracking_uri) -> None:
    workshop, done = trained
    before = MlflowClient(tracking_uri).search_model_versions(f"name = '{registered_model_name('main')}'")
    told: list[str] = []
    assert retrain_if_new(workshop, TERMS, at=AT, progress=told.append) == NothingNew(done.version)
    assert told == []
    assert workshop.shelf.versions("main") == (done.version,)
    after = MlflowClient(tracking_uri).search_model_versions(f"name = '{registered_model_name('main')}'")
    assert len(after) == len(before)


def test_a_new_deal_policy_or_term_is_something_new(trained, history) -> None:
    workshop, done = trained
    table = workshop.table()
    assert find_same(workshop, table, TERMS) == done.version
    changed = with_outcomes_turned(history, [7])
    assert find_same(workshop, a_table(changed), TERMS) is None
    assert find_same(workshop, a_table(history[1:]), TERMS) is None
    assert find_same(workshop, replace(table, policy=a_policy(economics={"floor": 4_000})), TERMS) is None
    assert find_same(workshop, table, replace(TERMS, threads=2)) == done.version
    for terms in (replace(TERMS, seed=4), replace(TERMS, vouched=("amount",)), replace(TERMS, simulated=False)):
        assert find_same(workshop, table, terms) is None


def test_a_timer_that_says_nothing_keeps_the_mark_of_a_simulated_history(tracking_uri, tmp_path) -> None:
    env = {
        "MLSCORE_DATABASE": f"sqlite:///{tmp_path / 'mlscore.db'}",
        "MLSCORE_MODELS": str(tmp_path / "models"),
        "MLSCORE_TRACKING_URI": tracking_uri,
        "MLSCORE_FIRM": "timed",
    }
    with a_workshop(tmp_path, tracking_uri, a_history(30), firm="timed") as workshop:
        marks = []
        for words in (["--simulated"], ["--force"], ["--no-simulated"]):
            said = CliRunner().invoke(app, ["retrain", *words], env=env).output
            version = workshop.shelf.versions("timed")[-1]
            marks.append((served(workshop, version).simulated, "taken for simulated, as before" in said))
        assert workshop.shelf.versions("timed") == ("1", "2", "3")
    assert marks == [(True, False), (True, True), (False, False)]


def test_where_nobody_serves_or_the_newest_version_is_damaged_there_is_always_something_to_do(
    trained, tmp_path
) -> None:
    workshop, done = trained
    table = workshop.table()
    copy = replace(workshop, shelf=Shelf(tmp_path / "models"))
    copytree(workshop.shelf.models_dir, copy.shelf.models_dir)
    assert find_same(copy, table, TERMS) == done.version
    (copy.shelf.models_dir / "main" / "champion").unlink()
    assert find_same(copy, table, TERMS) is None
    copy.shelf.point("main", done.version)
    (copy.shelf.folder("main", done.version) / "facts.json").write_text("{}")
    assert find_same(copy, table, TERMS) is None


def test_a_version_that_was_shelved_and_never_pointed_at_is_not_taken_for_learned(trained, tmp_path) -> None:
    """A training was killed, or the disk was full, between the two: the old champion would stay for good."""
    workshop, done = trained
    before = Shelf(tmp_path / "models", clock=lambda: AT - timedelta(days=1))
    copytree(workshop.shelf.folder("main", done.version), tmp_path / "models" / "main" / done.version)
    before.point("main", done.version)
    copy = replace(workshop, shelf=before)
    assert find_same(copy, workshop.table(), TERMS) is None
    Shelf(tmp_path / "models").point("main", done.version, "challenger")
    assert find_same(copy, workshop.table(), TERMS) == done.version


def test_a_tracking_store_begun_anew_gives_no_version_that_the_shelf_has(tracking_uri, tmp_path) -> None:
    with a_workshop(tmp_path, f"sqlite:///{tmp_path / 'lost.db'}", a_history(30), firm="moved") as workshop:
        assert retrain(workshop, TERMS, at=AT).version == "1"
        moved = replace(workshop, tracking_uri=tracking_uri)
        assert retrain(moved, replace(TERMS, seed=5), at=AT).version == "2"
        assert workshop.shelf.versions("moved") == ("1", "2")
        kept = MlflowClient(tracking_uri).search_model_versions(f"name = '{registered_model_name('moved')}'")
        assert [str(version.version) for version in kept] == ["2"]


def test_a_tracking_file_is_made_whole_or_not_at_all(tmp_path, monkeypatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MlflowClient, "search_experiments", killed)
    with pytest.raises(KeyboardInterrupt):
        knock("main", tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_tracking_file_whose_tables_are_half_made_is_told_in_a_sentence(tmp_path) -> None:
    whole, half = tmp_path / "whole.db", tmp_path / "half.db"
    knock("main", tracking_uri=f"sqlite:///{whole}")
    half.write_bytes(whole.read_bytes())
    with closing(sqlite3.connect(half)) as opened, opened:
        opened.executescript("DELETE FROM alembic_version; DROP TABLE registered_model_aliases")
    with pytest.raises(TrackingAwayError, match="move it away"):
        knock("main", tracking_uri=f"sqlite:///{half}")


def test_a_tracking_server_that_is_away_is_noticed_before_the_work_begins(trained, tmp_path) -> None:
    workshop, _ = trained
    told: list[str] = []
    (tmp_path / "a file").touch()
    for uri in ("http://127.0.0.1:1", f"sqlite:///{tmp_path}/a file/mlflow.db"):
        away = replace(workshop, tracking_uri=uri)
        with pytest.raises(TrackingAwayError, match="MLSCORE_TRACKING_URI"):
            retrain(away, TERMS, at=AT, progress=told.append)
    assert told == []


def test_the_first_model_of_a_firm_serves_though_it_failed_and_says_so(tracking_uri, tmp_path) -> None:
    with a_workshop(tmp_path, tracking_uri, a_history(30), firm="young") as workshop:
        done = retrain(workshop, TERMS, at=AT)
        assert not done.findings.passed
        assert "champion" in done.roles
        assert served(workshop, done.version).why_unapproved == "abstain.gates"


def test_a_trainer_with_a_key_signs_what_it_makes_and_the_signature_travels_through_the_registry(
    tracking_uri, tmp_path
) -> None:
    signer = write_key(tmp_path / "signing.pem")
    trusting = Shelf(tmp_path / "elsewhere", trust=Trust.of(signer.public()))
    with a_workshop(tmp_path, tracking_uri, a_history(30), firm="signed") as workshop:
        done = retrain(replace(workshop, signer=signer), TERMS, at=AT)
        assert read_sealed(workshop.shelf.folder("signed", done.version), trust=trusting.trust)
    name = registered_model_name("signed")
    taken = follow_once(trusting, firm="signed", tracking_uri=tracking_uri, model_name=name)
    assert (taken.outcome, trusting.champion("signed")) == ("moved", done.version)
    assert read_sealed(trusting.folder("signed", done.version), trust=trusting.trust)


def test_a_challenger_that_fails_leaves_the_champion_serving_until_one_that_passes_leaves_both_behind(
    trained, tracking_uri, history
) -> None:
    workshop, done = trained
    noisy = with_outcomes_shuffled(history)
    workshop.store.outcomes.record("main", [c.outcome for c in noisy], at=AT + timedelta(days=1))
    second = retrain(workshop, TERMS, at=AT + timedelta(days=2))
    assert not second.findings.passed
    kept = [one.backtest for one in workshop.store.closed.closed_deals("main") if one.backtest is not None]
    assert {backtest.model_version for backtest in kept} == {done.version}, "the champion's are not overwritten"
    assert second.roles == ("challenger",)
    assert workshop.shelf.champion("main") == done.version
    assert workshop.shelf.challenger("main") == second.version
    assert served(workshop, second.version).why_unapproved == "abstain.gates"

    workshop.store.outcomes.record("main", [c.outcome for c in history], at=AT + timedelta(days=3))
    third = retrain(workshop, TERMS, at=AT + timedelta(days=4))
    assert third.roles == ("champion",)
    assert workshop.shelf.challenger("main") is None
    with pytest.raises(MlflowException):
        MlflowClient(tracking_uri).get_model_version_by_alias(registered_model_name("main"), "challenger")


def test_of_two_trainings_at_once_one_is_refused(tracking_uri, tmp_path, history) -> None:
    with a_workshop(tmp_path, tracking_uri, history, firm="busy") as workshop, workshop.alone():
        with pytest.raises(BusyError, match="Another training"):
            retrain(workshop, TERMS, at=AT)
        with pytest.raises(BusyError, match="Another training"):
            promote(workshop, "1")


def test_an_outcome_not_yet_known_teaches_nothing(tracking_uri, tmp_path, history) -> None:
    then = START + timedelta(days=100)
    with a_workshop(tmp_path, tracking_uri, history) as workshop:
        table = workshop.table(known_by=then)
        known = {c.receipt.deal.deal_id for c in history if c.outcome.known_at <= then}
        assert set(table.deal_ids) == known
        assert 0 < len(known) < 100


def test_a_firm_without_closed_deals_has_nothing_to_train_on(tracking_uri, tmp_path) -> None:
    with a_workshop(tmp_path, tracking_uri, []) as workshop, pytest.raises(NothingToTrainError, match="history import"):
        retrain(workshop, TERMS, at=AT)


def test_mlflow_prints_no_address_between_our_sentences(trained, tracking_uri, monkeypatch) -> None:
    monkeypatch.delenv(MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT.name, raising=False)
    knock("main", tracking_uri=tracking_uri)
    assert MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT.get()


def test_the_same_seed_and_history_make_the_same_model(trained, history) -> None:
    _, done = trained
    again = investigate("main", a_table(history), TERMS, at=AT)
    assert model_card(again) == model_card(done.findings)
    assert bundle_facts(again) == bundle_facts(done.findings)


def test_a_model_for_a_busy_team_carries_the_line_of_its_judged_deals(history) -> None:
    policy = default_policy()
    busy = replace(policy, economics=replace(policy.economics, worked_capacity=3))
    findings = investigate("main", a_table(history[:200], busy), TERMS, at=AT)
    line = capacity_line(findings.table, findings.rows, findings.rounds[0])
    assert line is not None
    assert findings.model.capacity_line == line


def test_a_history_of_one_outcome_is_trained_and_refused(history) -> None:
    lost = [replace(c, outcome=replace(c.outcome, status=Status.LOST, realised_profit=None)) for c in history[:60]]
    findings = investigate("main", a_table(lost), TERMS, at=AT)
    assert not findings.passed
    assert findings.model.why_unapproved == "abstain.gates"


def test_a_tracking_server_that_refuses_is_named_without_its_password(trained, tmp_path) -> None:
    workshop, _ = trained
    away = replace(
        workshop, tracking_uri="postgresql://me:secret@127.0.0.1:1/none", shelf=Shelf(workshop.shelf.models_dir)
    )
    with pytest.raises(TrainingError) as refused:
        promote(away, "1")
    assert "secret" not in str(refused.value)


def test_the_command_line_ends_with_3_where_there_is_nothing_to_train_on(tmp_path) -> None:
    env = {"MLSCORE_DATABASE": f"sqlite:///{tmp_path / 'empty.db'}", "MLSCORE_MODELS": str(tmp_path / "models")}
    done = CliRunner().invoke(app, ["retrain"], env=env)
    assert done.exit_code == 3
    assert "no closed deals" in done.output
