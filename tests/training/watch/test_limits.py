"""Limits of one's own, written as NAME=VALUE."""

from pathlib import Path

import pytest

from mlscore.scoring.errors import FaultyInputError
from training.watch import LIMITS, Limits, read_limits


def test_a_limit_given_takes_the_place_of_its_default_and_the_others_stay() -> None:
    assert read_limits(["psi_alarm=0.4", "stale_days=7"]) == Limits(psi_alarm=0.4, stale_days=7)
    assert read_limits([]) == Limits()


def test_an_unknown_limit_is_refused_with_those_there_are() -> None:
    with pytest.raises(FaultyInputError, match=r"no limit 'psi'\. Use one of: chance, deals_min, psi_warn"):
        read_limits(["psi=0.4"])


@pytest.mark.parametrize("value", ["", "many", "-1", "0", "nan", "inf"])
def test_a_limit_is_a_number_above_nought(value) -> None:
    with pytest.raises(FaultyInputError, match=r"write a number above 0, such as 0\.25"):
        read_limits([f"psi_alarm={value}"])


def test_every_limit_says_what_it_means_and_no_alarm_comes_before_its_warning() -> None:
    assert all(one.metadata["meaning"] for one in LIMITS.values())
    defaults = {name: one.default for name, one in LIMITS.items()}
    pairs = [(defaults[n], defaults[n.replace("_warn", "_alarm")]) for n in defaults if n.endswith("_warn")]
    assert all(warn < alarm for warn, alarm in pairs[:-1])
    assert pairs[-1][0] > pairs[-1][1], "of a profit too little is bad"


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_is_in_the_documents_with_its_default(name) -> None:
    page = (Path(__file__).parents[3] / "docs" / "watching.md").read_text(encoding="utf-8")
    one = LIMITS[name]
    assert f"| `{name}` | {one.default:g} | {one.metadata['meaning']} |" in page
