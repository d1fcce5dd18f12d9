"""`mlscore history import` and `mlscore score` take a firm's file through the same mapping."""

import csv
import io
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROWS = """id;date;steam;turnover;industry;supplied;profit;status;closed;realised
D-1;01.02.2026;5,5;1200;пивоварение;да;12000,50;won;01.03.2026;11000,25
D-2;02.02.2026;1,0;100;услуги;нет;9000;lost;05.03.2026;
D-3;03.02.2026;so much;100;услуги;нет;9000;lost;05.03.2026;
D-4;04.02.2026;5,5;1200;пивоварение;да;4999,99;;;
"""
MAPPING = """
[file]
delimiter = ";"
decimal = ","
date_formats = ["%d.%m.%Y"]

[id]
column = "id"

[facts]
as_of = "date"
steam_tph = "steam"
annual_turnover_rub = { column = "turnover", unit = "million" }
industry = "industry"
in_nomenclature = "supplied"
profit_if_won = "profit"

[outcome]
status = { column = "status", won = ["won"], lost = ["lost"] }
closed_at = "closed"
realised_profit = "realised"
"""


@pytest.fixture
def export(tmp_path: Path) -> tuple[Path, Path]:
    file, mapping = tmp_path / "deals.csv", tmp_path / "mapping.toml"
    file.write_text(ROWS, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    return file, mapping


def figures(table: str) -> dict[str, str]:
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in table.splitlines() if "│" in line]
    return {cell[0]: cell[1] for cell in cells}


def test_good_rows_are_imported_and_a_wrong_one_is_set_aside(run: Run, export: tuple[Path, Path]) -> None:
    file, mapping = export
    done = run("history", "import", file, "--mapping", mapping)
    assert done.exit_code == 0
    told = figures(done.stdout)
    assert (told["read"], told["rejected"], told["imported"]) == ("4", "1", "3")
    assert (told["won"], told["lost"], told["open"]) == ("1", "1", "1")
    assert "so much" in Path(f"{file}.rejected.csv").read_text(encoding="utf-8-sig")


def test_importing_again_changes_nothing(run: Run, export: tuple[Path, Path]) -> None:
    file, mapping = export
    run("history", "import", file, "--mapping", mapping)
    told = figures(run("history", "import", file, "--mapping", mapping).stdout)
    assert (told["imported"], told["already there"], told["new outcome versions"]) == ("0", "3", "0")


def test_a_mapping_that_does_not_fit_is_refused_with_every_fault(run: Run, export: tuple[Path, Path]) -> None:
    file, mapping = export
    mapping.write_text(MAPPING.replace('"steam"', '"stem"').replace("steam_tph", "steam_tp"), encoding="utf-8")
    done = run("history", "import", file, "--mapping", mapping)
    assert done.exit_code == 1
    assert "facts.steam_tp" in done.stderr


def test_a_word_that_is_no_ending_is_told_with_the_place_that_lacks_it(run: Run, export: tuple[Path, Path]) -> None:
    file, mapping = export
    file.write_text(file.read_text(encoding="utf-8").replace("won", "triumph"), encoding="utf-8")
    done = run("history", "import", file, "--mapping", mapping)
    assert "[outcome.status]" in done.stderr


def test_a_file_is_scored_without_being_kept(run: Run, export: tuple[Path, Path]) -> None:
    file, mapping = export
    done = run("score", file, "--mapping", mapping)
    assert done.exit_code == 0
    rows = {row["deal_id"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert {name: row["verdict"] for name, row in rows.items()} == {"D-1": "accept", "D-2": "reject", "D-4": "refuse"}
    assert rows["D-1"]["profit_if_won"] == "12000.5"
    assert figures(run("history", "import", file, "--mapping", mapping).stdout)["imported"] == "3"


def test_a_file_whose_columns_are_named_as_facts_needs_no_mapping(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_text("deal_id,steam_tph,annual_turnover_rub,industry,in_nomenclature,profit_if_won\n"
                    "D-1,5,1200000000,dairy,yes,5000\n", encoding="utf-8")  # fmt: skip
    done = run("score", file, "--out", tmp_path / "scored.csv")
    assert done.exit_code == 0
    [row] = csv.DictReader(io.StringIO((tmp_path / "scored.csv").read_text(encoding="utf-8")))
    assert (row["verdict"], row["fire"]) == ("accept", "True")


def test_a_section_of_the_mapping_is_named_with_its_brackets(run: Run, export: tuple[Path, Path]) -> None:
    file, mapping = export
    mapping.write_text(MAPPING.replace('delimiter = ";"', 'delimiter = "|"'), encoding="utf-8")
    done = run("history", "import", file, "--mapping", mapping)
    assert done.exit_code == 1
    assert 'Set delimiter = ";" under [file].' in done.stderr


def test_rows_that_cannot_be_written_beside_the_file_are_told_and_the_rest_is_imported(
    run: Run, export: tuple[Path, Path]
) -> None:
    file, mapping = export
    (file.parent / "deals.csv.rejected.csv").mkdir()
    done = run("history", "import", file, "--mapping", mapping)
    assert (done.exit_code, figures(done.stdout)["imported"]) == (1, "3")
    assert "1 x steam: Not a number" in done.stderr
    assert "deals.csv.rejected.csv cannot be used (Is a directory)" in done.stderr
