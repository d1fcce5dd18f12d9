"""The report as a file for Prometheus' node exporter, which reads what timers leave behind."""

from __future__ import annotations

import math
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from mlscore.scoring.errors import FaultyInputError
from training.watch.observation import Standing
from training.watch.report import Report

_HEIGHTS = {Standing.CANNOT_SAY: -1, Standing.OK: 0, Standing.WARN: 1, Standing.ALARM: 2}


class _Board:
    """Gauges of one firm."""

    def __init__(self, firm: str) -> None:
        self.registry = CollectorRegistry()
        self._firm = firm
        self._gauges: dict[str, Gauge] = {}

    def gauge(self, name: str, meaning: str, *labels: str) -> None:
        """Declare a metric; every one carries the firm."""
        self._gauges[name] = Gauge(f"mlscore_watch_{name}", meaning, ["firm", *labels], registry=self.registry)

    def set(self, name: str, value: float | None, *labels: str) -> None:
        """Set a figure; one that cannot be said is left out."""
        if value is not None and math.isfinite(value):
            self._gauges[name].labels(self._firm, *labels).set(value)


def write_metrics(report: Report, path: Path) -> None:
    """Replace the file in one step, so that nobody reads half of it. Raises FaultyInputError where it cannot be."""
    board = _Board(report.firm)
    _declare(board)
    _set(board, report)
    try:
        write_to_textfile(str(path), board.registry)
    except OSError as error:
        raise FaultyInputError(
            f"The metrics cannot be written to {path} ({error.strerror}). Name a file in a folder that exists."
        ) from error


def _declare(board: _Board) -> None:
    board.gauge("standing", "How a check stands: -1 too few deals to say, 0 ok, 1 warn, 2 alarm.", "check")
    board.gauge("deals", "Deals looked at: learned from, asked about lately, ended since, open.", "which")
    board.gauge("psi", "Population stability index of a fact, or of the probability.", "fact")
    board.gauge("psi_by_chance", "What chance alone gives of it on average.", "fact")
    board.gauge("ks", "Kolmogorov-Smirnov distance of a number.", "fact")
    board.gauge("unknown_share", "Share of deals in which a fact is unknown, when learned and now.", "fact", "when")
    board.gauge("calibration_ratio", "Deals that ended well over those expected to: value, low, high.", "bound")
    board.gauge("stale_share", "Share of stale scores among the open deals.")
    board.gauge("stale_deals", "Open deals with a stale score, by cause; a deal may have several.", "cause")
    board.gauge("realised_over_stated", "Realised over stated profit of won deals.", "seller")
    board.gauge("champion_info", "1 for the model watched.", "version")
    board.gauge("timestamp_seconds", "When the watch looked, in epoch seconds.")


def _set(board: _Board, report: Report) -> None:
    for one in report.observations:
        board.set("standing", _HEIGHTS[one.standing], one.check)
    counts = {"learned": report.learned, "lately": report.lately, "ended": report.ended}
    for which, count in (counts | {"open": report.staleness.open_deals}).items():
        board.set("deals", count, which)
    for drift in (*report.drifts, *([report.scores] if report.scores else [])):
        board.set("psi", drift.psi, drift.fact)
        board.set("psi_by_chance", drift.psi_by_chance, drift.fact)
        board.set("ks", drift.ks, drift.fact)
        board.set("unknown_share", drift.unknown_then, drift.fact, "then")
        board.set("unknown_share", drift.unknown_now, drift.fact, "now")
    if report.calibration is not None:
        for bound in ("ratio", "low", "high"):
            board.set("calibration_ratio", getattr(report.calibration, bound), bound)
    board.set("stale_share", report.staleness.share if report.staleness.open_deals else None)
    for cause, count in report.staleness.causes.items():
        board.set("stale_deals", count, cause)
    for seller in report.sellers:
        board.set("realised_over_stated", seller.ratio, seller.seller)
    board.set("champion_info", 1, report.model_version)
    board.set("timestamp_seconds", report.at.timestamp())
