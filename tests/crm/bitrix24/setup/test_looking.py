"""What is seen of a portal before it is connected, and which fields are made there."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from mlscore.crm.bitrix24.client import Portal, open_portal
from mlscore.crm.bitrix24.fake import Served, serve_portal
from mlscore.crm.bitrix24.fake.fields import DEAL, LEAD
from mlscore.crm.bitrix24.mapping import SCORE_FIELDS
from mlscore.crm.bitrix24.setup.creating import create_fields, missing_fields
from mlscore.crm.bitrix24.setup.looking import Look, Right, fields_of, look_at, newest_open
from mlscore.outgoing import Allowed
from tests.crm.bitrix24.fake.portals import a_portal

LOOPBACK = Allowed.of("127.0.0.0/8, http://127.0.0.1")


@contextmanager
def opened() -> Iterator[tuple[Served, Portal]]:
    with serve_portal(a_portal()) as served:
        served.admin.found(leads=2, deals=4, closed=2)
        with open_portal(SecretStr(served.webhook), allowed=LOOPBACK) as portal:
            yield served, portal


def rights(look: Look) -> dict[Right, bool]:
    return {check.right: check.holds for check in look.checks}


def test_a_good_webhook_may_do_everything_and_nothing_was_changed() -> None:
    with opened() as (served, portal):
        before = [dict(item) for item in served.portal.state.items[DEAL].values()]
        look = look_at(portal)
        assert list(served.portal.state.items[DEAL].values()) == before
    assert set(rights(look).values()) == {True}
    assert look.is_enough
    assert (look.owner, look.kinds) == ("Вадим Валеев", ("deal", "lead"))
    assert [funnel.name for funnel in look.funnels] == ["Продажи оборудования", "Сервис и запчасти"]
    assert [stage.code for stage in look.lead_stages if stage.is_final] == ["CONVERTED", "JUNK"]


def test_who_may_not_write_is_told_before_anything_is_to_be_written() -> None:
    with opened() as (served, portal):
        served.portal.faults.may_write = False
        look = look_at(portal)
    assert not look.is_enough
    assert not rights(look)["writing"]


@pytest.mark.parametrize(("scopes", "right", "is_enough"), [(["crm"], "costs", True), (["catalog"], "crm", False)])
def test_a_scope_that_is_missing_is_named(scopes: list[str], right: Right, is_enough: bool) -> None:
    with opened() as (served, portal):
        served.portal.faults.set("scopes", scopes)
        look = look_at(portal)
    assert (rights(look)[right], look.is_enough) == (False, is_enough)


def test_without_leads_deals_alone_are_scored() -> None:
    with opened() as (served, portal):
        served.portal.state.has_leads = False
        assert look_at(portal).kinds == ("deal",)


def test_who_is_no_administrator_goes_on_without_making_fields() -> None:
    with opened() as (served, portal):
        served.portal.state.profile["ADMIN"] = False
        look = look_at(portal)
        assert (look.is_enough, rights(look)["fields"]) == (True, False)
        missing = missing_fields(look.kinds, fields_of(portal, look.kinds))
        refused = create_fields(portal, missing)
    assert [one.field for one in refused] == [one.field for one in missing]
    assert all("Access denied" in (one.refused or "") for one in refused)


def test_the_missing_score_fields_are_made_once_with_their_titles_and_kinds() -> None:
    with opened() as (served, portal):
        missing = missing_fields(("deal", "lead"), fields_of(portal, ("deal", "lead")))
        assert create_fields(portal, missing) == []
        assert missing_fields(("deal", "lead"), fields_of(portal, ("deal", "lead"))) == []
        for kind in (DEAL, LEAD):
            own = served.portal.state.user_fields[kind]
            assert [(own[one.name].type, own[one.name].label) for one in SCORE_FIELDS] == [
                (one.type, one.label_ru) for one in SCORE_FIELDS
            ]


def test_fields_come_with_the_words_of_their_lists() -> None:
    with opened() as (_, portal):
        fields = fields_of(portal, ("deal",))
    assert set(fields["deal"]["UF_CRM_1712000005"].words.values()) == {"Да", "Нет"}
    assert "Пивоварение" in fields["company"]["industry"].words.values()
    assert fields["deal"]["UF_CRM_1712000001"].title == "Потребность в паре, т/ч"


def test_the_newest_open_deals_of_the_chosen_funnels_are_rehearsed() -> None:
    with opened() as (served, portal):
        last = max(served.portal.state.items[DEAL])
        served.admin.close(item=last, won=True)
        assert newest_open(portal, "deal", funnels=[0], count=2) == [str(last - 1), str(last - 2)]
        assert newest_open(portal, "deal", funnels=[1], count=2) == []
