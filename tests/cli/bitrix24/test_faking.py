"""`mlscore bitrix24 fake` as a process: it says where it is, keeps the firm of its seed, and ends when told to."""

import os
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.serving import PATIENCE_SECONDS, free_port


def test_it_says_its_address_and_what_to_do_next_and_ends_when_told_to(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "mlscore.cli", "bitrix24", "fake", "--port", str(port), "--deals", "4"]
    command += ["--closed", "3", "--events-to", "http://127.0.0.1:9/events", "--pace", "6000"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        address = process.stdout.readline().removeprefix("Webhook address: ").strip()
        token = process.stdout.readline().removeprefix("Application token: ").strip()
        profile = httpx2.post(f"{address}profile", json={}).json()["result"]
        figures = httpx2.post(f"http://127.0.0.1:{port}/admin/figures", json={}).json()["result"]
        process.terminate()
        said = process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert address.startswith(f"http://127.0.0.1:{port}/rest/1/")
    assert (len(token), profile["ADMIN"]) == (32, True)
    assert (figures["items"]["deal"], figures["items"]["lead"]) == (7, 2)
    assert "MLSCORE_OUTGOING_ALLOWED" in said
    assert "mlscore bitrix24 connect" in said
    assert process.returncode == 0
