"""Another trade from its export to an answer, by the example's policy and mapping and no code of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from mlscore.api import create_app
from mlscore.bootstrap import build_service
from mlscore.cli import app as cli
from mlscore.scoring.policy import read_policy_text
from mlscore.settings import Settings
from mlscore.store import open_store
from tests.api.calling import ENGLISH, RUSSIAN, Crm
from tests.trades.shop_export import write_shop_export
from training.commands import app as trainer
from training.commands.console import ALARM

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns of its own tables and of models without type hints

SHOP = Path(__file__).parents[2] / "docs" / "examples" / "shop"
POLICY = read_policy_text((SHOP / "policy.toml").read_text(encoding="utf-8"))
CUSTOM = {fact.name: fact for fact in POLICY.custom_facts}

QUOTE = {
    "stage": "deal",
    "industry": "Gartencenter",
    "product_category": "garden",
    "need_defined": True,
    "budget_allocated": True,
    "budget_amount": 5_000,
    "asap": True,
    "role_economic": True,
    "amount": 2_400.5,
    "cost": 1_800,
    "extra": {
        "yearly_purchases": 80_000,
        "outlets": 6,
        "days_since_order": 14,
        "vat_id_checked": True,
        "returns_often": False,
        "channel": "edi",
        "season_starts": "2026-04-01",
    },
}
OTHER_TRADES = ("steam", "plant", "equipment", "rouble", "пара ", "оборудован", "производств", "руб", "₽")


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Iterator[Crm]:
    """Give the CRM of a shop whose export was imported and learned from, by the commands a person would use."""
    folder = tmp_path_factory.mktemp("shop")
    settings = Settings(
        database=f"sqlite:///{folder / 'mlscore.db'}",
        models=folder / "models",
        tracking_uri=f"sqlite:///{folder / 'mlflow.db'}",
    )
    env = {f"MLSCORE_{name.upper()}": str(getattr(settings, name)) for name in ("database", "models", "tracking_uri")}
    write_shop_export(folder / "quotes.csv")
    for command, words in (
        (cli, ["policy", "apply", str(SHOP / "policy.toml"), "--why", "our trade"]),
        (cli, ["history", "import", str(folder / "quotes.csv"), "--mapping", str(SHOP / "mapping.toml")]),
    ):
        done = CliRunner().invoke(command, words, env=env)
        assert done.exit_code == 0, done.output
    assert not (folder / "quotes.csv.rejected.csv").exists()
    learned = CliRunner().invoke(trainer, ["retrain", "--simulated"], env=env)
    assert "490 closed deals" in learned.output, learned.output
    store = open_store(settings.database)
    with build_service(settings) as application, TestClient(create_app(application, settings)) as client:
        yield Crm(client, application, store, firm="main")
    store.close()


def quote(**facts):
    extra = {**QUOTE["extra"], **facts.pop("extra", {})}
    return {**QUOTE, **facts, "extra": {name: value for name, value in extra.items() if value is not None}}


def sentences(answer) -> list[str]:
    """Return every sentence of an answer."""
    parts = [*answer["rule"]["checklist"], *answer["rule"]["reasons"], *answer["model"]["reasons"], *answer["path"]]
    question = answer["next_question"]
    return [part["text"] for part in (*parts, *([question] if question else []))]


def test_its_own_criteria_judge_and_speak_both_languages(shop) -> None:
    for headers, texts in (
        (ENGLISH, [criterion.text_en for criterion in POLICY.criteria]),
        (RUSSIAN, [criterion.text_ru for criterion in POLICY.criteria]),
    ):
        rule = shop.score(headers, **quote())["rule"]
        said = [reason["text"] for reason in rule["reasons"] if reason["code"] == "rule.criterion.yes"]
        assert [any(text in sentence for sentence in said) for text in texts] == [True] * len(POLICY.criteria)
        assert (rule["fire"], rule["route"], rule["verdict"], rule["grade"]) == (True, "deal", "accept", "AAA")


@pytest.mark.parametrize(
    ("fact", "value", "criterion"),
    [("vat_id_checked", False, 0), ("yearly_purchases", 29_999.99, 1), ("outlets", 1, 2), ("channel", "phone", 3)],
)
def test_each_kind_of_custom_fact_can_fail_its_criterion(shop, fact, value, criterion) -> None:
    rule = shop.score(**quote(extra={fact: value}))["rule"]
    assert (rule["fire"], rule["route"], rule["verdict"]) == (False, "reject", "reject")
    assert rule["reasons"][criterion]["text"] == f"The criterion “{POLICY.criteria[criterion].text_en}” is not met."


def test_its_money_is_its_own(shop) -> None:
    answer = shop.score(**quote())
    assert answer["rule"]["economics"]["floor"] == 150
    assert answer["rule"]["economics"]["profit_if_won"] == 600.5
    assert "The profit of €600.50 is at or above the floor of €150." in sentences(answer)
    foreign = shop.score(**quote(currency="RUB"))["rule"]
    assert (foreign["verdict"], foreign["missing"]) == ("ask", ["currency"])


def test_nothing_it_says_is_of_another_trade(shop) -> None:
    for headers in (ENGLISH, RUSSIAN):
        for facts in ({}, quote(), quote(extra={"vat_id_checked": None}), quote(need_defined=None, amount=None)):
            for sentence in sentences(shop.score(headers, **facts)):
                assert [word for word in OTHER_TRADES if word in sentence] == [], sentence


def test_its_model_learned_from_its_own_facts_and_names_them_in_words(shop) -> None:
    for headers, language in ((ENGLISH, "text_en"), (RUSSIAN, "text_ru")):
        for facts in (quote(), quote(extra={"returns_often": True, "outlets": 1, "days_since_order": 170})):
            reasons = shop.score(headers, **facts)["model"]["reasons"]
            own = {reason["fact"]: reason["text"] for reason in reasons if reason["fact"] in CUSTOM}
            assert own, reasons
            for fact, text in own.items():
                assert text.startswith(getattr(CUSTOM[fact], language))
                assert "_" not in text
    best = shop.score(**quote())["model"]["probability"]
    worst = shop.score(**quote(extra={"returns_often": True, "outlets": 1, "days_since_order": 170}))["model"]
    assert best > worst["probability"] + 0.3


def test_it_asks_for_a_yes_or_no_of_its_own_when_the_verdict_waits_for_it(shop) -> None:
    answer = shop.score(**quote(extra={"vat_id_checked": None}))
    assert (answer["rule"]["verdict"], answer["rule"]["missing"]) == ("ask", ["vat_id_checked"])
    asked = answer["next_question"]
    assert (asked["fact"], asked["text"]) == ("vat_id_checked", "VAT number verified?")
    assert asked["if_yes"] > asked["if_no"]
    in_russian = shop.score(RUSSIAN, **quote(extra={"vat_id_checked": None}))["next_question"]
    assert in_russian["text"] == "Номер плательщика НДС проверен?"


def test_it_asks_for_a_number_of_its_own_when_the_verdict_waits_for_it(shop) -> None:
    answer = shop.score(**quote(extra={"outlets": None}))
    assert (answer["rule"]["verdict"], answer["next_question"]["fact"]) == ("ask", "outlets")


def test_its_watch_looks_at_its_own_facts(shop, tmp_path) -> None:
    database = shop.store.database.engine.url.render_as_string()
    env = {
        "MLSCORE_DATABASE": database,
        "MLSCORE_MODELS": str(Path(database.removeprefix("sqlite:///")).parent / "models"),
    }
    done = CliRunner().invoke(trainer, ["watch", "--json", str(tmp_path / "watch.json")], env=env)
    assert done.exit_code in {0, ALARM}, done.output
    assert all(f'"fact": "{name}"' in (tmp_path / "watch.json").read_text() for name in CUSTOM)
