"""Waiting and scoring are timed apart: what waits asks for workers, what scores for a look at model and disk."""

import time

from mlscore.http.metrics import Metrics


def figures(metrics: Metrics) -> dict[str, float]:
    lines = [line.rsplit(" ", 1) for line in metrics.page().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_a_request_waits_until_its_scoring_begins():
    metrics = Metrics()
    with metrics.scoring(since=time.perf_counter() - 100) as begins:
        assert figures(metrics)["mlscore_queue_wait_seconds_count"] == 0
        begins()
        assert 100 <= figures(metrics)["mlscore_queue_wait_seconds_sum"] < 200
    assert figures(metrics)["mlscore_score_duration_seconds_count"] == 1
    assert figures(metrics)["mlscore_score_duration_seconds_sum"] < 100


def test_what_never_began_was_not_scored():
    metrics = Metrics()
    with metrics.scoring(since=time.perf_counter()):
        pass
    assert figures(metrics)["mlscore_score_duration_seconds_count"] == 0
