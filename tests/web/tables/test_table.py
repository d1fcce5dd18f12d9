"""The table component: what an address may ask of it, how it sorts, pages and exports."""

import csv
import io

import pytest

from mlscore.web.tables import Asked, Choice, Column, Filter, InMemory, Table
from mlscore.web.tables.export import neutral

ROWS = [("Bo", 3), ("Al", None), ("cy", 10)]
TABLE = Table(
    caption="web.users.title",
    sort="name",
    descending=False,
    search="web.users.search",
    filters=(Filter("name", "web.users.name", [Choice("Bo", "Bo")]),),
    rows_a_page=2,
    columns=(
        Column(name="name", heading="web.users.name", show=lambda row, _: row[0], value=lambda row: row[0]),
        Column(
            name="deals",
            heading="web.deals.title",
            show=lambda row, words: words.number(row[1]),
            value=lambda row: row[1],
            is_number=True,
        ),
        Column(name="plain", heading="web.save", show=lambda *_: "", value=lambda _: None, sorts=False),
    ),
)


def read(asked):
    return [name for name, _ in InMemory(TABLE, ROWS).read(asked, first=0, at_most=9)]


def test_an_address_that_asks_nothing_gets_the_tables_own_order():
    assert TABLE.asked({}) == Asked(sort="name", descending=False)


@pytest.mark.parametrize(
    "given",
    [
        {"sort": "password_hash"},
        {"sort": "-plain"},
        {"page": "0"},
        {"page": "-1"},
        {"page": "one"},
        {"page": "9" * 30},
        {"name": "Nobody"},
        {"deals": "3"},
        {"q": "   "},
    ],
)
def test_an_address_asks_only_what_the_table_offers(given):
    assert TABLE.asked(given) == Asked(sort="name", descending=False)


def test_an_address_says_again_what_was_asked():
    asked = Asked(sort="deals", descending=True, page=2, search="b&c", filters={"name": "Bo"})
    address = TABLE.address(asked, page=2)
    assert address == "?q=b%26c&name=Bo&sort=-deals&page=2"
    assert TABLE.address(asked, sort="name") == "?q=b%26c&name=Bo&sort=name"


def test_rows_at_hand_are_sorted_with_the_unknown_last():
    assert read(Asked(sort="deals", descending=True)) == ["cy", "Bo", "Al"]
    assert read(Asked(sort="deals", descending=False)) == ["Bo", "cy", "Al"]


def test_rows_at_hand_are_searched_and_filtered():
    assert read(Asked(sort="name", descending=False, search="B")) == ["Bo"]
    assert read(Asked(sort="name", descending=False, filters={"name": "Bo"})) == ["Bo"]
    assert InMemory(TABLE, ROWS).count(Asked(sort="name", descending=False, search="zz")) == 0


@pytest.mark.parametrize("text", ["=1+1", "+7 903", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_text_of_a_file_is_a_formula(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["D-1", "ООО «=»", "", "a=b"])
def test_other_texts_are_left_as_they_are(text):
    assert neutral(text) == text


@pytest.mark.parametrize(("language", "other"), [("en", ";"), ("ru", ",")])
def test_no_text_of_a_file_is_parted_by_a_spreadsheet_that_expects_another_sign_between_cells(stage, language, other):
    stage.add(f"x{other}=1+1", "manager")
    browser = stage.signed_in(f"exports users in {language}", "admin")
    browser.headers = {**browser.headers, "Accept-Language": language}
    text = browser.get("/users?format=csv").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=other) for cell in row]
    assert not [cell for cell in cells if cell.startswith("=")]


def exported(browser, language):
    browser.headers = {**browser.headers, "Accept-Language": language}
    answer = browser.get("/deals?format=csv&sort=deal_id")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="deals.csv"' in answer.headers["content-disposition"]
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if language == "ru" else ","))


def test_a_file_holds_every_row_as_numbers(stage):
    browser = stage.signed_in("exports", "viewer")
    rows = {row["Deal"]: row for row in exported(browser, "en")}
    assert len(rows) == 60
    assert rows["D-20"]["Profit if won"] == "6000.00"
    assert rows["D-11"]["Profit if won"] == "" or float(rows["D-11"]["Profit if won"]) > 0
    assert 0 < float(rows["D-20"]["Probability"]) < 1


def test_a_file_reads_as_spreadsheets_do_where_the_decimal_sign_is_a_comma(stage):
    browser = stage.signed_in("exports in russian", "viewer")
    rows = {row["Сделка"]: row for row in exported(browser, "ru")}
    assert rows["D-20"]["Прибыль при победе"] == "6000,00"
