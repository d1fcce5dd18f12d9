"""The report on the screen, as JSON and as metrics."""

import json
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from mlscore.scoring.errors import FaultyInputError
from tests.training.watch.planted import a_workshop, asked, changed, last_moment, seen, with_facts
from training.watch import Report, as_json, tables, write_metrics


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Report:
    """Give what the watch sees of a firm whose source of deals has changed."""
    history = [with_facts(one, seller_id=f"S-{place % 3}") for place, one in enumerate(asked(600))]
    history = changed(history, lambda one: with_facts(one, source="[bold]fair"))
    with a_workshop(tmp_path_factory.mktemp("watch"), history) as workshop:
        return seen(workshop, at=last_moment(history))


def samples(path) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(path.read_text())
    every = [(s, dict(s.labels)) for family in families for s in family.samples]
    return {(s.name, labels.pop("firm"), *labels.values()): s.value for s, labels in every}


def test_the_screen_shows_every_check_the_facts_that_moved_and_the_sellers(report) -> None:
    console = Console(width=200)
    with console.capture() as screen:
        for table in tables(report):
            console.print(table)
    said = screen.get()
    assert all(one.check in said for one in report.observations)
    assert report.window in said
    assert "[bold]fair" in said, "what a CRM sends is shown, not obeyed"
    assert all(seller.seller in said for seller in report.sellers)


def test_a_screen_of_80_columns_shows_every_figure(report) -> None:
    console = Console(width=80)
    with console.capture() as screen:
        for table in tables(report):
            console.print(table)
    lines = screen.get().splitlines()
    assert "…" not in screen.get()
    for drift in report.drifts[:10]:
        [line] = [line for line in lines if line.split()[:1] == [drift.fact]]
        assert f"{drift.psi:.3f}" in line
        assert line.split()[-1] == report.standing_of(drift)
    for seller in report.sellers:
        [line] = [line for line in lines if line.split()[:1] == [seller.seller]]
        assert f"{seller.low:.2f} - {seller.high:.2f}" in line


def test_json_holds_everything_and_no_nan(report) -> None:
    written = json.loads(as_json(replace(report, sellers=(replace(report.sellers[0], ratio=float("nan")),))))
    assert written["standing"] == "alarm"
    assert written["limits"]["psi_alarm"] == 0.25
    assert [one["check"] for one in written["observations"]] == [one.check for one in report.observations]
    assert (written["drifts"][0]["fact"], written["drifts"][0]["standing"]) == ("source", "alarm")
    assert written["sellers"][0]["ratio"] is None
    assert written["staleness"]["share"] == 0


def test_metrics_are_what_prometheus_reads(report, tmp_path) -> None:
    path = tmp_path / "mlscore.prom"
    write_metrics(report, path)
    found = samples(path)
    assert found["mlscore_watch_standing", "main", "facts"] == 2
    assert found["mlscore_watch_standing", "main", "calibration"] == 0
    assert found["mlscore_watch_standing", "main", "staleness"] == -1
    assert found["mlscore_watch_psi", "main", "source"] == report.drifts[0].psi
    assert found["mlscore_watch_psi", "main", "probability"] == report.scores.psi
    assert found["mlscore_watch_unknown_share", "main", "role_user", "then"] == pytest.approx(0.3, abs=0.05)
    assert found["mlscore_watch_calibration_ratio", "main", "ratio"] == report.calibration.ratio
    assert found["mlscore_watch_realised_over_stated", "main", "S-1"] > 0.9
    assert found["mlscore_watch_champion_info", "main", "7"] == 1
    assert found["mlscore_watch_deals", "main", "learned"] == report.learned
    assert all(name.startswith("mlscore_watch_") and labels[0] == "main" for name, *labels in found)
    assert ("mlscore_watch_stale_share", "main") not in found, "of no open deal there is no share"


def test_metrics_take_the_place_of_the_earlier_ones_and_leave_nothing_behind(report, tmp_path) -> None:
    path = tmp_path / "mlscore.prom"
    path.write_text("mlscore_watch_psi 1\n")
    write_metrics(report, path)
    assert "mlscore_watch_psi 1\n" not in path.read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["mlscore.prom"]


def test_metrics_that_cannot_be_written_are_refused_in_a_sentence(report, tmp_path) -> None:
    with pytest.raises(FaultyInputError, match="Name a file in a folder that exists"):
        write_metrics(report, tmp_path / "nowhere" / "mlscore.prom")
