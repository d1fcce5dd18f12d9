from datetime import UTC, datetime

import pytest

from mlscore.crm.csv_file import facts_by_name, read_history
from mlscore.scoring.errors import FaultyInputError, MappingError
from mlscore.scoring.policy import CustomFact
from tests.crm.csv_file.files import NOW, a_file, a_policy, codes


def read_by_name(file, *custom_facts):
    return read_history(file, mapping=facts_by_name(file), policy=a_policy(*custom_facts), now=NOW)


def test_columns_named_as_facts_need_no_mapping(tmp_path):
    file = a_file(
        tmp_path, "deal_id,as_of,steam_tph,asap,amount,extra.pumps\nD-1,2024-02-03T12:00:00Z,3.5,yes,10.01,4\n"
    )
    [past] = read_by_name(file, CustomFact(name="pumps", kind="number")).deals
    assert (past.deal.deal_id, past.deal.as_of) == ("D-1", datetime(2024, 2, 3, 12, tzinfo=UTC))
    assert (past.deal.steam_tph, past.deal.asap, past.deal.amount) == (3.5, True, 1001)
    assert (past.deal.extra, past.outcome) == ({"pumps": 4.0}, None)


def test_rows_without_an_id_name_themselves_and_all_of_them_count(tmp_path):
    history = read_by_name(a_file(tmp_path, "steam_tph\n3\n3\n"))
    assert len({past.deal.deal_id for past in history.deals}) == 2


def test_a_column_that_is_no_fact_is_refused_rather_than_passed_over(tmp_path):
    file = a_file(tmp_path, "deal_id,steam_tpn,note,rejected_reason\n1,2,3,4\n")
    with pytest.raises(MappingError) as caught:
        facts_by_name(file)
    assert codes(caught.value.faults) == {('"steam_tpn"', "policy.unknown_fact"), ('"note"', "policy.unknown_fact")}
    assert caught.value.faults[0].params["right"] == "steam_tph"


def test_a_custom_fact_must_be_declared(tmp_path):
    with pytest.raises(MappingError):
        read_by_name(a_file(tmp_path, "deal_id,extra.pumps\n1,2\n"))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FaultyInputError):
        facts_by_name(tmp_path / "none.csv")
