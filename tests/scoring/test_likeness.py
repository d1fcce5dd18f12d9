"""A misspelt name is told which was meant, and no name is made of one that is like none."""

import pytest

from mlscore.scoring.likeness import meant_by

KNOWN = ("amount", "steam_tph", "company_id")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("steamTph", "steam_tph"),
        ("AMOUNT", "amount"),
        ("compny_id", "company_id"),
        ("colour", None),
        ("", None),
        ("x" * 1_000_000, None),
    ],
)
def test_the_known_name_most_like_a_misspelt_one_was_meant(name, meant):
    assert meant_by(name, KNOWN) == meant
