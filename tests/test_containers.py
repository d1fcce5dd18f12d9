"""What can be told of the Dockerfile and the compose file without an engine: names, files, ports, commands."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mlscore.cli import app as mlscore
from mlscore.settings import Settings
from training.commands import app as training

ROOT = Path(__file__).parent.parent
DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((ROOT / "compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OTHERS = {
    "PYTHONUTF8",
    "PYTHONDONTWRITEBYTECODE",
    "OMP_WAIT_POLICY",
    "OPENBLAS_NUM_THREADS",
    "MLFLOW_DISABLE_TELEMETRY",
}
KNOWN = {f"MLSCORE_{name.upper()}" for name in Settings.model_fields} | OTHERS | {"PGPASSWORD", "PATH"}


def lines(word: str) -> list[str]:
    return re.findall(rf"^\s*{word} (.+)$", DOCKERFILE, re.MULTILINE)


def stages() -> list[str]:
    return re.findall(r"^FROM \S+ AS ([\w-]+)$", DOCKERFILE, re.MULTILINE)


def ran(app: object, command: str) -> int:
    return CliRunner().invoke(app, [command, "--help"]).exit_code


def test_everything_copied_is_there_and_let_in() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"}
    copied = {one for line in lines("COPY") if not line.startswith("--from") for one in line.split()[:-1]}
    assert copied == let_in
    assert [one for one in copied if not (ROOT / one).exists()] == []


def test_stages_are_built_from_stages_that_come_before() -> None:
    for position, base in enumerate(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)):
        assert base == "python:${PYTHON}" or base in stages()[:position]
    assert set(re.findall(r"--from=([\w-]+)", DOCKERFILE)) <= set(stages())


def test_what_is_installed_is_pinned_with_hashes_and_runs_as_nobody_of_note() -> None:
    installs = re.findall(r"pip install ([^&\n]+)", DOCKERFILE)
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)
    last = DOCKERFILE.split("AS bare")[1]
    assert "USER mlscore" in last
    assert "USER root" not in last


def test_no_file_names_a_host_of_a_registry() -> None:
    text = DOCKERFILE + (ROOT / "compose.yml").read_text(encoding="utf-8")
    assert re.findall(r"\b[\w-]+\.(?:io|com|org|net)\b", text) == []


def test_every_variable_is_a_setting_or_known() -> None:
    in_image = {name for line in lines("ENV") for name in re.findall(r"(\w+)=", line)}
    assert in_image - KNOWN == {"PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR"}
    in_compose = {name for one in ("service", "retrain", "mlflow") for name in SERVICES[one]["environment"]}
    assert in_compose - KNOWN == set()
    assert SERVICES["service"]["environment"]["MLSCORE_DATABASE"] == "postgresql://mlscore@db/mlscore"
    assert Settings(database=SERVICES["service"]["environment"]["MLSCORE_DATABASE"])


def test_ports_are_the_same_everywhere() -> None:
    [port] = lines("EXPOSE")
    assert f"MLSCORE_PORT={port}" in DOCKERFILE
    assert f"127.0.0.1:{port}/health/ready" in DOCKERFILE
    assert SERVICES["service"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["service"]
    [mlflow] = re.findall(r"--port=(\d+)", " ".join(SERVICES["mlflow"]["command"]))
    assert SERVICES["retrain"]["environment"]["MLSCORE_TRACKING_URI"] == f"http://mlflow:{mlflow}"


def test_every_command_is_there() -> None:
    assert lines("CMD")[-1] == '["mlscore", "serve"]'
    assert ran(mlscore, "serve") == 0
    words = shlex.split(SERVICES["retrain"]["command"][-1].replace(";", " "))
    assert words[words.index("training") + 1] == "retrain"
    assert ran(training, "retrain") == 0


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_of_the_compose_file_hangs_together(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        assert service["build"]["target"] in stages()
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    volumes = {one.split(":")[0] for one in service["volumes"]}
    assert volumes <= set(COMPOSE["volumes"])
    assert {one["source"] for one in service.get("configs", [])} <= set(COMPOSE["configs"])


def test_what_is_mounted_belongs_to_whom_the_image_runs_as() -> None:
    # A new volume takes over the owner of the folder it is mounted on; one that is not there is root's.
    made = set(shlex.split(re.findall(r"chown mlscore: ([^&\n]+)", DOCKERFILE)[0])) | {lines("WORKDIR")[-1]}
    mounted = {one.split(":")[1] for service in SERVICES.values() if "build" in service for one in service["volumes"]}
    assert mounted - made == set()


def test_both_files_say_that_they_were_not_exercised() -> None:
    for name in ("Dockerfile", "compose.yml", "docs/operations.md"):
        assert "not exercised" in re.sub(r"\s+", " ", (ROOT / name).read_text(encoding="utf-8")), name
