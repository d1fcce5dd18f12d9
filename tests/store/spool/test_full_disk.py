"""A disk that fills up under a running service: it spools, then refuses, and loses nothing it acknowledged."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from mlscore.store import open_store
from mlscore.store.spool import Spool, drain

SERVICE = """
import json, resource, signal, sys
from pathlib import Path
from mlscore.bootstrap import build_service
from mlscore.logs import configure_logs
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.settings import Settings
from tests.builders import a_good_deal

folder = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
settings = Settings(database=f"sqlite:///{folder / 'mlscore.db'}", models=folder / "models", spool=folder / "spool")
configure_logs(settings)
with build_service(settings) as application:
    used = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    resource.setrlimit(resource.RLIMIT_FSIZE, (used + 150_000, resource.RLIM_INFINITY))
    for _ in range(2_000):
        try:
            [receipt] = application.scoring.score("main", [a_good_deal()], include=())
        except StoreUnavailableError:
            assert application.scoring.score("main", [a_good_deal()], include=(), dry_run=True)
            print(json.dumps("refused"), flush=True)
            break
        print(json.dumps([receipt.receipt_id, receipt.logged]), flush=True)
"""


def test_a_full_disk_is_spooled_then_refused_and_nothing_acknowledged_is_lost(tmp_path: Path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", SERVICE, str(tmp_path)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    *acknowledged, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert last == "refused"
    assert {logged for _, logged in acknowledged} == {"stored", "spooled"}
    store = open_store(f"sqlite:///{tmp_path / 'mlscore.db'}")
    drain(Spool(tmp_path / "spool"), store.receipts)
    ids = [receipt_id for receipt_id, _ in acknowledged]
    assert store.receipts.already_kept("main", ids) == set(ids)
    store.close()
    connection = sqlite3.connect(tmp_path / "mlscore.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == []
