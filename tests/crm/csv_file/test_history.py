from datetime import UTC, date, datetime

import pytest

from mlscore.crm.csv_file import read_history, reject_file, write_rejects
from mlscore.scoring.deal import Outcome, Status
from tests.crm.csv_file.files import NOW, a_file, a_mapping, a_policy, read

RUSSIAN = """
[file]
encoding = "cp1251"
delimiter = ";"
decimal = ","
date_formats = ["%d.%m.%Y %H:%M", "%d.%m.%Y"]
time_of_day = "12:00"
unknown = ["не известно", "-"]
[facts]
as_of = "Дата"
annual_turnover_rub = { column = "Оборот", unit = "million" }
steam_tph = "Пар"
need_coverage = { column = "Покрытие", unit = "percent" }
budget_allocated = "Бюджет"
amount = "Сумма"
"""
HEADER = "id;Дата;Оборот;Пар;Покрытие;Бюджет;Сумма\n"


def deal_of(tmp_path, row, text=RUSSIAN, header=HEADER):
    file = a_file(tmp_path, header + row + "\n", encoding="cp1251")
    history = read(file, a_mapping(tmp_path, text))
    assert history.rejects == ()
    return history.deals[0].deal


def wrong_in(history):
    return [(reject.line, cell.column, cell.code) for reject in history.rejects for cell in reject.wrong]


def test_a_row_in_russian_becomes_a_deal_in_our_units(tmp_path):
    deal = deal_of(tmp_path, "7;03.02.2024;1 200,5;3,8;60%;да;1 234,50 ₽".replace("₽", "руб."))
    assert deal.deal_id == "7"
    assert deal.as_of == datetime(2024, 2, 3, 9, tzinfo=UTC)
    assert (deal.annual_turnover_rub, deal.steam_tph, deal.need_coverage) == (1_200_500_000.0, 3.8, 0.6)
    assert (deal.budget_allocated, deal.amount) == (True, 123_450)


def test_empty_cells_and_the_words_of_the_mapping_are_unknown_never_no(tmp_path):
    deal = deal_of(tmp_path, "7;;не известно;-; ;Не известно;")
    facts = (
        deal.as_of,
        deal.annual_turnover_rub,
        deal.steam_tph,
        deal.need_coverage,
        deal.budget_allocated,
        deal.amount,
    )
    assert facts == (None,) * 6


def test_a_row_is_a_deal_unless_the_mapping_names_its_stage(tmp_path):
    assert deal_of(tmp_path, "7;;;;;;").stage == "deal"
    levels = 'facts.stage = { column = "s", levels = { "лид" = "lead", "сделка" = "deal" } }'
    text = f'{levels}\n[file]\nencoding = "cp1251"'
    assert deal_of(tmp_path, "1,лид", text, "id,s\n").stage == "lead"


def test_texts_are_recoded_by_levels_and_others_kept_or_dropped(tmp_path):
    file = a_file(tmp_path, "id,a,b\n1,Ware House,x\n2,Shop,y\n")
    text = """
    facts.region = { column = "a", levels = { "ware house" = "Warehouse" } }
    facts.source = { column = "b", levels = { "x" = "fair" }, otherwise = "unknown" }
    """
    deals = [past.deal for past in read(file, a_mapping(tmp_path, text)).deals]
    assert [(deal.region, deal.source) for deal in deals] == [("Warehouse", "fair"), ("Shop", None)]


def test_the_words_of_yes_and_no_may_be_the_firms_own(tmp_path):
    file = a_file(tmp_path, "id,a,b\n1,Current,Clear\n2,New,Low\n3,Unclear,Other\n")
    text = """
    facts.is_existing_customer = { column = "a", levels = { "Current" = "yes", "New" = "no", "Unclear" = "unknown" } }
    facts.need_defined = { column = "b", levels = { "Clear" = "yes" }, otherwise = "no" }
    """
    deals = [past.deal for past in read(file, a_mapping(tmp_path, text)).deals]
    assert [deal.is_existing_customer for deal in deals] == [True, False, None]
    assert [deal.need_defined for deal in deals] == [True, False, False]


def test_a_constant_is_the_same_in_every_row(tmp_path):
    text = """
    [facts]
    currency = { constant = "USD" }
    in_nomenclature = { constant = true }
    amount = { constant = 12.5 }
    delivery_needed_by = { constant = 2024-05-01 }
    """
    deals = [past.deal for past in read(a_file(tmp_path, "id\n1\n2\n"), a_mapping(tmp_path, text)).deals]
    expected = ("USD", True, 1250, date(2024, 5, 1))
    assert [(d.currency, d.in_nomenclature, d.amount, d.delivery_needed_by) for d in deals] == [expected] * 2


