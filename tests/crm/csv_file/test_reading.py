import codecs
import os
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscore.crm.csv_file.reading import read_table
from mlscore.scoring.errors import FaultyInputError
from tests.crm.csv_file.files import a_file, a_mapping, read


def rows_of(file, *, encoding="utf-8", delimiter=","):
    table = read_table(file, encoding=encoding, delimiter=delimiter)
    return table.header, [(row.line, list(row.cells), row.wrong) for row in table.rows]


def code_of(file, **kwargs):
    with pytest.raises(FaultyInputError) as caught:
        rows_of(file, **kwargs)
    return caught.value.code


def test_rows_come_with_the_line_they_begin_on(tmp_path):
    file = a_file(tmp_path, 'id,note\r\n1,"two\r\nlines"\r\n\r\n2,one\r\n')
    assert rows_of(file) == (("id", "note"), [(2, ["1", "two\r\nlines"], None), (5, ["2", "one"], None)])


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_a_byte_order_mark_beats_the_encoding_of_the_mapping(tmp_path, encoding):
    file = tmp_path / "deals.csv"
    file.write_bytes(codecs.BOM_UTF8 + "Край;ID\nСибирь;1\n".encode())
    assert rows_of(file, encoding=encoding, delimiter=";") == (("Край", "ID"), [(2, ["Сибирь", "1"], None)])


def test_cp1251_is_read_as_the_mapping_says(tmp_path):
    file = a_file(tmp_path, "Край\nСибирь\n", encoding="cp1251")
    assert rows_of(file, encoding="cp1251") == (("Край",), [(2, ["Сибирь"], None)])


def test_the_wrong_encoding_is_told_and_not_guessed(tmp_path):
    assert code_of(a_file(tmp_path, "Край\nСибирь\n", encoding="cp1251")) == "import.wrong_encoding"


@pytest.mark.parametrize(
    ("text", "given", "right"),
    [
        ("a;b;c,d\n1;2;3,4\n", "^", ";"),
        ("a;b\n1,5;2\n", ",", ";"),
        ("a;b\n", ",", ";"),
        ("a\tb\n1\t2\n", ",", "tab"),
        ("a|b\n1|2\n", ";", "|"),
    ],
)
def test_a_header_that_another_delimiter_would_split_is_told_once(tmp_path, text, given, right):
    with pytest.raises(FaultyInputError, match=r"under \[file\]") as caught:
        rows_of(a_file(tmp_path, text), delimiter=given)
    assert (caught.value.code, caught.value.params["right"]) == ("import.other_delimiter", right)


@pytest.mark.parametrize("title", ["The deals of 2025", "The deals, of 2025"])
def test_a_title_above_the_header_is_no_header(tmp_path, title):
    file = a_file(tmp_path, f"{title}\n\nid;amount\n1;2\n")
    with pytest.raises(FaultyInputError, match="line 3 is 2") as caught:
        rows_of(file, delimiter=";")
    assert caught.value.code == "import.no_header_first"


def test_a_file_of_one_column_is_read(tmp_path):
    assert rows_of(a_file(tmp_path, "id\nD-1\nD-2\n"))[1] == [(2, ["D-1"], None), (3, ["D-2"], None)]
    assert rows_of(a_file(tmp_path, "id\n"))[1] == []


def test_a_tab_is_called_by_its_name(tmp_path):
    assert rows_of(a_file(tmp_path, "a\tb\n1\t2\n"), delimiter="tab") == (("a", "b"), [(2, ["1", "2"], None)])


def test_a_row_of_another_width_is_marked_and_the_rest_is_read(tmp_path):
    _, rows = rows_of(a_file(tmp_path, "a,b\n1\n1,2,3\n4,5\n"))
    assert [(line, wrong) for line, _, wrong in rows] == [
        (2, "import.cell_count"),
        (3, "import.cell_count"),
        (4, None),
    ]


def test_a_row_with_stray_quotes_is_marked_with_its_raw_text_and_the_rest_is_read(tmp_path):
    _, rows = rows_of(a_file(tmp_path, 'a,b\n"ООО "Пар"",5\n4,5\n'))
    assert rows == [(2, ['"ООО "Пар"",5'], "import.bad_quoting"), (3, ["4", "5"], None)]


