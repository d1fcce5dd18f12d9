"""An item is moved once, when its route changes, and only where the policy lets us."""

from collections.abc import Mapping
from typing import Any

import pytest

from mlscore.crm.bitrix24.card.moving import stage_for
from mlscore.crm.bitrix24.mapping import read_portal_mapping_text
from mlscore.ports import Item, ItemKind, SeenItem
from mlscore.scoring.deal import Deal
from mlscore.scoring.policy import Policy
from tests.builders import FIRE, a_deal, a_policy
from tests.crm.bitrix24.card.receipts import a_receipt

TERMS = read_portal_mapping_text(
    '[deal.facts]\n[lead.facts]\n[write]\nroute = "UF_CRM_ROUTE"\n'
    '[moves.lead]\ncompany = "UC_NURTURE"\nreject = "JUNK"\n[moves.deal]\ncompany = "C1:NURTURE"'
)
MOVING = a_policy(crm={"automatic_moves": True})
COMPANY = a_deal(**{**FIRE, "in_nomenclature": False})
IS_COMPANY = "В группу компаний"


def stage(
    *,
    kind: ItemKind = "lead",
    facts: Deal = COMPANY,
    route: Mapping[str, str] | None = None,
    policy: Policy = MOVING,
    is_open: bool = True,
    at: str = "NEW",
    funnel: str = "0",
) -> Any:
    now = {"UF_CRM_ROUTE": ""} if route is None else route
    seen = SeenItem(item=Item(kind=kind, item_id="1"), deal=facts, is_open=is_open)
    return stage_for(seen, a_receipt(facts), now, TERMS, policy, stage=at, funnel=funnel)


def test_a_new_route_moves_a_lead_to_its_stage():
    assert stage() == "UC_NURTURE"
    assert stage(route={"UF_CRM_ROUTE": "В воронку сделок"}) == "UC_NURTURE"


def test_a_route_that_stays_moves_nothing_wherever_a_person_put_the_lead():
    assert stage(route={"UF_CRM_ROUTE": IS_COMPANY}, at="IN_PROCESS") is None


def test_nothing_moves_unless_the_policy_says_so():
    assert stage(policy=a_policy()) is None


@pytest.mark.parametrize("facts", [a_deal(**FIRE), a_deal()], ids=["deal", "undetermined"])
def test_a_route_without_a_stage_moves_nothing(facts):
    assert stage(facts=facts) is None


def test_what_ended_is_never_moved():
    assert stage(is_open=False) is None


def test_what_is_there_already_is_not_moved():
    assert stage(at="UC_NURTURE") is None


def test_a_deal_is_not_moved_to_another_funnel():
    assert stage(kind="deal", funnel="1", at="C1:NEW") == "C1:NURTURE"
    assert stage(kind="deal", funnel="0", at="NEW") is None


def test_where_the_portal_lost_the_field_that_remembers_the_route_nothing_moves():
    assert stage(route={}) is None
