"""Several service processes: they agree on keys, policy and model, come back when killed, and end in good order."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from mlscore import __version__
from tests.cli.conftest import Run
from tests.serving import Service, serving, until

WITHIN_SECONDS = 5.0


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Service]:
    """Serve the store that the command line writes to."""
    settings = {"MLSCORE_DRAIN_SECONDS": "0.2", **settings}
    with serving(folder, f"sqlite:///{folder / 'store.db'}", **settings) as service:
        yield service


def status(url: str, key: str = "none") -> int:
    try:
        return httpx2.get(url, headers={"Authorization": f"Bearer {key}"}, trust_env=False).status_code
    except httpx2.TransportError:
        return 0


@pytest.mark.timeout(120)
def test_a_key_revoked_on_the_command_line_ends_on_every_worker_within_five_seconds(run: Run, tmp_path: Path) -> None:
    made = run("keys", "create", "lost")
    secret = made.stdout.strip().removeprefix("API key: ")
    key_id = made.stderr.split("its id is ")[1].split(".")[0]
    with ExitStack() as stack:
        policies = [f"{stack.enter_context(served(tmp_path)).url}/v1/policy" for _ in range(2)]
        assert [status(url, secret) for url in policies] == [200, 200]
        assert run("keys", "revoke", key_id).exit_code == 0
        until(lambda: [status(url, secret) for url in policies] == [401, 401], seconds=WITHIN_SECONDS)
    assert secret not in "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert "last used 20" in run("keys", "list").stdout


@pytest.mark.timeout(180)
def test_workers_of_one_service_agree_within_five_seconds_and_come_back_when_killed(run: Run, tmp_path: Path) -> None:
    secret = run("keys", "create", "crm").stdout.strip().removeprefix("API key: ")
    document = run("policy", "show", "--default").stdout.replace("closed_capacity = 100", "closed_capacity = 77")
    (tmp_path / "policy.toml").write_text(document)
    with served(tmp_path, MLSCORE_WORKERS="2") as service:
        address = service.url
        until(lambda: len(service.workers()) == 2)
        told = [Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in service.workers()]
        assert all(b"OMP_WAIT_POLICY=passive" in environment for environment in told)
        assert run("policy", "apply", str(tmp_path / "policy.toml"), "--why", "fewer").exit_code == 0
        until(lambda: all(floor_of(address, secret) for _ in range(20)), seconds=WITHIN_SECONDS)
        killed = service.workers().pop()
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(service.workers() - {killed}) == 2)
        assert [status(f"{address}/v1/policy", secret) for _ in range(20)] == [200] * 20
        until(lambda: f'mlscore_build_info{{version="{__version__}"}} 2.0' in figures(address))
        assert service.stop() == 0


def figures(address: str) -> str:
    return httpx2.get(f"{address}/metrics", trust_env=False).text


def floor_of(address: str, key: str) -> bool:
    with httpx2.Client(trust_env=False) as client:  # a new connection each time: any worker may take it
        return (
            "closed_capacity = 77"
            in client.get(f"{address}/v1/policy", headers={"Authorization": f"Bearer {key}"}).text
        )


@pytest.mark.timeout(120)
def test_told_to_end_a_service_is_not_ready_first_answers_what_it_has_and_ends_well(run: Run, tmp_path: Path) -> None:
    secret = run("keys", "create", "crm").stdout.strip().removeprefix("API key: ")
    with served(tmp_path, MLSCORE_DRAIN_SECONDS="1") as service:
        service.send(signal.SIGTERM)
        until(lambda: status(f"{service.url}/health/ready") == 503, seconds=1)
        assert status(f"{service.url}/v1/policy", secret) == 200
        assert service.process.wait(30) == 0
