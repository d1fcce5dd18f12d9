"""docs/bitrix24.md names only commands, options, levers and fields that are there."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from mlscore.cli import app
from mlscore.crm.bitrix24.fake import Admin, FakePortal
from mlscore.crm.bitrix24.mapping import SCORE_FIELDS

ROOT = Path(__file__).parent.parent.parent.parent
PAGE = (ROOT / "docs" / "bitrix24.md").read_text(encoding="utf-8")
WRITTEN = sorted({line.strip() for line in re.findall(r"(?:^|`)(mlscore [a-z][^#`\n]*)", PAGE, re.MULTILINE)})


@pytest.mark.parametrize("written", WRITTEN)
def test_every_command_and_option_is_there(written: str) -> None:
    command = get_command(app)
    words = written.split()[1:]
    while words and hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= known


def test_every_lever_is_there_and_every_fault_is_one() -> None:
    admin = Admin(FakePortal())
    levers = PAGE.partition("## The made-up portal")[2]
    named = set(re.findall(r"`(\w+) \{", levers))
    assert len(named) >= 15
    assert {name for name in named if not callable(getattr(admin, name, None))} == set()
    faults = re.search(r"also ([^|]+)\|", levers)
    assert faults is not None
    assert set(re.findall(r"`(\w+)`", faults[1])) - {"expired_token"} <= set(admin.fault())


def test_the_fields_of_the_card_are_those_that_are_made() -> None:
    shown = PAGE.partition("## 8.")[2].partition("## What")[0]
    titles = {one.label_ru for one in SCORE_FIELDS if not one.goes_along}
    assert {title for title in titles if title not in shown} == set()
