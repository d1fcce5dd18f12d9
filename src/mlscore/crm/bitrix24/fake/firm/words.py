"""The made-up firm: a seller of steam equipment, its funnels, directories, fields and clients, in its own words."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.crm.bitrix24.fake.state import Stage

SUPPLIED = (
    "Паровой котёл",
    "Конденсатоотводчик",
    "Запорная арматура",
    "Регулирующий клапан",
    "Теплообменник",
    "Пароучёт",
    "Конденсатный насос",
    "Сервис и монтаж",
)
NOT_SUPPLIED = ("Водоподготовка", "Электрокотёл", "Трубы и фитинги")
MARGINS = dict(zip(SUPPLIED, (0.12, 0.3, 0.22, 0.28, 0.18, 0.25, 0.2, 0.35), strict=True))

TARGET = {
    "UC_DAIRY": "Молочная промышленность",
    "UC_MEAT": "Мясопереработка",
    "UC_BREW": "Пивоварение",
    "UC_BREAD": "Хлебопечение",
    "UC_CHEM": "Химическая промышленность",
    "UC_PHARMA": "Фармацевтика",
    "UC_OIL": "Нефтепереработка",
    "UC_PAPER": "Целлюлозно-бумажная промышленность",
    "UC_TEXTILE": "Текстильная промышленность",
    "UC_BUILD": "Стройматериалы",
}
NOT_TARGET = {
    "UC_RETAIL": "Розничная торговля",
    "UC_SERVICE": "Услуги",
    "UC_HOUSING": "ЖКХ",
    "UC_AGRO": "Сельское хозяйство",
    "UC_EDU": "Образование",
}
EMPLOYEES = {
    "EMPLOYEES_1": "менее 50",
    "EMPLOYEES_2": "50-250",
    "EMPLOYEES_3": "250-500",
    "EMPLOYEES_4": "более 500",
}
SOURCES = {
    "CALL": "Звонок",
    "EMAIL": "Электронная почта",
    "WEB": "Веб-сайт",
    "TRADE_SHOW": "Выставка",
    "RECOMMENDATION": "По рекомендации",
    "UC_TENDER": "Тендерная площадка",
}
REGIONS = ("Москва", "Санкт-Петербург", "Нижегородская область", "Татарстан", "Свердловская область", "Краснодар")
FORMS = ("ООО", "АО", "ПАО")
ROOTS = ("Волжский", "Северный", "Уральский", "Донской", "Невский", "Сибирский", "Камский", "Окский", "Балтийский")
WORKS = {
    "UC_DAIRY": "молочный комбинат",
    "UC_MEAT": "мясокомбинат",
    "UC_BREW": "пивзавод",
    "UC_BREAD": "хлебозавод",
    "UC_CHEM": "химический завод",
    "UC_PHARMA": "фармацевтический завод",
    "UC_OIL": "нефтеперерабатывающий завод",
    "UC_PAPER": "бумажный комбинат",
    "UC_TEXTILE": "текстильный комбинат",
    "UC_BUILD": "завод стройматериалов",
    "UC_RETAIL": "торговый дом",
    "UC_SERVICE": "сервисный центр",
    "UC_HOUSING": "жилкомсервис",
    "UC_AGRO": "агрохолдинг",
    "UC_EDU": "технический университет",
}
POSTS = ("Главный инженер", "Главный энергетик", "Директор по закупкам", "Технический директор", "Финансовый директор")
NAMES = ("Иван", "Олег", "Анна", "Мария", "Пётр", "Елена", "Сергей", "Ольга")
LAST_NAMES = ("Волков", "Орлова", "Зайцев", "Белова", "Соколов", "Крылова", "Медведев", "Лебедева")
REQUESTS = (
    "Нужно заменить котёл к отопительному сезону, старый не держит давление.",
    "Просят подобрать конденсатоотводчики, пар уходит в конденсатную линию.",
    "Запрос коммерческого предложения на арматуру паропровода.",
    "Реконструкция цеха: пар, конденсат, учёт. Смета утверждена.",
    "Собирают предложения на будущий год.",
)


@dataclass(frozen=True, slots=True)
class Own:
    """A field the firm made in the portal, which named it by the second in which it was made."""

    meaning: str
    name: str
    type: str
    label: str
    levels: tuple[str, ...] = ()


_YES_NO = ("Да", "Нет")
_CATEGORIES = (*SUPPLIED, *NOT_SUPPLIED)
DEAL_FIELDS = (
    Own("steam", "UF_CRM_1712000001", "double", "Потребность в паре, т/ч"),
    Own("category", "UF_CRM_1712000002", "enumeration", "Категория оборудования", _CATEGORIES),
    Own("nomenclature", "UF_CRM_1712000003", "enumeration", "В нашей номенклатуре", _YES_NO),
    Own("request", "UF_CRM_1712000004", "string", "Что нужно клиенту"),
    Own("need", "UF_CRM_1712000005", "enumeration", "Потребность определена", _YES_NO),
    Own("coverage", "UF_CRM_1712000006", "double", "Закрываем потребность, %"),
    Own("budget", "UF_CRM_1712000007", "enumeration", "Бюджет выделен", _YES_NO),
    Own("budget_amount", "UF_CRM_1712000008", "money", "Сумма бюджета"),
    Own("deliver_by", "UF_CRM_1712000009", "date", "Срок поставки"),
    Own("asap", "UF_CRM_1712000010", "boolean", "Нужно срочно"),
    Own("economic", "UF_CRM_1712000011", "enumeration", "Контакт с ЛПР (экономический покупатель)", _YES_NO),
    Own("technical", "UF_CRM_1712000012", "enumeration", "Контакт с техническим специалистом", _YES_NO),
    Own("user", "UF_CRM_1712000013", "enumeration", "Контакт с пользователем оборудования", _YES_NO),
    Own("cost", "UF_CRM_1712000014", "money", "Себестоимость"),
    Own("trial", "UF_CRM_1712000015", "boolean", "Пробный заказ"),
    Own("prospects", "UF_CRM_1712000016", "money", "Потенциал клиента (прибыль)"),
    Own("profit", "UF_CRM_1712000017", "money", "Фактическая прибыль"),
)
_ON_LEADS = {"steam", "category", "nomenclature", "request"}
LEAD_FIELDS = tuple(own for own in DEAL_FIELDS if own.meaning in _ON_LEADS)
COMPANY_FIELDS = (Own("region", "UF_CRM_1712000101", "string", "Регион"),)

FUNNELS = (
    {"id": 0, "name": "Продажи оборудования", "sort": 100, "entityTypeId": 2, "isDefault": "Y"},
    {
        "id": 1,
        "name": "Сервис и запчасти",
        "sort": 200,
        "entityTypeId": 2,
        "isDefault": "N",
        "originId": "",
        "originatorId": "",
    },
)


def _stage(directory: str, code: str, name: str, semantics: str | None = None, extra: str = "process") -> Stage:
    is_system = code.rpartition(":")[2] in {"NEW", "WON", "LOSE", "CONVERTED", "JUNK"}
    return Stage(directory=directory, code=code, name=name, semantics=semantics, extra=extra, is_system=is_system)


_LEAD_STAGES = (
    _stage("STATUS", "NEW", "Не обработан"),
    _stage("STATUS", "IN_PROCESS", "Квалификация"),
    _stage("STATUS", "UC_REVIEW", "На рассмотрении руководителя"),
    _stage("STATUS", "UC_NURTURE", "Взращивание потребности"),
    _stage("STATUS", "CONVERTED", "Качественный лид", "S", "success"),
    _stage("STATUS", "JUNK", "Брак", "F", "failure"),
)


def _deal_stages(directory: str, prefix: str) -> tuple[Stage, ...]:
    return (
        _stage(directory, f"{prefix}NEW", "Новая"),
        _stage(directory, f"{prefix}PREPARATION", "Подготовка предложения"),
        _stage(directory, f"{prefix}EXECUTING", "Согласование"),
        _stage(directory, f"{prefix}FINAL_INVOICE", "Счёт на оплату"),
        _stage(directory, f"{prefix}WON", "Сделка успешна", "S", "success"),
        _stage(directory, f"{prefix}LOSE", "Сделка провалена", "F", "failure"),
        _stage(directory, f"{prefix}APOLOGY", "Анализ причины провала", "F", "apology"),
    )


def _entries(directory: str, codes: dict[str, str]) -> tuple[Stage, ...]:
    return tuple(Stage(directory=directory, code=code, name=name) for code, name in codes.items())


DIRECTORIES = (
    *_LEAD_STAGES,
    *_deal_stages("DEAL_STAGE", ""),
    *_deal_stages("DEAL_STAGE_1", "C1:"),
    *_entries("INDUSTRY", TARGET | NOT_TARGET),
    *_entries("EMPLOYEES", EMPLOYEES),
    *_entries("SOURCE", SOURCES),
    *_entries("DEAL_TYPE", {"SALE": "Продажа", "SERVICE": "Сервис"}),
    *_entries("COMPANY_TYPE", {"CUSTOMER": "Клиент"}),
)
