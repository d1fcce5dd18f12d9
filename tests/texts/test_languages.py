"""The reader's language is chosen from what the browser asks for."""

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.texts import LANGUAGES, language_from


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru", "ru"),
        ("en-GB,en;q=0.9", "en"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en;q=0.5, ru;q=0.7", "ru"),
        ("ru;q=0.5,en", "en"),
        ("en,ru", "en"),
        ("RU", "ru"),
        ("fr, de;q=0.9, ru;q=0.1", "ru"),
        ("ru ; q=1.000", "ru"),
        ("*;q=0.5, ru;q=0.1", "en"),
        ("en;q=0, *", "ru"),
    ],
)
def test_the_preferred_language_wins(header, language):
    assert language_from(header, "en") == language


@pytest.mark.parametrize("default", LANGUAGES)
@pytest.mark.parametrize("header", [None, "", "fr", "*", "rus", "q=1", "ru;q=2", "ru;;", ",", "ru;q=0,en;q=0"])
def test_what_names_none_of_ours_gives_the_default(header, default):
    assert language_from(header, default) == default


@given(st.text(alphabet="ruen*-,;=q01. x", max_size=40))
def test_any_header_gives_a_language(header):
    assert language_from(header, "ru") in LANGUAGES


@pytest.mark.parametrize(
    "header", ["ru" + " " * 60_000 + "!", "ru;q=0" + " " * 60_000 + "!", " " * 60_000 + "!", "ru;" * 20_000]
)
def test_a_header_made_to_be_long_in_reading_is_read_at_once(header):
    begun = thread_time()
    assert language_from(header, "en") == "en"
    assert thread_time() - begun < 1  # seconds; the whole service waits for it
