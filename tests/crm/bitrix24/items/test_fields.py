"""The words of a portal's lists are asked for once, and again when they may have changed."""

import httpx2
import pytest

from mlscore.crm.bitrix24.client import Portal
from mlscore.crm.bitrix24.client.bucket import Bucket, Pace
from mlscore.crm.bitrix24.items import FieldBook, read_fields
from mlscore.scoring.errors import UnreachableError
from tests.crm.bitrix24.crms import calling
from tests.crm.bitrix24.fake.portals import Clock, a_portal

USED = {
    "deal": frozenset({"sourceId", "opportunity", "UF_CRM_1712000005", "UF_NOWHERE"}),
    "company": frozenset({"industry"}),
}


def test_fields_come_with_their_types_and_the_words_of_those_that_are_used():
    caller, asked = calling(a_portal())
    fields = read_fields(caller, USED)
    assert fields["deal"]["opportunity"].type == "double"
    assert fields["deal"]["sourceId"].words["WEB"] == "Веб-сайт"
    assert set(fields["deal"]["UF_CRM_1712000005"].words.values()) == {"Да", "Нет"}
    assert fields["company"]["industry"].words["UC_BREW"] == "Пивоварение"
    assert fields["deal"]["stageId"].words == {}
    assert "UF_NOWHERE" not in fields["deal"]
    assert [method for method, _ in asked] == ["batch", "batch"]


def test_the_words_of_a_list_lead_back_to_what_is_written():
    fields = read_fields(calling(a_portal())[0], USED)
    need = fields["deal"]["UF_CRM_1712000005"]
    assert need.words[str(need.code_of("да"))] == "Да"
    assert need.code_of("может быть") is None


def test_fields_are_asked_for_once_an_hour_and_when_they_proved_wrong():
    clock = Clock()
    caller, asked = calling(a_portal())
    book = FieldBook(caller, {"deal": frozenset()}, ticks=clock.monotonic)
    assert asked == []
    assert book.of("deal") is book.of("deal")
    assert book.of("company") == {}
    assert len(asked) == 1
    clock.wait(3_600)
    book.of("deal")
    assert len(asked) == 2
    book.forget()
    book.of("deal")
    assert len(asked) == 3


@pytest.mark.parametrize(
    "told", [[], {}, {"fields": {}}, {"fields": "none"}, {"fields": {"id": 5}}, {"fields": {"id": {"items": [7]}}}]
)
def test_what_are_no_fields_is_told_of_the_portal_and_not_taken_for_fields(told):
    answer = {"result": {"result": {"deal": told}}}
    client = httpx2.Client(
        base_url="https://firm.bitrix24.ru/rest/1/code/",
        transport=httpx2.MockTransport(lambda _: httpx2.Response(200, json=answer)),
    )
    portal = Portal(client, "firm.bitrix24.ru", Bucket(Pace()))
    with pytest.raises(UnreachableError, match="fields otherwise"):
        FieldBook(portal, {"deal": frozenset({"id"})}).of("deal")
