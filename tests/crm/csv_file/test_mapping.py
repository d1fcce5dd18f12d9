import pytest

from mlscore.crm.csv_file.mapping import read_mapping, read_mapping_text
from mlscore.crm.mapping import Level, Source
from mlscore.scoring.errors import MappingError
from mlscore.scoring.policy import CustomFact
from tests.crm.csv_file.files import a_file, a_mapping, codes, faults_of, read


def faults_in(text):
    with pytest.raises(MappingError) as caught:
        read_mapping_text(text)
    return codes(caught.value.faults)


def test_a_fact_in_short_is_a_column():
    mapping = read_mapping_text('facts.steam_tph = "Пар т/ч"\n[id]\ncolumn = "ID"')
    assert mapping.facts["steam_tph"] == Source(column="Пар т/ч")


def test_levels_are_read_word_by_word():
    mapping = read_mapping_text(
        'facts.asap = { column = "a", levels = { "да" = "yes", "нет" = false } }\n[id]\nhash = "all"'
    )
    levels = (Level(given="да", means="yes"), Level(given="нет", means=False))
    assert mapping.facts["asap"].levels == levels


def test_every_fault_of_a_mapping_is_told_at_once():
    text = """
    [file]
    encoding = "klingon"
    delimiter = ";;"
    decimal = ";"
    [id]
    [facts]
    amount = { colum = "Сумма" }
    cost = { column = "c", constant = 5 }
    steam_tph = { column = "s", unit = "percent", scale = 2 }
    [outcome]
    status = { column = "s" }
    closed_at = { column = "c", plus_days = "thirty" }
    [extras]
    """
    assert faults_in(text) == {
        ("extras", "policy.unknown_key"),
        ("file.decimal", "policy.not_one_of"),
        ("id", "mapping.one_of_two"),
        ("facts.amount.colum", "policy.unknown_key"),
        ("facts.amount", "mapping.one_of_two"),
        ("facts.cost", "mapping.one_of_two"),
        ("facts.steam_tph", "mapping.one_of_two"),
        ("outcome.closed_at.plus_days", "policy.wrong_type"),
    }


def test_a_slip_in_a_key_is_answered_with_the_nearest_one():
    with pytest.raises(MappingError) as caught:
        read_mapping_text('facts.amount = { colum = "c" }\n[id]\ncolumn = "id"')
    assert caught.value.faults[0].params == {"given": '"colum"', "right": "column"}


def test_an_encoding_and_a_delimiter_must_exist():
    text = '[file]\nencoding = "klingon"\ndelimiter = ";;"\n[id]\nhash = "all"'
    assert faults_in(text) == {
        ("file.encoding", "mapping.unknown_encoding"),
        ("file.delimiter", "mapping.bad_delimiter"),
    }


def test_the_same_sign_cannot_part_thousands_and_decimals():
    text = '[file]\ndecimal = ","\nthousands = ","\n[id]\nhash = "all"'
    assert faults_in(text) == {("file.thousands", "mapping.same_as_decimal")}


def test_a_status_column_needs_words():
    text = '[id]\nhash = "all"\n[outcome]\nstatus = "Result"'
    assert faults_in(text) == {("outcome.status", "mapping.no_words")}


def test_the_outcome_of_a_deal_is_never_one_of_its_facts():
    text = """
    facts.amount = "Close value"
    extra.result = "Result"
    [id]
    hash = "all"
    [outcome]
    status = { column = "Result", won = ["won"] }
    realised_profit = "Close value"
    """
    assert faults_in(text) == {("facts.amount.column", "mapping.leak"), ("extra.result.column", "mapping.leak")}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[facts", ("document", "policy.syntax")),
        ("facts = 5\nid.hash = 'all'", ("facts", "policy.wrong_type")),
        ("join = 5\nid.hash = 'all'", ("join", "policy.wrong_type")),
        ("id.hash = 'every'", ("id.hash", "policy.not_one_of")),
        ("outcome = 5\nid.hash = 'all'", ("outcome", "policy.wrong_type")),
    ],
)
def test_a_mapping_of_another_shape_is_refused(text, fault):
    assert fault in faults_in(text)


def test_the_place_of_a_slip_of_syntax_is_told():
    with pytest.raises(MappingError) as caught:
        read_mapping_text("[id]\ncolumn = \n")
    assert caught.value.faults[0].params["line"] == 2


def test_a_mapping_that_is_missing_or_no_text_is_refused(tmp_path):
    with pytest.raises(MappingError, match="unreadable"):
        read_mapping(tmp_path / "none.toml")
    with pytest.raises(MappingError, match="not_utf8"):
        read_mapping(a_file(tmp_path, 'facts.region = "Край"', name="m.toml", encoding="cp1251"))


