import pytest
from pydantic import ValidationError

from mlscore.settings import Settings


def test_settings_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("MLSCORE_PORT", "9000")
    monkeypatch.setenv("MLSCORE_LANGUAGE", "ru")
    assert (Settings().port, Settings().language) == (9000, "ru")


def test_a_setting_left_empty_is_the_default(monkeypatch):
    monkeypatch.setenv("MLSCORE_POLICY", "")
    assert Settings().policy is None


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "70000"), ("LANGUAGE", "de"), ("FIRM", "../other"), ("LOG_LEVEL", "loud")]
)
def test_a_setting_that_cannot_be_used_is_refused_when_it_is_read(monkeypatch, name, value):
    monkeypatch.setenv(f"MLSCORE_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is_for(name):
    assert Settings.model_fields[name].description
