"""A portal's mapping says all that is wrong with it at once, and no fact is read from what is known too late."""

import pytest

from mlscore.crm.bitrix24.mapping import SCORE_FIELDS, WriteTerms, read_portal_mapping, read_portal_mapping_text
from mlscore.crm.mapping import Source
from mlscore.scoring.errors import MappingError
from tests.crm.bitrix24.crms import EXAMPLE


def faults_of(text: str) -> dict[str, str]:
    with pytest.raises(MappingError) as caught:
        read_portal_mapping_text(text)
    return {fault.key: fault.code for fault in caught.value.faults}


def test_the_example_is_right_and_shows_every_score_field():
    terms = read_portal_mapping(EXAMPLE)
    assert set(terms.kinds) == {"deal", "lead"}
    assert terms.deal is not None
    assert terms.deal.funnels == (0, 1)
    assert terms.deal.facts["steam_tph"] == Source(column="UF_CRM_1712000001")
    assert set(terms.write.fields) == {one.key for one in SCORE_FIELDS}
    assert terms.moves.stage("lead", "reject") == "JUNK"
    assert terms.moves.stage("lead", "deal") is None


def test_every_score_field_has_its_term():
    terms = WriteTerms(**{one.key: one.name for one in SCORE_FIELDS})
    assert terms.fields == {one.key: one.name for one in SCORE_FIELDS}


def test_a_short_mapping_is_enough():
    terms = read_portal_mapping_text('[deal.facts]\namount = "opportunity"')
    assert terms.lead is None
    assert terms.deal is not None
    assert terms.deal.outcome is not None
    assert terms.deal.outcome.closed_at == Source(column="movedTime")


def test_a_mapping_of_nothing_is_refused():
    assert faults_of('[write]\ngrade = "UF_CRM_GRADE"') == {"deal": "policy.missing"}


@pytest.mark.parametrize("column", ["stageId", "stageSemanticId", "closed", "closedate", "movedTime", "probability"])
def test_no_fact_is_read_from_what_the_end_of_a_deal_fills_in(column):
    assert faults_of(f'[deal.facts]\nrequest_text = "{column}"') == {"deal.facts.request_text.column": "mapping.leak"}


def test_no_fact_is_read_from_what_a_deal_brought():
    text = '[deal.facts]\namount = "UF_CRM_BROUGHT"\n[deal.outcome]\nrealised_profit = "UF_CRM_BROUGHT"'
    assert faults_of(text) == {"deal.facts.amount.column": "mapping.leak"}


def test_no_fact_is_read_from_our_own_answer():
    text = '[deal.extra]\nlast = "UF_CRM_GRADE"\n[write]\ngrade = "UF_CRM_GRADE"'
    assert faults_of(text) == {"deal.extra.last.column": "mapping.own_answer"}


def test_the_moment_a_deal_is_read_at_is_no_field_of_it():
    assert faults_of('[deal.facts]\nas_of = "updatedTime"') == {"deal.facts.as_of": "policy.unknown_fact"}


def test_a_score_is_written_to_user_fields_alone_and_to_each_once():
    text = '[deal.facts]\n[write]\nprobability = "PROBABILITY"\ngrade = "UF_CRM_A"\nverdict = "UF_CRM_A"'
    assert faults_of(text) == {"write.probability": "mapping.not_a_user_field", "write.verdict": "policy.duplicate"}


def test_moves_need_a_field_that_remembers_the_route():
    assert faults_of('[deal.facts]\n[moves.deal]\ncompany = "UC_NURTURE"') == {"moves": "mapping.moves_without_route"}


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("[file]\n[deal.facts]", "file", "policy.unknown_key"),
        ("[deal]\nfunnel = [1]", "deal.funnel", "policy.unknown_key"),
        ('[deal]\nfunnels = ["NEW"]', "deal.funnels[0]", "policy.wrong_type"),
        ('[lead.facts]\n[lead.outcome]\nclosed_at = "dateClosed"', "lead.outcome", "policy.unknown_key"),
        ('[deal.outcome]\nstatus = "stageId"', "deal.outcome.status", "policy.unknown_key"),
        ('[deal.facts]\ncost = "goods.costs"', "deal.facts.cost.column", "mapping.unknown_column"),
        ("[deal.facts]\namount = {}", "deal.facts.amount", "mapping.one_of_two"),
        ("deal = 1", "deal", "policy.wrong_type"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(text, key, code):
    assert faults_of(text)[key] == code
