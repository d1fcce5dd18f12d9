"""Models: each version by what it was held to, and one asked for."""

import pytest

from tests.builders import NOON
from tests.registry.models import a_bundle, a_constant_model
from tests.texts.test_sentences import plain
from tests.web.visiting import a_stage, said

GATES = [
    {"code": "enough_history", "passed": True, "sentence": "It has 40 and 60.", "figures": {}},
    {"code": "calibrated", "passed": False, "sentence": "Slope 2.", "figures": {}},
]


def facts(number):
    measures = {"auc": 0.7 + number / 100, "log_loss": 0.5, "brier": 0.2, "average_precision": 0.6}
    return {
        "created_at": f"2026-0{number}-01T12:00:00+00:00",
        "gates": GATES[:1] if number == 1 else GATES,
        "winner": "blend",
        "metrics": {"service": measures, "rules": {"auc": 0.6}},
        "deals": 100 * number,
    }


@pytest.fixture(scope="module")
def shelved(tmp_path_factory):
    """Give pages with two versions on the shelf, the first of them champion."""
    folder = tmp_path_factory.mktemp("models")
    with a_stage(folder, has_deals=False) as opened:
        shelf = opened.office.shelf
        for number in (1, 2):
            bundle = a_bundle(folder / f"of-{number}", a_constant_model(0.4), **facts(number))
            shelf.put(opened.firm, str(number), bundle)
        shelf.point(opened.firm, "1")
        yield opened


def test_the_champion_and_every_version_are_shown_by_their_measures(shelved):
    text = said(shelved.signed_in("reads models", "viewer").get("/models").text)
    assert "Version 1 answers" in text
    assert "Version 2 Role — Trained 1 Feb 2026 Gates passed 1 of 2" in text
    assert "AUC 0.72" in text
    assert "How well each version ordered deals" in text


def test_gates_are_said_sentence_by_sentence(shelved):
    text = said(shelved.signed_in("reads gates", "viewer").get("/models?version=2").text)
    assert "yes Enough history. It has 40 and 60." in text
    assert "no Probabilities mean what they say. Slope 2." in text


def test_what_a_gate_found_is_said_in_the_readers_language(tmp_path):
    gates = [
        {**GATES[0], "said": "enough_history", "figures": {"needed": 40, "positives": 1385, "negatives": 2517}},
        {
            "code": "directions",
            "passed": False,
            "sentence": "roles lowers that of 3% of deals.",
            "said": "directions.lowered",
            "figures": {"roles": 0.03, "code": 0.0},
            "names": {"facts": "roles, code", "worst": "roles", "share": "3%", "most": "2%"},
        },
        {
            "code": "profit_captured",
            "passed": True,
            "sentence": "It must bring no less.",
            "said": "profit_captured",
            "figures": {"worked": 375, "profit": 7644811.36, "rules": 7274889.14},
            "names": {},
        },
    ]
    with a_stage(tmp_path, has_deals=False) as opened:
        bundle = a_bundle(tmp_path / "of", a_constant_model(0.4), **{**facts(1), "gates": gates})
        opened.office.shelf.put(opened.firm, "1", bundle)
        browser = opened.signed_in("reads Russian", "viewer")
        english = said(browser.get("/models").text)
        browser.headers = {**browser.headers, "Accept-Language": "ru"}
        russian = said(browser.get("/models").text)
    assert "есть 1 385 и 2 517." in plain(russian)
    assert "Охват ролей: улучшение снижает вероятность у 3% сделок (допустимо не больше 2%)." in russian
    assert "приносят 7 644 811 ₽, выбор правил 7 274 889 ₽." in plain(russian)
    assert not any(gate["sentence"] in russian for gate in gates)
    assert "At least 40 positive and as many negative deals are needed; there are 1,385 and 2,517." in english


def test_a_card_is_shown_without_markup_of_its_own(shelved):
    page = shelved.signed_in("reads cards", "viewer").get("/models?version=1").text
    assert "<h1>A card</h1>" in page


def test_a_manager_asks_for_a_version_and_sees_that_it_waits(tmp_path):
    with a_stage(tmp_path, has_deals=False) as opened:
        for number in (1, 2):
            opened.office.shelf.put(opened.firm, str(number), a_bundle(tmp_path / f"of-{number}", **facts(number)))
            opened.office.shelf.point(opened.firm, str(number))
        manager = opened.signed_in("asks for one", "manager")
        assert "Give a reason" in said(manager.send("/models/1/promote", why=" ").text)
        assert manager.send("/models/9/promote", why="x").status_code == 422
        no_file = manager.send("/models/%D0%B0/promote?format=csv", why="x")
        assert (no_file.status_code, no_file.headers["content-type"]) == (422, "text/html; charset=utf-8")
        assert manager.send("/models/roll-back", why="Complaints.").status_code == 303
        text = said(manager.get("/models").text)
        assert "asks for one asked to go back to version 1." in text
        assert "it is not running: start it" in text
        assert 'action="/models' not in manager.get("/models").text
        assert "already" in said(manager.send("/models/1/promote", why="Again.").text)
        opened.office.wishing.wishes.done(opened.firm, 1, at=NOON, fault="It is damaged.")
        assert "refused" in said(manager.get("/models").text)
        assert opened.office.shelf.champion(opened.firm) == "2"


def test_a_viewer_is_offered_nothing_to_ask_for(shelved):
    viewer = shelved.signed_in("looks on", "viewer")
    assert 'action="/models' not in viewer.get("/models?version=2").text
    assert 'action="/models/2/promote"' in shelved.signed_in("may ask", "manager").get("/models?version=2").text


def test_an_address_of_the_registry_is_linked_without_its_password(shelved):
    office = shelved.office
    assert "#/models/" not in shelved.signed_in("has no server", "viewer").get("/models").text
    object.__setattr__(office, "tracking_uri", "https://user:secret@mlflow.example:5000/")
    try:
        page = shelved.signed_in("has a server", "viewer").get("/models?version=2").text
    finally:
        object.__setattr__(office, "tracking_uri", "sqlite:///x")
    assert "https://mlflow.example:5000/#/models/mlscore/versions/2" in page
    assert "secret" not in page


def test_without_a_model_it_says_what_to_do(bare):
    text = said(bare.signed_in("is new", "viewer").get("/models").text)
    assert "No model yet" in text
    assert "mlscore follow" in text
