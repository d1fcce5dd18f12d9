"""The units for systemd start commands that are there, are read by systemd without a word, and leave little open."""

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mlscore.cli import app as mlscore
from mlscore.settings import Settings
from training.commands import app as training

UNITS = Path(__file__).parent.parent / "docs/systemd"
SERVICES = sorted(UNITS.glob("*.service"))
OURS = {"mlscore": mlscore, "python": training}


def read(unit: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",), strict=False)
    parser.optionxform = str  # systemd's keys are written in capitals and small letters
    parser.read_string(unit.read_text(encoding="utf-8"))
    return parser


def systemd(*words: str) -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd on this machine")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_starts_a_command_that_is_there_with_options_it_has(unit: Path) -> None:
    program, *words = read(unit)["Service"]["ExecStart"].split()
    command = [word for word in words if word not in {"-m", "training"}]
    told = CliRunner().invoke(OURS[Path(program).name], [command[0], "--help"], env={"COLUMNS": "200"})
    assert told.exit_code == 0
    assert {word for word in command if word.startswith("--")} <= set(re.findall(r"--[\w-]+", told.output))


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_reads_the_one_file_of_settings_and_sets_only_what_is_one(unit: Path) -> None:
    service = read(unit)["Service"]
    assert service["EnvironmentFile"] == "/etc/mlscore.env"
    set_here = re.findall(r"MLSCORE_(\w+)=", unit.read_text(encoding="utf-8").split("[Service]")[1])
    assert {name.lower() for name in set_here} <= set(Settings.model_fields)


def test_systemd_reads_every_unit_without_a_word() -> None:
    said = systemd("verify", *map(str, SERVICES), *map(str, UNITS.glob("*.timer")))
    # The programs are where the page puts them, not here.
    assert [line for line in said.splitlines() if ".venv/bin/" not in line] == []


def test_the_service_may_touch_little() -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd on this machine")
    words = [program, "security", "--offline=yes", "--threshold=20", str(UNITS / "mlscore.service")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_timer_has_its_service_and_starts_at_no_fixed_minute() -> None:
    for timer in UNITS.glob("*.timer"):
        assert timer.with_suffix(".service").exists()
        assert read(timer)["Timer"]["RandomizedDelaySec"]


def test_the_commands_of_the_page_that_set_a_machine_up_name_real_settings_and_units() -> None:
    page = (UNITS.parent / "operations.md").read_text(encoding="utf-8")
    names = {name.lower() for name in re.findall(r"^MLSCORE_(\w+)=", page, re.MULTILINE)}
    assert names
    assert names <= set(Settings.model_fields)
    for unit in re.findall(r"mlscore[\w-]*(?:@\w*)?\.(?:service|timer)", page):
        assert (UNITS / re.sub(r"@\w*", "@", unit)).exists(), unit
