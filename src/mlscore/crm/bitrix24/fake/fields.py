"""The standard fields of leads, deals, contacts and companies, and how user fields are named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mlscore.crm.bitrix24.fake.php import Json

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4
ENTITY_NAMES = {LEAD: "LEAD", DEAL: "DEAL", CONTACT: "CONTACT", COMPANY: "COMPANY"}
USER_FIELD_PREFIX = "UF_CRM_"

Fields = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Standard:
    """A field every portal has: its type, its title in the card, what it holds when nobody filled it in."""

    type: str
    title: str
    default: Json = None
    is_read_only: bool = False
    is_multiple: bool = False
    status_type: str | None = None


@dataclass(slots=True, kw_only=True)
class UserField:
    """A field a firm made for itself. `levels` holds a list's choices by their numbers."""

    number: int
    name: str
    type: str
    label: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    levels: dict[int, str] = field(default_factory=dict)
    is_multiple: bool = False
    sort: int = 100


def _read_only(kind: str, title: str) -> Standard:
    return Standard(kind, title, is_read_only=True)


_EVERY: dict[str, Standard] = {
    "id": _read_only("integer", "ID"),
    "createdTime": _read_only("datetime", "Когда создан"),
    "updatedTime": _read_only("datetime", "Когда обновлен"),
    "createdBy": Standard("user", "Кем создан", 1, is_read_only=True),
    "updatedBy": Standard("user", "Кем обновлен", 1, is_read_only=True),
    "assignedById": Standard("user", "Ответственный", 1),
    "opened": Standard("boolean", "Доступно для всех", "Y"),
    "title": Standard("string", "Название", ""),
    "comments": Standard("text", "Комментарий", ""),
    "sourceId": Standard("crm_status", "Источник", "", status_type="SOURCE"),
    "sourceDescription": Standard("text", "Дополнительно об источнике", ""),
    "webformId": Standard("integer", "Создано CRM-формой", 0),
    "originatorId": Standard("string", "Внешний источник"),
    "originId": Standard("string", "Идентификатор элемента во внешнем источнике"),
    "lastActivityBy": Standard("user", "Кем осуществлена последняя активность в таймлайне", 1, is_read_only=True),
    "lastActivityTime": _read_only("datetime", "Последняя активность"),
    "utmSource": Standard("string", "Рекламная система"),
    "utmMedium": Standard("string", "Тип трафика"),
    "utmCampaign": Standard("string", "Обозначение рекламной кампании"),
    "utmContent": Standard("string", "Содержание кампании"),
    "utmTerm": Standard("string", "Условие поиска кампании"),
    "observers": Standard("user", "Наблюдатели", (), is_multiple=True),
}
_SOLD: dict[str, Standard] = {
    "companyId": Standard("crm_company", "Компания", 0),
    "contactId": Standard("crm_contact", "Контакт", 0),
    "contactIds": Standard("crm_contact", "CONTACT_IDS", (), is_multiple=True),
    "stageSemanticId": Standard("string", "Группа стадии", "P", is_read_only=True),
    "opportunity": Standard("double", "Сумма", 0),
    "isManualOpportunity": Standard("boolean", "Режим расчета суммы", "N"),
    "currencyId": Standard("crm_currency", "Валюта", "RUB"),
    "isReturnCustomer": Standard("boolean", "Повторный клиент", "N"),
    "movedBy": Standard("user", "Кем передвинут", 1, is_read_only=True),
    "movedTime": _read_only("datetime", "Когда передвинут"),
}
_LEAD: dict[str, Standard] = {
    "stageId": Standard("crm_status", "Стадия", "NEW", status_type="STATUS"),
    "companyTitle": Standard("string", "Название компании", ""),
    "name": Standard("string", "Имя", ""),
    "lastName": Standard("string", "Фамилия", ""),
    "secondName": Standard("string", "Отчество", ""),
    "post": Standard("string", "Должность", ""),
    "address": Standard("string", "Адрес"),
    "dateClosed": _read_only("datetime", "Дата завершения"),
    "hasPhone": Standard("boolean", "Задан телефон", "N"),
    "hasEmail": Standard("boolean", "Задан e-mail", "N"),
    "fm": Standard("crm_multifield", "Связь", (), is_multiple=True),
}
_DEAL: dict[str, Standard] = {
    "stageId": Standard("crm_status", "Стадия", "NEW", status_type="DEAL_STAGE"),
    "categoryId": Standard("crm_category", "Воронка", 0),
    "leadId": Standard("crm_lead", "Лид"),
    "quoteId": Standard("crm_quote", "Предложение"),
    "typeId": Standard("crm_status", "Тип", "SALE", status_type="DEAL_TYPE"),
    "closed": Standard("boolean", "Закрыта", "N"),
    "isNew": Standard("boolean", "Новая сделка", "Y", is_read_only=True),
    "isRecurring": Standard("boolean", "Регулярная сделка", "N"),
    "isRepeatedApproach": Standard("boolean", "Повторное обращение", "N"),
    "taxValue": Standard("double", "Сумма налога", 0),
    "probability": Standard("integer", "Вероятность"),
    "begindate": Standard("date", "Дата начала"),
    "closedate": Standard("date", "Дата завершения"),
    "additionalInfo": Standard("string", "Дополнительная информация", ""),
}
_COMPANY: dict[str, Standard] = {
    "typeId": Standard("crm_status", "Тип компании", "CUSTOMER", status_type="COMPANY_TYPE"),
    "industry": Standard("crm_status", "Сфера деятельности", "", status_type="INDUSTRY"),
    "employees": Standard("crm_status", "Кол-во сотрудников", "", status_type="EMPLOYEES"),
    "revenue": Standard("double", "Годовой оборот", 0),
    "currencyId": Standard("crm_currency", "Валюта", "RUB"),
    "address": Standard("string", "Адрес"),
    "fm": Standard("crm_multifield", "Связь", (), is_multiple=True),
}
_CONTACT: dict[str, Standard] = {
    "name": Standard("string", "Имя", ""),
    "lastName": Standard("string", "Фамилия", ""),
    "secondName": Standard("string", "Отчество", ""),
    "post": Standard("string", "Должность", ""),
    "companyId": Standard("crm_company", "Компания", 0),
    "companyIds": Standard("crm_company", "COMPANY_IDS", (), is_multiple=True),
    "fm": Standard("crm_multifield", "Связь", (), is_multiple=True),
}
STANDARD: Mapping[int, Mapping[str, Standard]] = {
    LEAD: {**_EVERY, **_SOLD, **_LEAD},
    DEAL: {**_EVERY, **_SOLD, **_DEAL},
    CONTACT: {**_EVERY, **_CONTACT},
    COMPANY: {**_EVERY, **_COMPANY},
}

_NEVER_FILTERED = frozenset({"fm"})


def camel(name: str) -> str:
    """Return a user field's other name, which is not regular: ufCrm_1720019876534, ufCrm2_1639669411830."""
    parts = name.lower().split("_")
    if re.fullmatch(r"UF_CRM_\d+_\d+", name):
        return f"ufCrm{parts[2]}_{parts[3]}"
    head, *rest = parts
    return head + "".join(f"_{part}" if part[:1].isdigit() else part.capitalize() for part in rest)


def upper(name: str) -> str:
    """Return a standard field's name in old methods: stageId is STAGE_ID."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def filterable(kind: int) -> Mapping[str, Standard]:
    """Return the standard fields an item may be sought by."""
    return {name: one for name, one in STANDARD[kind].items() if name not in _NEVER_FILTERED}


def blank(kind: int) -> Fields:
    """Return an item's standard fields before anybody filled in anything."""
    return {
        name: list(one.default) if isinstance(one.default, tuple) else one.default
        for name, one in STANDARD[kind].items()
    }