OUTCOME = """
[file]
timezone = "UTC"
[facts]
as_of = "asked"
[outcome]
status = { column = "result", won = ["Won"], lost = ["Lost"], open = ["Talking"] }
closed_at = "closed"
realised_profit = { column = "profit", round = true }
"""


def test_an_outcome_is_known_at_the_end_of_the_day_it_closed(tmp_path):
    file = a_file(tmp_path, "id,asked,result,closed,profit\n1,2024-02-03,won,2024-02-03,10.005\n")
    [past] = read(file, a_mapping(tmp_path, OUTCOME)).deals
    closed_at = datetime(2024, 2, 3, 23, 59, 59, tzinfo=UTC)
    assert past.outcome == Outcome(
        deal_id="1", status=Status.WON, closed_at=closed_at, realised_profit=1001, known_at=closed_at
    )


def test_a_deal_still_open_has_no_outcome(tmp_path):
    file = a_file(tmp_path, "id,asked,result,closed,profit\n1,2024-02-03,Talking,,\n2,2024-02-03,,,\n")
    assert [past.outcome for past in read(file, a_mapping(tmp_path, OUTCOME)).deals] == [None, None]


def test_a_close_may_be_so_many_days_after_a_date(tmp_path):
    text = """
    [file]
    timezone = "UTC"
    [outcome]
    status = { constant = "won" }
    closed_at = { column = "ordered", plus_days = 30 }
    known_at = { column = "ordered", plus_days = 40, time_of_day = "08:00" }
    """
    [past] = read(a_file(tmp_path, "id,ordered\n1,2024-01-01\n"), a_mapping(tmp_path, text)).deals
    assert past.outcome.closed_at == datetime(2024, 1, 31, 23, 59, 59, tzinfo=UTC)
    assert past.outcome.known_at == datetime(2024, 2, 10, 8, tzinfo=UTC)


def test_a_row_without_dates_stays_undated(tmp_path):
    file = a_file(tmp_path, "id,asked,result,closed,profit\n1,,Lost,,\n")
    [past] = read(file, a_mapping(tmp_path, OUTCOME)).deals
    assert (past.deal.as_of, past.outcome) == (None, Outcome(deal_id="1", status=Status.LOST))


def test_wrong_rows_are_told_with_line_column_and_reason_and_the_rest_is_read(tmp_path):
    rows = [
        "1,2024-02-03,Won,2024-03-01,5",
        "2,yesterday,Won,2024-03-01,much",
        "3,2024-02-03,Sold,2024-03-01,5",
        "4,2024-02-03,Won,2024-02-01,5",
        "5,2027-02-03,Talking,,",
        "6,0001-01-01,Lost,,",
        "7,2024-02-03",
        "8/9,2024-02-03,Lost,,",
        "10,2024-02-03,Lost,,",
    ]
    file = a_file(tmp_path, "\n".join(["id,asked,result,closed,profit", *rows, ""]))
    history = read(file, a_mapping(tmp_path, OUTCOME))
    assert [past.deal.deal_id for past in history.deals] == ["1", "10"]
    assert (history.read, history.rejected) == (9, 7)
    assert wrong_in(history) == [
        (3, "asked", "import.not_a_date"),
        (3, "profit", "import.not_a_number"),
        (4, "result", "import.unknown_status"),
        (5, "closed", "import.closed_before"),
        (6, "asked", "import.in_future"),
        (7, "asked", "import.date_out_of_range"),
        (8, "", "import.cell_count"),
        (9, "id", "import.bad_deal_id"),
    ]


@pytest.mark.parametrize(
    ("fact", "cell"), [("need_coverage", "1.2"), ("steam_tph", "-1"), ("budget_amount", "-0.01"), ("employees", "-5")]
)
def test_a_quantity_out_of_its_range_is_wrong(tmp_path, fact, cell):
    history = read(a_file(tmp_path, f"id,a\n1,{cell}\n"), a_mapping(tmp_path, f'facts.{fact} = "a"'))
    assert wrong_in(history) == [(2, "a", "import.out_of_range")]


