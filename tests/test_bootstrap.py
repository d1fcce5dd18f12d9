from pathlib import Path

import pytest
from sqlalchemy import Pool, event

from mlscore.bootstrap import build_service, open_parts
from mlscore.registry import Shelf, write_key
from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import PolicyError
from mlscore.scoring.policy import default_document, default_policy, fingerprint
from mlscore.settings import Settings
from tests.builders import a_good_deal
from tests.fakes import FakeClock
from tests.models import a_planted_model
from tests.registry.models import a_bundle, a_constant_model


def settings_in(folder: Path, **changes: object) -> Settings:
    return Settings(**{"database": f"sqlite:///{folder / 'mlscore.db'}", "models": folder / "models"} | changes)


def test_an_empty_folder_becomes_a_service_that_scores(tmp_path):
    with build_service(settings_in(tmp_path), clock=FakeClock()) as application:
        [receipt] = application.scoring.score("main", [a_good_deal()])
        assert receipt.answer.model.model_version == "prior"
        application.ping()


def test_a_command_opens_its_store_once(tmp_path):
    opened = []

    def note(raw, _record):
        opened.append(raw)

    event.listen(Pool, "connect", note)
    try:
        with open_parts(settings_in(tmp_path)) as parts:
            parts.store.ping()
    finally:
        event.remove(Pool, "connect", note)
    assert len(opened) == 1


def test_what_was_kept_is_there_when_the_service_starts_again(tmp_path):
    settings = settings_in(tmp_path)
    with build_service(settings, clock=FakeClock()) as application:
        [receipt] = application.scoring.score("main", [a_good_deal()])
    with build_service(settings, clock=FakeClock()) as application:
        assert application.scoring.find("main", receipt.receipt_id).answer == receipt.answer


def test_a_firm_without_a_policy_is_given_the_shipped_one_and_only_once(tmp_path):
    settings = settings_in(tmp_path)
    for _ in range(2):
        with build_service(settings):
            pass
    with open_parts(settings) as parts:
        assert [v.fingerprint for v in parts.store.policies.versions("main")] == [fingerprint(default_policy())]


def test_a_pinned_policy_is_in_force_and_leaves_no_version_in_the_store(tmp_path):
    pinned = tmp_path / "policy.toml"
    pinned.write_text(default_document().replace("closed_capacity = 100", "closed_capacity = 50"), encoding="utf-8")
    with build_service(settings_in(tmp_path, policy=pinned)) as application:
        assert application.policies.current("main").policy.economics.closed_capacity == 50
        assert application.policies.is_pinned
    with open_parts(settings_in(tmp_path)) as parts:
        assert list(parts.store.policies.versions("main")) == []


@pytest.mark.parametrize(("shadow", "challenger"), [(True, "2"), (False, None)])
def test_a_challenger_on_the_shelf_answers_in_the_shadow_unless_switched_off(tmp_path, shadow, challenger):
    settings, shelf = settings_in(tmp_path, shadow=shadow), Shelf(tmp_path / "models")
    for version, role in (("1", "champion"), ("2", "challenger")):
        shelf.put("main", version, a_bundle(tmp_path / version, a_constant_model(0.5)))
        shelf.point("main", version, role)
    with build_service(settings, clock=FakeClock()) as application:
        application.champions.refresh("main")
        [receipt] = application.scoring.score("main", [a_good_deal()])
    said = receipt.answer.challenger
    assert receipt.answer.model.model_version == "1"
    assert (said and said.model_version) == challenger


def test_a_service_that_trusts_a_key_takes_no_champion_without_its_signature(tmp_path):
    trusted = write_key(tmp_path / "signing.pem").public()
    shelf = Shelf(tmp_path / "models")
    shelf.put("main", "1", a_bundle(tmp_path / "1", a_constant_model(0.5)))
    shelf.point("main", "1")
    with build_service(settings_in(tmp_path, trusted_keys=trusted)) as application:
        serving = application.champions.serving("main")
        assert serving.model.version == "prior"
        assert "sign" in serving.refused


def test_an_outcome_counts_in_the_very_next_score_of_a_champion_that_reads_track_records(tmp_path):
    shelf, clock = Shelf(tmp_path / "models"), FakeClock()
    shelf.put("main", "1", a_bundle(tmp_path / "bundle", a_planted_model(track_client_rate=3.0)))
    shelf.point("main", "1", "champion")
    with build_service(settings_in(tmp_path), clock=clock) as application:

        def score(deal_id: str) -> float:
            clock.wait(1)
            [receipt] = application.scoring.score("main", [a_good_deal(deal_id=deal_id, company_id="C-1", as_of=None)])
            return receipt.answer.model.probability

        before = score("D-1")
        clock.wait(1)
        application.outcomes.record("main", [Outcome(deal_id="D-1", status=Status.LOST)])
        after = score("D-2")
    assert after < before


@pytest.mark.parametrize("content", [None, b"name = ", b"\xff\xfe"])
def test_a_pinned_policy_that_cannot_be_read_stops_the_start_and_names_the_fault(tmp_path, content):
    pinned = tmp_path / "policy.toml"
    if content is not None:
        pinned.write_bytes(content)
    with (
        pytest.raises(PolicyError) as refused,
        build_service(settings_in(tmp_path, policy=pinned)),
    ):
        pass
    assert refused.value.faults
