"""Several workers count together, and what a dead one stood for is taken back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKER = """
import json, sys
from mlscore.http.metrics import Metrics
from mlscore.ports import Serving, Standing
from tests.models import a_model

metrics = Metrics()
for line in sys.stdin:
    told = json.loads(line)
    if told == "score":
        with metrics.scoring(since=0.0) as begins:
            begins()
            metrics.served(route="/v1/score", status=200, seconds=0.002)
    elif told == "page":
        print(json.dumps(metrics.page().decode()), flush=True)
        continue
    else:
        model = a_model() if told["model"] else None
        standing = Standing(firm="main", serving=Serving(model=model))
        metrics.board.show([standing], away_seconds=None if told["database"] else 5.0, is_draining=False)
    print("null", flush=True)
"""


class Worker:
    """A process of its own, told what to do line by line."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def tell(self, what: object) -> str:
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@contextmanager
def two_workers(folder: Path) -> Iterator[tuple[Worker, Worker]]:
    workers = Worker(folder), Worker(folder)
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()


def figures(page: str) -> dict[str, float]:
    lines = (line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_workers_count_together_and_the_dead_are_forgotten(tmp_path: Path) -> None:
    with two_workers(tmp_path) as (one, other):
        for worker, database in ((one, True), (other, False)):
            worker.tell("score")
            worker.tell({"model": True, "database": database})
        both = figures(one.tell("page"))
        served = 'mlscore_http_requests_total{route="/v1/score",status="200"}'
        loaded = 'mlscore_model_loaded_info{firm="main",model="profitable",version="7"}'
        assert both[served] == 2
        assert both["mlscore_queue_wait_seconds_count"] == 2
        assert both[loaded] == 2, "both workers hold the model"
        assert both["mlscore_database_up"] == 0, "one worker does not reach it"
        one.tell({"model": False, "database": True})
        assert figures(other.tell("page"))[loaded] == 1
        other.kill()
        alone = figures(one.tell("page"))
        assert alone[served] == 2, "what was counted stays counted"
        assert (alone[loaded], alone["mlscore_database_up"]) == (0, 1)
