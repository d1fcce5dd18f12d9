"""Codes become sentences, their values written as the reader's language does."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from hypothesis import given
from hypothesis import strategies as st

from mlscore.scoring.policy import default_policy
from mlscore.texts import LANGUAGES, UnknownCodeError, money, number, percent, pieces, say
from mlscore.texts.formats import points, to_a_tenth_of_a_point
from tests.scoring.policy.documents import a_criterion, a_document, faults_of


def plain(text):
    """Return a text with every no-break space as a space, as a person would type it."""
    return text.replace("\u00a0", " ")


def test_a_sentence_is_said_in_both_languages():
    assert plain(say("rule.floor.no", "ru", profit=499_999, floor=500_000)) == (
        "Прибыль 4 999,99 ₽ ниже минимума 5 000 ₽."
    )
    assert plain(say("rule.floor.no", "en", profit=499_999, floor=500_000)) == (
        "The profit of RUB 4,999.99 is below the floor of RUB 5,000."
    )


def test_a_criterion_is_said_in_its_own_words():
    criterion = default_policy().criteria[0]
    assert say("rule.criterion.no", "ru", text=criterion.text_ru) == "Критерий «объём пара больше 3 т/ч» не выполнен."


@pytest.mark.parametrize(
    ("minor", "currency", "ru", "en"),
    [
        (123_456_750, "RUB", "1 234 567,50 ₽", "RUB 1,234,567.50"),
        (-50_000, "USD", "-500 $", "-$500"),
        (1, "EUR", "0,01 €", "€0.01"),
        (249_999.6, "RUB", "2 500 ₽", "RUB 2,500"),
        (float("nan"), "RUB", "—", "—"),
    ],
)
def test_money_is_written_from_minor_units(minor, currency, ru, en):
    assert (plain(money(minor, "ru", currency)), plain(money(minor, "en", currency))) == (ru, en)


def test_numbers_and_shares_are_written_by_locale():
    assert (plain(number(1234.5, "ru")), number(1234.5, "en")) == ("1 234,5", "1,234.5")
    assert (plain(percent(0.6, "ru")), percent(0.6, "en")) == ("60 %", "60%")
    assert (number(float("inf"), "ru"), percent(float("nan"), "en")) == ("—", "—")


@pytest.mark.parametrize(
    "to", [date(2026, 3, 1), datetime(2026, 3, 1, 9, tzinfo=UTC), "2026-03-01", float(date(2026, 3, 1).toordinal())]
)
def test_a_day_is_written_from_whatever_carries_it(to):
    assert say("step.delivery_needed_by", "ru", to=to) == "Договоритесь о поставке к 01.03.2026."
    assert say("step.delivery_needed_by", "en", to=to) == "Agree a delivery by 1 Mar 2026."


def test_a_limit_that_is_not_set_is_not_said():
    assert say("rule.budget.yes", "en", budget_min=None) == "The budget is allocated and its amount is known."
    said = plain(say("rule.budget.yes", "en", budget_min=10_000_000))
    assert said == "The budget is allocated and its amount is known (at least RUB 100,000 is needed)."


def test_a_moved_probability_is_said_in_points():
    assert plain(say("model.reason.down", "ru", fact="budget_allocated", points=-0.114)) == (
        "бюджет выделен: вероятность ниже на 11,4 п. п."
    )


def test_a_custom_fact_is_named_as_it_is_given():
    assert "возраст котла" in say("model.reason.up", "ru", fact="возраст котла", points=0.1)


def test_a_fault_names_the_kinds_of_values():
    said = say("policy.wrong_type", "ru", key="prior.worth_deals", given="text", right="number|list")
    assert said == "Вид значения «prior.worth_deals» не подходит. Дано: текст; нужно: число / список."


def test_values_without_a_kind_are_written_by_their_type():
    assert say("policy.capacity", "en", key=True, given=1234.5, right=date(2026, 3, 1)).startswith(
        "“yes” is 1,234.5, but must be 1 Mar 2026"
    )
    assert "1 Mar 2026 09:30" in say("policy.capacity", "en", given=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))


def test_a_text_where_a_number_belongs_is_said_as_it_is():
    assert say("error.policy", "en", count="many").startswith("The policy has faults, many in all.")


def test_a_value_that_is_not_known_is_said_as_a_dash():
    assert plain(say("rule.floor.yes", "ru", floor=500_000)) == "Прибыль — не ниже минимума 5 000 ₽."


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_code_is_said_as_itself_and_is_an_error_where_pieces_are_asked_for(language):
    assert say("rule.nobody.wrote.this", language) == "rule.nobody.wrote.this"
    with pytest.raises(UnknownCodeError, match=r"rule\.nobody"):
        pieces("rule.nobody.wrote.this", language)


def test_braces_in_a_value_are_not_read_as_placeholders():
    assert say("rule.criterion.yes", "en", text="{key} {0}") == "The criterion “{key} {0}” is met."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_policy_can_be_said_whole(language):
    document = a_document(
        unheard_of=1,
        name="",
        currency="roubles",
        timezone="Mars",
        nontarget_client_request="maybe",
        economics={"closed_capacity": 0, "win_rate": "half", "floor": "0.001", "worked_capacity": 0},
        criteria=[
            a_criterion(field="steam"),
            a_criterion(op="is", value="x"),
            a_criterion(field="created_at", text_en="\0"),
        ],
        industries=[{"code": "a", "target": True}, {"code": "b", "synonyms": ["A"]}],
        custom_facts=[{"name": "X", "kind": "number", "levels": ["a"]}],
    )
    faults = faults_of(document)
    assert len({fault.code for fault in faults}) > 14
    for fault in faults:
        needed = {name for _, name, _ in pieces(fault.code, language) if name}
        assert needed <= {"key", *fault.params}
        assert "—" not in say(fault.code, language, key=fault.key, **fault.params)


@given(st.one_of(st.floats(-1, 1), st.integers(-(10**5), 10**5).map(lambda hundredths: hundredths / 10**5)))
def test_an_effect_told_to_a_tenth_of_a_point_reads_as_it_did(effect):
    assert points(to_a_tenth_of_a_point(effect), "ru") == points(effect, "ru")


@given(
    value=st.one_of(
        st.floats(-1e12, 1e12), st.integers(-(10**15), 10**15), st.decimals(-100, 100, places=4).map(float)
    ),
    currency=st.sampled_from(["RUB", "USD", "EUR", "KZT", "JPY", "XYZ"]),
    language=st.sampled_from(LANGUAGES),
)
def test_figures_are_written_as_babel_writes_them(value, currency, language):
    locale = Locale.parse(language)
    plain = format_decimal(value, locale=locale)
    assert number(value, language) == (plain if any(digit in plain for digit in "123456789") else "0")  # it has a "-0"
    assert points(value, language) == format_decimal(abs(value) * 100, "#,##0.#", locale=locale)
    pattern = locale.currency_formats["standard"].pattern
    if get_currency_symbol(currency, locale=locale)[-1].isalpha():
        pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
    whole = round(value)
    if whole % 100 == 0:
        pattern = pattern.replace(".00", "")
    written = format_currency(Decimal(whole) / 100, currency, pattern, locale=locale, currency_digits=False)
    assert money(value, language, currency) == written