def test_facts_and_columns_that_do_not_exist_are_all_told_with_the_nearest_names(tmp_path):
    file = a_file(tmp_path, "id,Amount,Steam\n1,2,3\n")
    mapping = a_mapping(tmp_path, 'facts.amuont = "Amount"\nfacts.steam_tph = "Staem"\nextra.pumps = "Steam"')
    faults = {fault.key: fault for fault in faults_of(file, mapping)}
    assert codes(faults.values()) == {
        ("facts.amuont", "policy.unknown_fact"),
        ("facts.steam_tph.column", "mapping.unknown_column"),
        ("extra.pumps", "mapping.unknown_custom_fact"),
    }
    assert faults["facts.amuont"].params["right"] == "amount"
    assert faults["facts.steam_tph.column"].params["right"] == "Steam"


def test_a_column_that_is_there_twice_is_refused_where_it_is_used(tmp_path):
    file = a_file(tmp_path, "id,a,a,b,b\n1,2,3,4,5\n")
    assert codes(faults_of(file, a_mapping(tmp_path, 'facts.region = "a"'))) == {
        ("facts.region.column", "mapping.ambiguous_column")
    }


@pytest.mark.parametrize(
    ("fact", "fault"),
    [
        ('region = { column = "a", unit = "million" }', ("facts.region.unit", "policy.not_for_kind")),
        ('asap = { column = "a", round = true }', ("facts.asap.round", "policy.not_for_kind")),
        ('steam_tph = { column = "a", unit = "minor" }', ("facts.steam_tph.unit", "policy.not_for_kind")),
        ('amount = { column = "a", plus_days = 3 }', ("facts.amount.plus_days", "policy.not_for_kind")),
        ('asap = { column = "a", otherwise = "keep" }', ("facts.asap.otherwise", "policy.not_one_of")),
        ('asap = { column = "a", levels = { "a" = "maybe" } }', ("facts.asap.levels", "policy.not_one_of")),
        ('stage = { column = "a", otherwise = "keep" }', ("facts.stage.otherwise", "policy.not_one_of")),
        ('as_of = { column = "a", date_formats = ["%d.%m"] }', ("facts.as_of.date_formats", "mapping.bad_date_format")),
        ('as_of = { column = "a", time_of_day = "25:00" }', ("facts.as_of.time_of_day", "mapping.bad_time")),
        ('amount = { constant = "much" }', ("facts.amount.constant", "import.not_a_number")),
        ('stage = { constant = "deals" }', ("facts.stage.constant", "import.not_a_level")),
    ],
)
def test_a_term_that_does_not_fit_its_fact_is_refused(tmp_path, fact, fault):
    file = a_file(tmp_path, "id,a\n1,2\n")
    assert codes(faults_of(file, a_mapping(tmp_path, f"facts.{fact}"))) == {fault}


def test_the_zone_and_the_words_of_a_mapping_are_checked(tmp_path):
    file = a_file(tmp_path, "id,s\n1,won\n")
    text = '[file]\ntimezone = "Moon/Base"\n[outcome]\nstatus = { column = "s", won = ["won"], open = ["Won"] }'
    assert codes(faults_of(file, a_mapping(tmp_path, text))) == {
        ("file.timezone", "policy.unknown_timezone"),
        ("outcome.status", "mapping.word_twice"),
    }


def test_a_custom_fact_of_the_policy_needs_no_code(tmp_path):
    file = a_file(tmp_path, "id,p,k,d,y\n1,7,Big,01.02.2024,да\n")
    text = '[file]\ndate_formats = ["%d.%m.%Y"]\n[extra]\npumps = "p"\nsize = "k"\nbuilt = "d"\nours = "y"'
    custom = (
        CustomFact(name="pumps", kind="number"),
        CustomFact(name="size", kind="category", levels=("big", "small")),
        CustomFact(name="built", kind="date"),
        CustomFact(name="ours", kind="yes_no"),
    )
    [past] = read(file, a_mapping(tmp_path, text), custom_facts=custom).deals
    assert {n: str(v) for n, v in past.deal.extra.items()} == {
        "pumps": "7.0",
        "size": "big",
        "built": "2024-02-01",
        "ours": "True",
    }


@pytest.mark.parametrize("encoding", ["rot13", "hex", "base64"])
def test_a_codec_that_is_not_of_texts_is_no_encoding(tmp_path, encoding):
    text = f'[file]\nencoding = "{encoding}"\n'
    assert codes(faults_of(a_file(tmp_path, "id\n1\n"), a_mapping(tmp_path, text))) == {
        ("file.encoding", "mapping.unknown_encoding")
    }
