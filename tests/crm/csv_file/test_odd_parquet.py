"""Parquet files that break off, or hold what Python has no value for, are told of and end no reading."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from pyarrow import parquet

from mlscore.crm.csv_file.streaming import read_deals
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.policy import default_policy
from tests.crm.csv_file.files import NOW, a_mapping, read

FACTS = '[facts]\nas_of = "date"\n'
DAY = datetime(2025, 1, 15, tzinfo=UTC)


def written(folder, **columns):
    file = folder / "deals.parquet"
    parquet.write_table(pa.table(columns), file)
    return file


def streamed(file, mapping):
    return list(read_deals(file, mapping=mapping, policy=default_policy(), now=NOW).blocks)


@pytest.mark.parametrize(
    "dates",
    [
        pa.array([2**62], pa.timestamp("us")),
        pa.array([2**30], pa.date32()),
        pa.array([0], pa.timestamp("us", tz="Mars/Base")),
    ],
    ids=["beyond the calendar", "a day beyond it", "an unknown zone"],
)
def test_a_moment_that_python_cannot_hold_is_a_wrong_cell(tmp_path, dates):
    file, mapping = written(tmp_path, id=["D-1"], date=dates), a_mapping(tmp_path, FACTS)
    past = read(file, mapping)
    assert [(wrong.column, wrong.code) for reject in past.rejects for wrong in reject.wrong] == [
        ("date", "import.not_a_date")
    ]
    [block] = streamed(file, mapping)
    assert (len(block.deals), len(block.rejects)) == (0, 1)


def test_an_id_that_is_nan_names_no_deal(tmp_path):
    file = written(tmp_path, id=[1.0, float("nan")], date=[DAY, DAY])
    past = read(file, a_mapping(tmp_path, FACTS))
    assert [deal.deal.deal_id for deal in past.deals] == ["1"]
    assert [wrong.code for reject in past.rejects for wrong in reject.wrong] == ["import.bad_deal_id"]


def test_a_page_that_cannot_be_unpacked_is_told_with_the_row_it_follows(tmp_path):
    file = written(tmp_path, id=[f"D-{number}" for number in range(100)], date=[DAY] * 100)
    content = bytearray(file.read_bytes())
    content[10:300] = bytes(290)
    file.write_bytes(content)
    mapping = a_mapping(tmp_path, FACTS)
    for reading in (read, streamed):
        with pytest.raises(FaultyInputError, match="Export it again") as caught:
            reading(file, mapping)
        assert (caught.value.code, caught.value.params["line"]) == ("import.damaged", 0)
