"""The units for systemd start a command that exists, gently, and know its exit codes."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from training.commands import app
from training.commands.console import ALARM, AWAY, BUSY, EXIT_CODES, NOTHING_TO_TRAIN, REFUSED

DOCS = Path(__file__).parents[2] / "docs"
SERVICE, TIMER = (DOCS / "systemd" / f"mlscore-retrain@.{kind}" for kind in ("service", "timer"))
WATCH, WATCH_TIMER = (DOCS / "systemd" / f"mlscore-watch@.{kind}" for kind in ("service", "timer"))
SERVICES = {"retrain": SERVICE, "watch": WATCH}
TIMERS = [(TIMER, SERVICE), (WATCH_TIMER, WATCH)]


def read(unit: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # systemd's keys are written in capitals and small letters
    parser.read_string(unit.read_text(encoding="utf-8"))
    return parser


@pytest.mark.parametrize("name", SERVICES)
def test_the_service_starts_a_command_that_is_there(name: str) -> None:
    interpreter, dash_m, module, command, *_ = read(SERVICES[name])["Service"]["ExecStart"].split()
    assert interpreter.endswith("/.venv/bin/python")
    assert (dash_m, module, command) == ("-m", "training", name)
    assert re.search(rf"^\W*{command}\b", CliRunner().invoke(app, ["--help"]).output, re.MULTILINE)
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("unit", SERVICES.values(), ids=SERVICES)
def test_the_service_stands_back_for_others(unit: Path) -> None:
    service = read(unit)["Service"]
    assert "OMP_WAIT_POLICY=passive" in service["Environment"].split()
    assert int(service["Nice"]) > 0
    assert service["Type"] == "oneshot"
    assert unit != SERVICE or service["MemoryMax"] == "3G"


@pytest.mark.parametrize("unit", SERVICES.values(), ids=SERVICES)
def test_every_firm_has_an_instance_of_its_own_with_the_settings_of_the_operations_page(unit: Path) -> None:
    service = read(unit)["Service"]
    assert "MLSCORE_FIRM=%i" in service["Environment"].split()
    assert f"`{service['EnvironmentFile']}`" in (DOCS / "operations.md").read_text(encoding="utf-8")
    written = [word for word in service["ExecStart"].split() if word.endswith((".prom", ".json"))]
    assert all("%i" in path for path in written), "two firms would overwrite each other's"


def test_what_needs_nobody_to_look_at_it_is_no_failure_and_the_rest_is() -> None:
    harmless = {int(code) for code in read(SERVICE)["Service"]["SuccessExitStatus"].split()}
    assert harmless == {NOTHING_TO_TRAIN, BUSY}
    assert EXIT_CODES.keys() - harmless == {0, REFUSED, 2, AWAY, ALARM}


@pytest.mark.parametrize(("unit", "service"), TIMERS)
def test_the_timer_starts_the_service_of_its_name_at_no_fixed_minute(unit: Path, service: Path) -> None:
    timer = read(unit)
    assert unit.stem == service.stem
    assert timer["Timer"]["RandomizedDelaySec"]
    assert timer["Timer"]["OnCalendar"]
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.parametrize(("code", "means"), EXIT_CODES.items())
def test_the_operations_page_tells_every_exit_code(code: int, means: str) -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    table = page.split("<!-- exit codes -->")[1].split("<!-- /exit codes -->")[0]
    assert f"| {code} | {means} |" in table
    assert len(re.findall(r"^\| \d", table, re.MULTILINE)) == len(EXIT_CODES)
