"""What is shown is the same when it comes back from the portal, whatever type the field is of."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.crm.bitrix24.card.holding import as_written, fitted, held, settled
from mlscore.crm.bitrix24.fake.fields import UserField
from mlscore.crm.bitrix24.fake.values import user_value
from mlscore.crm.bitrix24.items import PortalField
from mlscore.crm.bitrix24.mapping import FieldType

LEVELS = {41: "AAA", 42: "BBB", 43: "—"}
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\x85"), max_size=60)
TEXTS = st.lists(LINES, max_size=4).map("\n".join)


def through_the_portal(text: str, kind: FieldType, field_type: str, **of_field: object) -> tuple[str, str]:
    """Return what is to be shown, and what the portal shows once it was written."""
    own = UserField(number=1, name="UF_CRM_A", type=field_type, label="", levels=dict(LEVELS), **of_field)  # type: ignore[arg-type]  # a test gives what it likes
    words = {str(number): word for number, word in LEVELS.items()} if field_type == "enumeration" else {}
    known = PortalField(type=field_type, words=words)
    shown = fitted(settled(text, kind), known, "ru")
    kept = user_value(as_written(shown, known, "ru"), own)
    return shown, held(kept, kind, known, "ru")


@given(TEXTS)
def test_a_text_comes_back_from_a_string(text):
    shown, back = through_the_portal(text, "string", "string")
    assert back == shown


@given(st.sampled_from(["double", "string", "integer"]), st.integers(-(10**12), 10**12))
def test_a_whole_number_comes_back_from_any_field_that_holds_numbers(field_type, number):
    shown, back = through_the_portal(str(number), "double", field_type)
    assert back == shown == str(number)


@given(st.sampled_from(["datetime", "string"]), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - Hypothesis asks for bounds without a zone
def test_a_moment_comes_back_though_the_portal_tells_it_in_its_own_zone(field_type, naive):
    moment = naive.replace(tzinfo=timezone(timedelta(hours=5)))
    shown, back = through_the_portal(moment.isoformat(timespec="seconds"), "datetime", field_type)
    assert back == shown == moment.astimezone(UTC).isoformat(timespec="seconds")


@given(st.sampled_from(["url", "string"]), st.uuids())
def test_an_address_comes_back(field_type, name):
    shown, back = through_the_portal(f"https://score.example.ru/v1/scores/{name}", "url", field_type)
    assert back == shown


@pytest.mark.parametrize(("text", "shown"), [("AAA", "AAA"), ("bbb", "BBB"), ("—", "—"), ("CCC", ""), ("", "")])
def test_a_list_shows_its_own_word_or_nothing(text, shown):
    assert through_the_portal(text, "string", "enumeration") == (shown, shown)


@pytest.mark.parametrize(("text", "shown"), [("да", "да"), ("нет", "нет"), ("неизвестно", "нет")])
def test_a_yes_no_field_knows_no_unknown(text, shown):
    assert through_the_portal(text, "string", "boolean") == (shown, shown)


@pytest.mark.parametrize(("kind", "field_type"), [("double", "double"), ("datetime", "datetime"), ("string", "string")])
def test_what_is_emptied_comes_back_empty(kind, field_type):
    assert through_the_portal("", kind, field_type) == ("", "")


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_a_field_nobody_filled_in_shows_nothing(value):
    assert held(value, "double", PortalField(type="double"), "ru") == ""


@pytest.mark.parametrize("value", [63, 63.0, "63", "63.00", "63.0000"])
def test_a_number_shows_the_same_however_the_portal_writes_it(value):
    assert held(value, "double", PortalField(type="double"), "ru") == "63"


def test_lines_and_hard_blanks_are_written_as_a_portal_gives_them_back():
    assert settled("Прибыль 12\xa0000\u202f₽ \r\nне ниже", "string") == "Прибыль 12 000 ₽\nне ниже"
