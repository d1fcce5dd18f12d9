"""A file read in blocks says, deal by deal and fault by fault, what it says read row by row."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscore.crm.csv_file import facts_by_name, read_history
from mlscore.crm.csv_file.streaming import Block, read_deals
from mlscore.scoring.deal import FACTS, Deals, Kind
from mlscore.scoring.policy import CustomFact
from tests.crm.csv_file.files import NOW, a_file, a_mapping, a_policy

LATE, EARLY = datetime(2030, 1, 1, tzinfo=UTC), datetime(2025, 5, 5, 12, 30, tzinfo=UTC)
POLICY = a_policy(CustomFact(name="visits", kind="number"), CustomFact(name="tier", kind="category", levels=("A", "B")))

NUMBERS = st.none() | st.sampled_from([0.0, -0.0, 0.1, 0.29, 1.005, -1.0, 2e9, 1e13, 1e15, 1e300, np.inf, np.nan])
WHOLE = st.none() | st.integers(-5, 10**16)
IDS = st.sampled_from(["D-1", "D-2", "Д-3", " D-4 ", "a b", "a/b", "..", "", "x" * 129, "n\x00l"])
COLUMNS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "deal_id": (pa.string(), st.none() | IDS),
    "as_of": (pa.timestamp("us", "UTC"), st.sampled_from([None, EARLY, LATE])),
    "delivery_needed_by": (pa.date32(), st.sampled_from([None, date(2026, 2, 3), date(1066, 1, 1)])),
    "stage": (pa.string(), st.sampled_from([None, "lead", "Deal ", "gone"])),
    "industry": (pa.string(), st.sampled_from([None, "dairy", " ЖКХ", "", "a\x07b"])),
    "asap": (pa.string(), st.sampled_from([None, "yes", "Нет", "perhaps", "1"])),
    "in_nomenclature": (pa.bool_(), st.none() | st.booleans()),
    "amount": (pa.float64(), NUMBERS),
    "cost": (pa.int64(), WHOLE),
    "budget_amount": (pa.float32(), st.none() | st.sampled_from([0.5, 12.25, 7.0])),
    "steam_tph": (pa.float64(), NUMBERS),
    "employees": (pa.int64(), WHOLE),
    "need_coverage": (pa.float64(), st.sampled_from([None, 0.0, 0.6, 1.0, 1.5])),
    "source": (pa.list_(pa.string()), st.sampled_from([None, ["site"], []])),
    "seller_id": (pa.dictionary(pa.int8(), pa.string()), st.sampled_from([None, "S-1", "S-2"])),
    "region": (pa.null(), st.none()),
    "extra.visits": (pa.int16(), st.none() | st.integers(-9, 9)),
    "extra.tier": (pa.string(), st.sampled_from([None, "A", "b", "C"])),
}
ROWS = st.lists(st.fixed_dictionaries({name: drawn for name, (_, drawn) in COLUMNS.items()}), min_size=1, max_size=20)


def as_parquet(folder: Path, rows: list[dict[str, Any]]) -> Path:
    file = folder / "deals.parquet"
    schema = pa.schema([(name, kind) for name, (kind, _) in COLUMNS.items() if name in rows[0]])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
    return file


def as_csv(folder: Path, rows: list[dict[str, Any]]) -> Path:
    file = folder / "deals.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def blocks_of(file: Path, mapping: Path | None = None, *, rows: int = 7) -> list[Block]:
    return list(read_deals(file, mapping=mapping or facts_by_name(file), policy=POLICY, now=NOW, rows=rows).blocks)


def told(deals: Deals) -> dict[str, list[Any]]:
    """Return every fact of deals as columns, NaN as None, and -0.0 told from 0.0."""
    texts = {"deal_id", "tier", *(name for name, fact in FACTS.items() if fact.kind is Kind.TEXT)}
    columns = {name: deals.texts(name).tolist() for name in sorted(texts)}
    for name in [*(name for name in FACTS if name not in texts), "visits"]:
        columns[name] = [None if np.isnan(n) else repr(n) for n in deals.numbers(name).tolist()]
    return columns


def assert_same(blocks: list[Block], file: Path, mapping: Path | None = None) -> None:
    """Hold blocks to what the same file says row by row, of rows that repeat no other."""
    past = read_history(file, mapping=mapping or facts_by_name(file), policy=POLICY, now=NOW)
    told_in_rows = told(Deals([one.deal for one in past.deals]))
    told_in_blocks = [told(block.deals) for block in blocks]
    assert {name: [v for one in told_in_blocks for v in one[name]] for name in told_in_rows} == told_in_rows
    rejects = [(r.line, r.wrong) for block in blocks for r in block.rejects]
    assert rejects == [(r.line, r.wrong) for r in past.rejects]
    assert sum(block.read for block in blocks) == past.read


def numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with ids of their own where they are ids at all: who repeats one is another question."""
    good = {"D-1", "D-2", "Д-3", " D-4 ", "a b"}
    return [
        row | {"deal_id": f"{row['deal_id']}{at}"} if row["deal_id"] in good else row for at, row in enumerate(rows)
    ]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_a_parquet_file_in_blocks_says_what_it_says_row_by_row(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    file = as_parquet(tmp_path, numbered(rows))
    assert_same(blocks_of(file), file)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_a_csv_file_in_blocks_says_what_it_says_row_by_row(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    file = as_csv(tmp_path, numbered(rows))
    assert_same(blocks_of(file), file)


@pytest.mark.parametrize("noughts", [(0.0, -0.0), (-0.0, 0.0)])
def test_nought_has_no_sign_whichever_comes_first(tmp_path: Path, noughts: tuple[float, float]) -> None:
    file = tmp_path / "deals.parquet"
    pq.write_table(pa.table({"deal_id": ["D-1", "D-2"], "steam_tph": pa.array(noughts, pa.float64())}), file)
    assert_same(blocks_of(file), file)
    [block] = blocks_of(file)
    assert told(block.deals)["steam_tph"] == ["0.0", "0.0"]


def test_lines_that_are_no_rows_are_set_aside_in_their_place(tmp_path: Path) -> None:
    file = a_file(tmp_path, 'deal_id,amount\nD-1,5\nD-2\nD-3,x\n"D-4,1\nD-5,7\n')
    assert_same(blocks_of(file, rows=2), file)


def test_a_mapping_with_outcomes_is_read_in_blocks_too(tmp_path: Path) -> None:
    file = a_file(tmp_path, "id,state,sum\nD-1,won,5\nD-2,lost,x\nD-3,gone,1\nD-4,,2.5\n")
    terms = '[facts]\namount = { column = "sum" }\n[outcome.status]\ncolumn = "state"\nwon = ["won"]\nlost = ["lost"]\n'
    mapping = a_mapping(tmp_path, terms)
    assert_same(blocks_of(file, mapping, rows=3), file, mapping)


def test_rows_without_a_column_of_ids_name_themselves_as_an_import_names_them(tmp_path: Path) -> None:
    file = a_file(tmp_path, "amount,asap\n5,yes\n5,yes\n7,no\n")
    assert_same(blocks_of(file, rows=2), file)


def test_a_deal_that_stands_twice_is_two_deals(tmp_path: Path) -> None:
    file = a_file(tmp_path, "deal_id,amount\nD-1,5\nD-1,5\nD-1,6\n")
    [block] = blocks_of(file)
    assert (block.deals.texts("deal_id").tolist(), block.deals.numbers("amount").tolist()) == (
        ["D-1"] * 3,
        [500.0, 500.0, 600.0],
    )


@pytest.mark.parametrize("name", ["deals.parquet", "deals.csv"])
def test_a_file_without_rows_has_no_deals(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    if name.endswith("csv"):
        file.write_text("deal_id,amount\n", encoding="utf-8")
    else:
        pq.write_table(pa.table({"deal_id": pa.array([], pa.string())}), file)
    assert sum(block.read for block in blocks_of(file)) == 0