@pytest.mark.parametrize("more", ["", "x,y\n" * 80_000], ids=["to the end", "over more than a cell can hold"])
def test_a_quote_never_closed_costs_its_own_line_and_no_other(tmp_path, more):
    _, rows = rows_of(a_file(tmp_path, f'a,b\n1,2\n"3,4\n5,"two\nlines"\n7,8\n{more}'))
    assert rows[:4] == [
        (2, ["1", "2"], None),
        (3, ['"3,4'], "import.bad_quoting"),
        (4, ["5", "two\nlines"], None),
        (6, ["7", "8"], None),
    ]
    assert len(rows) == 4 + len(more) // 4


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='a1," \n\r;\x00é', max_size=60))
def test_whatever_a_file_holds_its_rows_come_in_order_and_none_stops_the_reading(tmp_path, text):
    _, rows = rows_of(a_file(tmp_path, f"a,b\n{text}\n7,8\n"))
    lines = [line for line, _, _ in rows]
    assert lines == sorted(set(lines))
    assert "8" in rows[-1][1][-1]


@pytest.mark.parametrize("text", ["", '"a,b\n1,2\n'], ids=["empty", "a header that cannot be read"])
def test_a_file_without_a_header_is_refused_whole(tmp_path, text):
    assert code_of(a_file(tmp_path, text)) == "import.no_header"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert code_of(tmp_path / "none.csv") == "import.not_opened"


def test_what_is_no_parquet_is_refused_though_its_name_says_so(tmp_path):
    pytest.importorskip("pyarrow")
    assert code_of(a_file(tmp_path, "a,b\n", name="deals.parquet")) == "import.not_parquet"


def test_parquet_is_read_with_its_own_types(tmp_path):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "id": [1.0, 2.0],
        "when": [datetime(2024, 2, 3, 12, tzinfo=UTC), None],
        "day": [date(2024, 5, 1), None],
        "amount": [Decimal("10.01"), Decimal("0.30")],
        "steam": [3.5, float("nan")],
        "budget": [True, None],
        "tags": [["a", "b"], None],
    }
    file = tmp_path / "deals.parquet"
    parquet.write_table(pa.table(columns), file)
    text = """
    [facts]
    as_of = "when"
    delivery_needed_by = "day"
    amount = "amount"
    steam_tph = "steam"
    budget_allocated = "budget"
    request_text = "tags"
    """
    first, second = (past.deal for past in read(file, a_mapping(tmp_path, text)).deals)
    assert (first.deal_id, first.as_of, first.amount) == ("1", datetime(2024, 2, 3, 12, tzinfo=UTC), 1001)
    assert (first.delivery_needed_by, first.steam_tph, first.budget_allocated) == (date(2024, 5, 1), 3.5, True)
    assert first.request_text == "['a', 'b']"
    assert (second.deal_id, second.as_of, second.steam_tph, second.amount) == ("2", None, None, 30)


ROW = "D-{},2025-01-15,{},5,7,won"


def test_a_quote_never_closed_that_a_later_one_ends_takes_no_whole_row_with_it(tmp_path):
    words = ["dairy", '"dairy', "dairy", "dairy", 'dairy"']
    rows = [ROW.format(number, word) for number, word in enumerate(words)]
    _, found = rows_of(a_file(tmp_path, "\n".join(["id,date,industry,steam,sum,end", *rows]) + "\n"))
    assert [(line, wrong) for line, _, wrong in found] == [
        (2, None),
        (3, "import.bad_quoting"),
        (4, None),
        (5, None),
        (6, None),
    ]


@pytest.mark.parametrize("note", ["one\ntwo", "one\nDear all, a, b, c, and d, bye", "one\n,,,,,,\n"])
def test_a_note_of_several_lines_stays_one_cell(tmp_path, note):
    text = f'id,date,note,steam,sum,end\n1,2025-01-15,"{note}",5,7,won\n'
    assert rows_of(a_file(tmp_path, text))[1] == [(2, ["1", "2025-01-15", note, "5", "7", "won"], None)]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_saved_as_unicode_text_is_told_by_its_byte_order_mark(tmp_path, encoding):
    file = a_file(tmp_path, "\ufeffКрай\tID\r\nСибирь\t1\r\n", encoding=encoding)
    assert rows_of(file, delimiter="tab") == (("Край", "ID"), [(2, ["Сибирь", "1"], None)])


def test_a_pipe_is_refused_for_it_can_be_read_only_once(tmp_path):
    os.mkfifo(tmp_path / "deals.csv")
    assert code_of(tmp_path / "deals.csv") == "import.not_a_file"
