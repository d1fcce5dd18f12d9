"""Which fact a field is taken for, by its title; and how its cells are then to be read."""

from collections.abc import Mapping, Sequence

import pytest

from mlscore.crm.bitrix24.items.fields import Entity, Fields, PortalField
from mlscore.crm.bitrix24.mapping import SCORE_FIELDS
from mlscore.crm.bitrix24.setup.proposing import Proposal, proposals, without_a_field
from mlscore.ports import ItemKind

STANDARD = {
    "createdTime": PortalField(type="datetime", title="Когда создан"),
    "opportunity": PortalField(type="double", title="Сумма"),
    "isReturnCustomer": PortalField(type="boolean", title="Повторный клиент"),
    "categoryId": PortalField(type="crm_category", title="Воронка"),
}
COMPANY = {"revenue": PortalField(type="double", title="Годовой оборот")}


def proposed(
    own: Mapping[str, tuple[str, str]],
    *,
    kind: ItemKind = "deal",
    company: Mapping[str, PortalField] = COMPANY,
    words: Mapping[str, str] | None = None,
) -> dict[str, Proposal]:
    """Return the proposals for a portal with these own fields: name to type and title."""
    fields: dict[Entity, Fields] = {
        kind: STANDARD | {n: PortalField(type=t, title=title, words=words or {}) for n, (t, title) in own.items()},
        "company": company,
    }
    return {one.fact: one for one in proposals(kind, fields)}


@pytest.mark.parametrize(
    ("title", "kind", "fact"),
    [
        ("Потребность в паре, т/ч", "double", "steam_tph"),
        ("Steam capacity (t/h)", "double", "steam_tph"),
        ("Паропроизводительность", "double", "steam_tph"),
        ("Потребность определена", "enumeration", "need_defined"),
        ("Need is defined", "boolean", "need_defined"),
        ("Бюджет выделен", "enumeration", "budget_allocated"),
        ("Сумма бюджета", "money", "budget_amount"),
        ("Бюджет, руб.", "double", "budget_amount"),
        ("Срок поставки", "date", "delivery_needed_by"),
        ("Delivery date", "date", "delivery_needed_by"),
        ("Срочно", "boolean", "asap"),
        ("Вид оборудования", "enumeration", "product_category"),
        ("В нашей номенклатуре", "boolean", "in_nomenclature"),
        ("Общались с ЛПР", "boolean", "role_economic"),
        ("Главный инженер в курсе", "boolean", "role_technical"),
        ("Себестоимость", "money", "cost"),
        ("Ожидаемая прибыль", "money", "profit_if_won"),
        ("Фактическая прибыль", "money", "realised_profit"),
        ("Реальная маржа", "double", "realised_profit"),
        ("Actual profit", "money", "realised_profit"),
        ("Пробный заказ", "boolean", "trial_order"),
        ("Регион", "string", "region"),
        ("Оборот группы", "money", "group_turnover_rub"),
    ],
)
def test_a_title_gives_the_fact_away(title: str, kind: str, fact: str) -> None:
    one = proposed({"UF_CRM_1": (kind, title)})[fact]
    assert (one.column, one.is_guess, one.title) == ("UF_CRM_1", True, title)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Прибыль", "money"),  # expected or realised? whoever guesses wrong teaches the model a leak
        ("Категория клиента", "enumeration"),
        ("Потребность в паре, т/ч", "file"),
        ("Параметры доставки", "string"),
        ("Номер договора", "string"),
    ],
)
def test_what_is_not_clear_is_not_guessed(title: str, kind: str) -> None:
    assert [one for one in proposed({"UF_CRM_1": (kind, title)}).values() if one.is_guess] == []


def test_our_own_answer_is_never_taken_for_a_fact() -> None:
    own = {one.name: (str(one.type), one.label_ru) for one in SCORE_FIELDS}
    assert [one for one in proposed(own).values() if one.is_guess] == []


def test_a_field_is_used_once_and_the_better_title_wins() -> None:
    found = proposed({"UF_CRM_1": ("money", "Сумма бюджета на весь проект"), "UF_CRM_2": ("money", "Сумма бюджета")})
    assert found["budget_amount"].column == "UF_CRM_2"
    assert [one.column for one in found.values()].count("UF_CRM_1") == 0


def test_a_companys_own_field_is_read_through_the_deal() -> None:
    company = {**COMPANY, "UF_CRM_9": PortalField(type="string", title="Регион")}
    assert proposed({}, company=company)["region"].column == "company.UF_CRM_9"


def test_a_firms_own_field_stands_before_the_standard_one() -> None:
    assert proposed({"UF_CRM_1": ("money", "Годовая выручка")})["annual_turnover_rub"].column == "UF_CRM_1"
    assert proposed({})["annual_turnover_rub"].column == "company.revenue"


def test_nought_is_an_unknown_amount() -> None:
    assert proposed({})["amount"].terms["unknown"] == ("0",)


def test_an_unticked_box_says_no_only_where_a_tick_is_the_exception() -> None:
    found = proposed({"UF_CRM_1": ("boolean", "Бюджет выделен"), "UF_CRM_2": ("boolean", "Срочно")})
    assert found["budget_allocated"].terms == {"levels": {"Y": "yes", "N": "unknown"}}
    assert found["asap"].terms == {}


def test_words_beside_yes_and_no_are_given_a_meaning_to_look_at() -> None:
    words = {"1": "Да, выделен", "2": "Нет", "3": "Собирают предложения", "4": "Не знаем", "5": "Уточняется"}
    terms = proposed({"UF_CRM_1": ("enumeration", "Бюджет")}, words=words)["budget_allocated"].terms
    assert terms["levels"] == {
        "Да, выделен": "yes",
        "Нет": "no",
        "Собирают предложения": "no",
        "Не знаем": "unknown",
        "Уточняется": "unknown",
    }


def test_ranges_of_employees_become_numbers() -> None:
    words = {"a": "менее 50", "b": "50-250", "c": "более 500", "d": "1 000 - 2 000", "e": "не указано"}
    company = {**COMPANY, "employees": PortalField(type="crm_status", title="Кол-во сотрудников", words=words)}
    terms = proposed({}, company=company)["employees"].terms
    assert terms["levels"] == {"менее 50": 25, "50-250": 150, "более 500": 500, "1 000 - 2 000": 1500}
    assert terms["unknown"] == ["не указано"]


def test_a_lead_has_no_outcome_and_no_funnel() -> None:
    found = proposed({"UF_CRM_1": ("money", "Фактическая прибыль")}, kind="lead")
    assert not {"realised_profit", "funnel", "cost"} & set(found)


@pytest.mark.parametrize(("kind", "facts"), [("lead", {"steam_tph", "industry"}), ("deal", {"budget_allocated"})])
def test_what_no_field_holds_is_named(kind: ItemKind, facts: Sequence[str]) -> None:
    fields: dict[Entity, Fields] = {kind: STANDARD, "company": COMPANY}
    assert set(facts) <= set(without_a_field(kind, proposals(kind, fields)))
