"""Every code has its sentence in both languages, and every code of the source is in the catalogues."""

import re
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

import mlscore
from mlscore.scoring.deal import FACTS, Deals
from mlscore.scoring.errors import MlscoreError
from mlscore.scoring.features import features_of
from mlscore.scoring.policy import default_policy
from mlscore.scoring.reasons.changes import EFFORT
from mlscore.scoring.receipt import Agreement, DecidedBy, Label, Route, Verdict
from mlscore.scoring.rules import CHECKLIST
from mlscore.scoring.verdict import judge
from mlscore.texts import LANGUAGES, catalogue, pieces
from mlscore.texts.sentences import KINDS

PREFIXES = (
    *("abstain", "agreement", "answer", "ask", "checklist", "decided_by", "error", "exception", "fact", "field"),
    *(
        "card",
        "flag",
        "health",
        "import",
        "kind",
        "label",
        "limit",
        "people",
        "mapping",
        "model",
        "policy",
        "problem",
        "route",
        "rule",
        "step",
        "unit",
        "verdict",
        "web",
    ),
)
LITERAL = re.compile(rf'"((?:{"|".join(PREFIXES)})\.[a-z0-9_.]+)(["{{])')
FILE_NAME = re.compile(r"\.(json|toml|txt|csv|md|html|parquet|po)$")
NOT_ASKED = {
    *("as_of", "stage", "created_at", "company_id", "seller_id", "funnel", "source"),
    *("won_deals_24m", "median_profit_24m", "small_exceptions_6m", "trial_exceptions"),
}
CODES = sorted(catalogue("ru"))


def errors(kind: type[MlscoreError]):
    """Return an error and every error under it."""
    return [kind, *(error for child in kind.__subclasses__() for error in errors(child))]


def codes_in_source():
    """Return the codes written in the source: whole ones, and the stems that something is added to."""
    for path in Path(mlscore.__file__).parent.rglob("*.py"):
        for code, end in LITERAL.findall(path.read_text(encoding="utf-8")):
            if not FILE_NAME.search(code):
                yield path.name, code, end == "{" or code.endswith(".")


def test_both_languages_have_the_same_codes():
    assert set(catalogue("ru")) == set(catalogue("en"))


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_the_same_placeholders_in_both_languages(code):
    placeholders = [sorted((name, kind) for _, name, kind in pieces(code, one) if name) for one in LANGUAGES]
    assert placeholders[0] == placeholders[1]
    assert {kind for _, kind in placeholders[0]} <= KINDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_sorted_and_leaves_nothing_unsaid(language):
    text = files("mlscore.texts").joinpath(f"{language}.po").read_text(encoding="utf-8")
    written = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)
    assert written == sorted(set(written))
    assert written == list(catalogue(language))
    assert all(code.split(".")[0] in PREFIXES for code in written)


def test_russian_is_written_in_russian_and_english_in_english():
    assert [code for code in CODES if not re.search("[а-яё]", catalogue("ru")[code].lower())] == []
    assert [code for code in CODES if re.search("[а-яё]", catalogue("en")[code].lower())] == []


def test_every_code_written_in_the_source_has_a_sentence():
    found = list(codes_in_source())
    assert len(found) > 20
    unsaid = [
        (file, code)
        for file, code, is_stem in found
        if not (code in CODES and not is_stem)
        and not any(known.startswith(code if is_stem else f"{code}.") for known in CODES)
    ]
    assert unsaid == []


@pytest.mark.parametrize(
    "code",
    [
        *(f"verdict.{verdict}" for verdict in Verdict),
        *(f"{code}.{route}" for route in Route for code in ("route", "rule.route")),
        *(f"checklist.{code}" for code in CHECKLIST),
        *(f"flag.{code}" for code in judge(Deals([]), default_policy()).flags),
        *(f"agreement.{agreement}" for agreement in get_args(Agreement)),
        *(f"decided_by.{who}" for who in get_args(DecidedBy)),
        *(f"label.{label}" for label in get_args(Label)),
        *(f"fact.{name}" for name in (*FACTS, "turnover_rub", "rules", "other")),
        *(f"fact.{feature.fact}" for feature in features_of(default_policy(), {})),
        *(f"ask.{name}" for name in FACTS if name not in NOT_ASKED),
        *(f"step.{name}" for name in EFFORT),
        *(error.code for error in errors(MlscoreError)),
    ],
)
def test_everything_an_answer_may_name_has_a_sentence(code):
    assert code in CODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_but_the_fact_of_steam_speaks_of_one_trade(language):
    """A policy may describe any firm; only a fact's own sentences may name what the fact is of."""
    trade = re.compile(
        r"\bsteam|\bboiler|\bplants?\b|\bequipment|\bпар[ауе]?\b|\bкот[её]л|оборудован|\bзавод|производств|₽|\bруб",
        re.IGNORECASE,
    )
    assert {code for code, said in catalogue(language).items() if trade.search(said)} <= {
        "ask.steam_tph",
        "fact.steam_tph",
    }
