"""`mlscore score` on a Parquet file reads columns, and says of every deal what it says of it row by row."""

import csv
import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import FACTS, Deal, Kind
from tests.cli.conftest import Run
from tests.strategies import deals

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def write_both(folder: Path, rows: list[dict[str, object]]) -> tuple[Path, Path]:
    """Write the same deals as Parquet, which is read by columns, and as CSV, which is read by rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    by_columns, by_rows = folder / "deals.parquet", folder / "deals.csv"
    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), by_columns)
    with by_rows.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)
    return by_columns, by_rows


def scored(run: Run, file: Path) -> list[dict[str, str]]:
    out = file.with_suffix(".out.csv")
    done = run("score", file, "--out", out)
    assert done.exit_code == 0, done.stderr
    assert not list(file.parent.glob("*.begun"))
    return list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))


def as_row(number: int, deal: Deal) -> dict[str, object]:
    """Return a deal as a file has it: money in whole units, no customs."""
    row: dict[str, object] = {"deal_id": f"D-{number}", "as_of": MOMENT + timedelta(days=number)}
    for name, fact in FACTS.items():
        value = getattr(deal, name)
        if value is not None and name not in {"as_of", "currency", "request_text"} and fact.kind is not Kind.MOMENT:
            row[name] = value / 100 if fact.kind is Kind.MONEY else value
    return {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(deals(), min_size=1, max_size=40))
def test_columns_say_what_rows_say(run: Run, tmp_path: Path, drawn: list[Deal]) -> None:
    rows = [as_row(number, dataclasses.replace(deal, extra={})) for number, deal in enumerate(drawn)]
    by_columns, by_rows = write_both(tmp_path, rows)
    assert scored(run, by_columns) == scored(run, by_rows)


def test_a_wrong_row_is_set_aside_with_its_line_and_the_others_are_scored(run: Run, tmp_path: Path) -> None:
    rows = [{"deal_id": f"D-{number}", "profit_if_won": 5_000.0, "steam_tph": 5.0} for number in range(9)]
    rows[3]["profit_if_won"] = 1.005
    rows[5]["deal_id"] = "a/b"
    rows[7]["steam_tph"] = -1.0
    by_columns, _ = write_both(tmp_path, rows)
    assert [row["deal_id"] for row in scored(run, by_columns)] == ["D-0", "D-1", "D-2", "D-4", "D-6", "D-8"]
    rejected = (tmp_path / "deals.parquet.rejected.csv").read_text(encoding="utf-8-sig")
    lines = [(row["rejected_line"], row["rejected_column"]) for row in csv.DictReader(rejected.splitlines())]
    assert lines == [("4", "profit_if_won"), ("6", "deal_id"), ("8", "steam_tph")]


def test_the_answer_of_an_earlier_run_stays_when_a_file_cannot_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("earlier", encoding="utf-8")
    (tmp_path / "deals.parquet").write_bytes(b"no Parquet")
    assert run("score", tmp_path / "deals.parquet", "--out", tmp_path / "out.csv").exit_code == 1
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "earlier"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_full_disk_is_told_in_a_sentence(run: Run, tmp_path: Path, name: str) -> None:
    file, _ = write_both(tmp_path, [{"deal_id": f"D-{number}"} for number in range(500)])
    (tmp_path / f".{name}.part").symlink_to("/dev/full")
    done = run("score", file, "--out", tmp_path / name)
    assert (done.exit_code, (tmp_path / name).exists()) == (1, False)
    assert "No space left on device" in done.stderr
    assert "make room" in done.stderr


def test_the_file_that_is_read_is_not_written_over(run: Run, tmp_path: Path) -> None:
    _, file = write_both(tmp_path, [{"deal_id": "D-1"}])
    before = file.read_bytes()
    done = run("score", file, "--out", tmp_path / "." / file.name)
    assert (done.exit_code, file.read_bytes()) == (2, before)
    assert "name another" in done.stderr


def test_a_file_of_which_no_row_could_be_scored_ends_with_1(run: Run, tmp_path: Path) -> None:
    _, file = write_both(tmp_path, [{"deal_id": "D-1", "steam_tph": "much"}])
    assert run("score", file).exit_code == 1
