"""A model comes back from its bundle as it went in, or not at all."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from mlscore.registry import load_bundle, write_bundle
from mlscore.registry.bundle import CARD, CARD_PAGE, GOLDEN, MODEL, POLICY, load_and_try, read_card, read_facts
from mlscore.scoring.deal import Deals
from mlscore.scoring.errors import BundleDamagedError, BundleUnfitError, ConflictError, ModelError
from mlscore.scoring.model import Far, FittedModel, ModelAnswers
from mlscore.scoring.policy import default_policy, fingerprint
from mlscore.scoring.verdict import judge
from tests.registry.models import (
    EVERY_KIND,
    a_booster,
    a_bundle,
    a_design,
    a_model,
    a_policy,
    a_weighted_model,
    some_deals,
    with_file,
    with_json,
)


def answers_of(model: FittedModel, deals: Deals) -> ModelAnswers:
    return model.answers(deals, judged=judge(deals, model.policy))


def everything_said(answers: ModelAnswers) -> list[np.ndarray]:
    rows = np.arange(len(answers))
    told = [answers.probability, *answers.interval, answers.expected_profit, answers.rule_probability]
    return [*told, answers.similar_deals, answers.is_far, answers.contributions(rows)]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_model_of_every_kind_answers_from_its_bundle_bit_for_bit(kind: str, tmp_path: Path) -> None:
    model, deals = EVERY_KIND[kind](), some_deals(60, seed=11)
    read = load_bundle(a_bundle(tmp_path / "b", model), version="12")
    for before, after in zip(
        everything_said(answers_of(model, deals)), everything_said(answers_of(read, deals)), strict=True
    ):
        assert np.array_equal(before, after, equal_nan=True)
    assert read.version == "12"
    assert fingerprint(read.policy) == fingerprint(model.policy)
    assert read.policy == model.policy
    told = ("vocabularies", "label", "simulated", "why_unapproved", "usual", "capacity_line")
    assert [getattr(read, name) for name in told] == [getattr(model, name) for name in told]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_model_of_every_kind_passes_its_own_golden_rows(kind: str, tmp_path: Path) -> None:
    assert load_and_try(a_bundle(tmp_path / "b", EVERY_KIND[kind]()), version="1").version == "1"


def test_what_the_history_usually_says_and_the_capacity_line_travel_in_the_bundle(tmp_path: Path) -> None:
    model = a_model(usual={"asap": 1 / 3, "criterion.steam": 0.8}, capacity_line=123_456.7)
    read = load_bundle(a_bundle(tmp_path / "b", model), version="1")
    assert (read.usual, read.capacity_line) == ({"asap": 1 / 3, "criterion.steam": 0.8}, 123_456.7)


def test_a_bundle_written_before_there_were_usual_answers_is_read_without_them(tmp_path: Path) -> None:
    folder = a_bundle(tmp_path / "b", a_model(usual={"asap": 0.9}, capacity_line=1.0))
    with_file(folder, MODEL, lambda text: json.dumps(without(json.loads(text), "usual", "capacity_line")))
    read = load_and_try(folder, version="1")
    assert (read.usual, read.capacity_line) == ({}, None)


def without(document: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in document.items() if name not in names}


def test_contributions_of_a_read_model_sum_to_its_raw_log_odds(tmp_path: Path) -> None:
    model = load_bundle(a_bundle(tmp_path / "b", a_weighted_model()), version="1")
    answers = answers_of(model, some_deals(20))
    shares = answers.contributions(np.arange(20))
    assert shares.shape == (20, len(model.features) + 2)
    assert np.allclose(shares.sum(axis=1), model.raw_log_odds(answers.inputs), atol=1e-9)


def test_a_forest_answers_the_mean_of_its_trees(tmp_path: Path) -> None:
    model = EVERY_KIND["forest"]()
    read = load_bundle(a_bundle(tmp_path / "b", model), version="1")
    inputs = answers_of(read, some_deals(30)).inputs
    probability = a_booster("rf").predict(a_design()(inputs.matrix), num_threads=1)
    assert np.allclose(1 / (1 + np.exp(-read.raw_log_odds(inputs))), probability)


def test_no_deals_are_answered_with_no_answers(tmp_path: Path) -> None:
    model = load_bundle(a_bundle(tmp_path / "b", a_weighted_model()), version="1")
    answers = answers_of(model, Deals(()))
    assert answers.probability.shape == answers.expected_profit.shape == (0,)
    assert answers.contributions(np.arange(0)).shape == (0, len(model.features) + 2)


def test_a_bundle_is_text_from_end_to_end(tmp_path: Path) -> None:
    folder = a_bundle(tmp_path / "b", a_weighted_model())
    names = {path.name for path in folder.iterdir()}
    assert {"manifest.json", "model.json", "policy.json", "golden.json", "facts.json", "card.md"} < names
    for path in folder.iterdir():
        assert "\0" not in path.read_bytes().decode()
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)


def test_card_and_facts_come_back_with_what_training_counts_in(tmp_path: Path) -> None:
    facts = {
        "auc": np.float64(0.75),
        "deals": np.int64(40),
        "curve": np.array([0.0, 1.5]),
        "no_auc": float("nan"),
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "gates": MappingProxyType({"history": True}),
    }
    folder = a_bundle(tmp_path / "b", **facts)
    read = read_facts(folder)
    assert {name: read[name] for name in ("auc", "deals", "curve", "no_auc", "gates")} == {
        "auc": 0.75,
        "deals": 40,
        "curve": [0.0, 1.5],
        "no_auc": None,
        "gates": {"history": True},
    }
    assert datetime.fromisoformat(str(read["at"])) == facts["at"]
    assert read_card(folder) == "# A card\n"


def test_the_card_as_a_page_lies_beside_and_is_sealed_with_the_rest(tmp_path: Path) -> None:
    facts = {"created_at": "2026-01-15T09:00:00+00:00"}
    write_bundle(tmp_path / "b", a_model(), card="# A card\n", card_page="<h1>A card</h1>", facts=facts)
    assert (tmp_path / "b" / CARD_PAGE).read_text(encoding="utf-8") == "<h1>A card</h1>"
    assert load_and_try(tmp_path / "b", version="1").version == "1"
    (tmp_path / "b" / CARD_PAGE).write_text("<h1>Another</h1>", encoding="utf-8")
    with pytest.raises(BundleDamagedError, match=CARD_PAGE):
        load_bundle(tmp_path / "b", version="1")
    assert not (a_bundle(tmp_path / "without") / CARD_PAGE).exists()


def test_a_bundle_says_when_it_was_made(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="created_at"):
        write_bundle(tmp_path / "b", a_model(), card="", facts={})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_taken_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConflictError, match="already exists"):
        a_bundle(tmp_path / "b")
    assert [path.name for path in tmp_path.rglob("*")] == ["b", "mine.txt"]


def test_a_policy_that_would_come_back_changed_is_not_written(tmp_path: Path) -> None:
    policy = replace(default_policy(), prior=replace(default_policy().prior, worth_deals=10))
    with pytest.raises(ModelError, match="whole number where a fraction is meant"):
        a_bundle(tmp_path / "b", a_model(policy=policy))


def test_a_part_that_no_bundle_holds_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot hold a str"):
        a_bundle(tmp_path / "b", a_model(calibration="isotonic"))


def test_a_model_may_use_some_of_the_features_in_its_own_order(tmp_path: Path) -> None:
    far = Far(least=np.zeros(5), most=np.ones(5), learned=np.zeros((5, 2)), leans_on=np.full(5, 0.1))
    model = a_model(features=a_model().features[7:2:-1], far=far)
    read = load_bundle(a_bundle(tmp_path / "b", model), version="1")
    assert [f.name for f in read.features] == [f.name for f in model.features]
    assert np.array_equal(answers_of(read, some_deals(40)).is_far, answers_of(model, some_deals(40)).is_far)


def test_a_feature_this_code_cannot_build_is_named(tmp_path: Path) -> None:
    folder = with_file(a_bundle(tmp_path / "b"), MODEL, lambda text: text.replace('"urgency_plus"', '"shoe_size"'))
    with pytest.raises(BundleUnfitError, match=r"Model 7 needs features \['shoe_size'\].*Retrain it, or run"):
        load_bundle(folder, version="7")


def test_a_category_with_other_levels_is_another_feature(tmp_path: Path) -> None:
    vocabularies = {"region": ["south", "north"], "source": ["fair", "site"]}
    folder = with_json(a_bundle(tmp_path / "b"), MODEL, vocabularies=vocabularies)
    with pytest.raises(BundleUnfitError, match=r"features \['region'\]"):
        load_bundle(folder, version="7")


def parted(**parts: object) -> dict[str, object]:
    same = {"kind": "same_ratio", "value": 1.0}
    return {"kind": "parted", "good": same, "bad": same, "margin": 0.2, "typical": "nan"} | parts


def a_written_ratio(*, file: str) -> dict[str, object]:
    design = {"kind": "design", "source": [0.0], "level": ["nan"]}
    return {"kind": "booster_ratio", "booster": {"file": file, "trees": 1, "columns": 1}, "design": design, "scale": 1}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"calibration": {"kind": "spline"}}, "kind 'spline'"),
        ({"calibration": {"kind": "sigmoid", "slope": "steep", "intercept": 0}}, "cannot be read"),
        ({"calibration": {"kind": "sigmoid", "tilt": 1}}, "cannot be read"),
        ({"rates": {"kind": "rates", "deals": [1], "positives": [0], "base": 0.3, "worth": 1}}, "1 rule cells"),
        ({"profit": {"kind": "mean", "if_positive": 1.0}}, "kind 'mean'; this version of mlscore knows parted"),
        ({"profit": parted(good={"kind": "golden_ratio"})}, "kind 'golden_ratio'"),
        ({"profit": parted(good=a_written_ratio(file="../x.lgb"))}, "does not hold"),
        ({"members": []}, "at members"),
        ({"label": "lucky"}, "at label"),
        ({"mood": "good"}, "at mood"),
    ],
)
def test_a_model_of_other_making_is_refused_in_words(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    folder = with_json(a_bundle(tmp_path / "b"), MODEL, **changes)
    with pytest.raises(BundleUnfitError, match=said):
        load_bundle(folder, version="7")


def test_a_policy_with_a_term_this_code_lacks_is_refused(tmp_path: Path) -> None:
    folder = with_json(a_bundle(tmp_path / "b"), POLICY, luck=1)
    with pytest.raises(BundleUnfitError, match="luck"):
        load_bundle(folder, version="7")


def test_a_booster_must_hold_the_trees_it_was_written_with(tmp_path: Path) -> None:
    folder = a_bundle(tmp_path / "b", EVERY_KIND["booster"]())
    with_file(folder, MODEL, lambda text: text.replace('"trees": 5', '"trees": 6'))
    with pytest.raises(BundleUnfitError, match="5 trees instead of 6"):
        load_bundle(folder, version="7")


@pytest.mark.parametrize("kind", ["booster", "boosted", "staged"])
def test_a_design_must_be_of_the_features_of_its_model(kind: str, tmp_path: Path) -> None:
    folder = a_bundle(tmp_path / "b", EVERY_KIND[kind]())
    features = json.loads((folder / MODEL).read_text(encoding="utf-8"))["features"]
    with_json(folder, MODEL, features=features[:-1])
    with pytest.raises(
        BundleUnfitError, match=rf"'design' cannot be read \(its columns are not of the {len(features) - 1}"
    ):
        load_bundle(folder, version="7")


def test_a_booster_must_read_the_columns_of_its_design(tmp_path: Path) -> None:
    folder = a_bundle(tmp_path / "b", EVERY_KIND["booster"]())
    [member] = json.loads((folder / MODEL).read_text(encoding="utf-8"))["members"]
    for column in ("source", "level"):
        member["part"]["design"][column].pop()
    with_json(folder, MODEL, members=[member])
    with pytest.raises(BundleUnfitError, match=r"its booster reads \d+ columns, not \d+"):
        load_bundle(folder, version="7")


def test_a_feature_of_a_track_record_that_this_code_cannot_build_is_named(tmp_path: Path) -> None:
    """A policy that lost a category of its own has lost its track record too."""
    folder = a_bundle(tmp_path / "b")
    policy = json.loads((folder / POLICY).read_text(encoding="utf-8"))
    kept = [fact for fact in policy["custom_facts"] if fact["name"] != "colour"]
    with_json(folder, POLICY, custom_facts=kept)
    with pytest.raises(BundleUnfitError, match=r"needs features \['custom_colour', 'track_colour_deals'.*Retrain it"):
        load_bundle(folder, version="7")


def test_a_model_that_answers_otherwise_than_its_golden_rows_is_refused(tmp_path: Path) -> None:
    folder = a_bundle(tmp_path / "b")
    calibration = {"kind": "sigmoid", "slope": 0.9, "intercept": 0.1 + 1e-6}
    with_json(folder, MODEL, calibration=calibration)
    with pytest.raises(BundleUnfitError, match="golden-0 has probability"):
        load_and_try(folder, version="7")


def test_a_model_without_its_golden_rows_is_refused(tmp_path: Path) -> None:
    folder = a_bundle(tmp_path / "b")
    (folder / GOLDEN).unlink()
    with_file(folder, CARD, str)
    with pytest.raises(BundleUnfitError, match="has no golden"):
        load_and_try(folder, version="7")
    with_file(folder, CARD, str)
    (folder / GOLDEN).write_text("[]", encoding="utf-8")
    with_file(folder, CARD, str)
    with pytest.raises(BundleUnfitError, match="0 golden rows"):
        load_and_try(folder, version="7")


def test_the_policy_of_the_article_comes_back_with_its_fingerprint(tmp_path: Path) -> None:
    folder = a_bundle(tmp_path / "b", EVERY_KIND["the prior"]())
    assert fingerprint(load_bundle(folder, version="1").policy) == fingerprint(a_policy())
