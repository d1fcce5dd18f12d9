"""A trainer with a key signs what it publishes, and what was published before."""

import pytest
from typer.testing import CliRunner

from mlscore.registry import Shelf, Trust
from mlscore.registry.manifest import read_sealed
from mlscore.scoring.errors import BundleUntrustedError
from mlscore.settings import Settings
from tests.registry.models import a_bundle
from training.commands import app
from training.workshop import open_workshop


@pytest.fixture
def env(tmp_path):
    """Give the environment of a firm of its own, with an unsigned version on its shelf."""
    Shelf(tmp_path / "models").put("main", "1", a_bundle(tmp_path / "bundle"))
    return {
        "MLSCORE_DATABASE": f"sqlite:///{tmp_path / 'mlscore.db'}",
        "MLSCORE_MODELS": str(tmp_path / "models"),
        "MLSCORE_SIGNING_KEY": str(tmp_path / "signing.pem"),
        "COLUMNS": "200",
    }


def run(*words, env):
    return CliRunner().invoke(app, list(words), env=env)


def test_a_key_is_made_once_and_its_public_half_is_printed(env, tmp_path):
    made = run("keygen", env["MLSCORE_SIGNING_KEY"], env=env)
    assert made.exit_code == 0
    assert len(made.stdout.strip()) == 44
    assert "PRIVATE" not in made.output
    assert run("keygen", env["MLSCORE_SIGNING_KEY"], env=env).exit_code == 1


def test_a_version_made_before_there_was_a_key_can_be_signed(env, tmp_path):
    public = run("keygen", env["MLSCORE_SIGNING_KEY"], env=env).stdout.strip()
    folder, trust = tmp_path / "models/main/1", Trust.of(public)
    with pytest.raises(BundleUntrustedError):
        read_sealed(folder, trust=trust)
    assert run("sign", "1", env=env).exit_code == 0
    assert read_sealed(folder, trust=trust)


def test_without_a_key_nothing_is_signed(env):
    done = run("sign", "1", env={**env, "MLSCORE_SIGNING_KEY": ""})
    assert done.exit_code == 1
    assert "MLSCORE_SIGNING_KEY" in done.output


def test_a_key_that_cannot_be_read_stops_a_training_before_it_begins(env, tmp_path):
    (tmp_path / "signing.pem").write_text("not a key")
    done = run("retrain", env=env)
    assert done.exit_code == 1
    assert "signing key" in done.output


def test_the_workshop_signs_with_the_key_of_the_settings(env, tmp_path):
    public = run("keygen", env["MLSCORE_SIGNING_KEY"], env=env).stdout.strip()
    settings = Settings(database=env["MLSCORE_DATABASE"], signing_key=tmp_path / "signing.pem")
    with open_workshop(settings) as workshop:
        assert workshop.signer is not None
        assert workshop.signer.public() == public