@pytest.mark.parametrize("fact", ["company_id", "seller_id"])
def test_a_name_no_database_keeps_an_index_of_is_wrong_and_a_long_text_is_not(tmp_path, fact):
    file = a_file(tmp_path, f"id,who,what\n1,{'я' * 500},{'я' * 501}\n2,{'я' * 501},web\n")
    history = read(file, a_mapping(tmp_path, f'facts.{fact} = "who"\nfacts.source = "what"'))
    assert [past.deal.deal_id for past in history.deals] == ["1"]
    assert wrong_in(history) == [(3, "who", "import.too_long")]


def test_a_reason_never_repeats_the_value_of_a_cell(tmp_path):
    file = a_file(tmp_path, "id,asked,result,closed,profit\n1,SECRET,SECRET,SECRET,SECRET\n")
    [reject] = read(file, a_mapping(tmp_path, OUTCOME)).rejects
    assert len(reject.wrong) == 4
    assert not any("SECRET" in f"{cell.message}{cell.params}" for cell in reject.wrong)


def test_a_reject_file_holds_the_raw_rows_and_imports_by_the_same_mapping_once_mended(tmp_path):
    text = RUSSIAN + "[outcome]\nstatus = { constant = 'won' }"
    rows = 'А1;03.02.2024;"1;5";3,8;60;да;1\nА2;03.02.2024;1;3,8;60;может;2\nА3;03.02.2024;1;3,8;60;да;3\n'
    file = a_file(tmp_path, HEADER + rows, encoding="cp1251")
    mapping = a_mapping(tmp_path, text)
    rejected = write_rejects(read(file, mapping), reject_file(file))
    assert rejected == tmp_path / "deals.csv.rejected.csv"
    written = rejected.read_text(encoding="utf-8-sig").splitlines()
    assert written[0] == HEADER.strip() + ";rejected_line;rejected_column;rejected_reason"
    assert written[1].startswith('А1;03.02.2024;"1;5";3,8;60;да;1;2;Оборот;[import.not_a_number] ')
    assert written[2].startswith("А2;03.02.2024;1;3,8;60;может;2;3;Бюджет;")
    mended = rejected.read_text(encoding="utf-8-sig").replace('"1;5"', "15").replace("может", "нет")
    rejected.write_text(mended, encoding="utf-8-sig")
    again = read(rejected, mapping)
    assert ([past.deal.deal_id for past in again.deals], again.rejects) == (["А1", "А2"], ())


def test_rows_too_long_and_too_short_keep_their_cells_in_the_reject_file(tmp_path):
    file = a_file(tmp_path, 'id,a\n1,2,3\n4\n5,"x"y\n')
    history = read(file, a_mapping(tmp_path, ""))
    written = write_rejects(history, tmp_path / "r.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split("[")[0] for line in written[1:]] == ['1,"2,3",2,,', "4,,3,,", '"5,""x""y",,4,,']


def test_a_file_without_rejects_leaves_no_reject_file_behind(tmp_path):
    file = a_file(tmp_path, "id\n1\n")
    reject_file(file).write_text("of an earlier import", encoding="utf-8")
    assert write_rejects(read(file, a_mapping(tmp_path, "")), reject_file(file)) is None
    assert not reject_file(file).exists()


def test_progress_is_told_as_rows_are_read(tmp_path):
    file = a_file(tmp_path, "id\n" + "".join(f"{n}\n" for n in range(2_500)))
    told = []
    mapping = a_mapping(tmp_path, "")
    read_history(file, mapping=mapping, policy=a_policy(), now=NOW, progress=told.append)
    assert told == [1_000, 2_000, 2_500]


def test_a_deal_said_to_have_closed_on_a_day_to_come_is_set_aside_unless_the_mapping_counts_days(tmp_path):
    """No training would ever learn it, and nobody would know."""
    rows = ["1,2024-02-03,Won,2062-03-01,5", f"2,2024-02-03,Won,{NOW:%Y-%m-%d},5", "3,2024-02-03,Talking,2062-03-01,"]
    file = a_file(tmp_path, "\n".join(["id,asked,result,closed,profit", *rows, ""]))
    history = read(file, a_mapping(tmp_path, OUTCOME))
    assert [past.deal.deal_id for past in history.deals] == ["2", "3"]
    assert wrong_in(history) == [(2, "closed", "import.closed_ahead")]
    counted = OUTCOME.replace('closed_at = "closed"', 'closed_at = { column = "closed", plus_days = 1 }')
    assert counted != OUTCOME
    assert len(read(file, a_mapping(tmp_path, counted)).deals) == 3
