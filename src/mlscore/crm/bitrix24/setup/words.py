"""By which words a person's title of a field gives away the fact it holds, in Russian and English."""

from __future__ import annotations

import re
from dataclasses import dataclass

TEXTS = frozenset(("string", "text", "enumeration", "crm_status", "iblock_element"))
CHOICES = frozenset(("enumeration", "crm_status", "string"))
YES_NO = frozenset(("boolean", "enumeration"))
NUMBERS = frozenset(("double", "integer", "string"))
MONEY = frozenset(("money", "double", "integer"))
DATES = frozenset(("date", "datetime"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """How a fact is found: by words of a title, in fields of these types; `but_not` are words of its neighbours."""

    fact: str
    words: str
    types: frozenset[str]
    but_not: str = ""

    def fits(self, title: str, kind: str) -> int:
        """Return how well a field fits, 0 where it does not: the more of its title the words make up, the better."""
        folded = title.casefold().replace("ё", "е")
        found = re.search(self.words, folded)
        if kind not in self.types or found is None or (self.but_not and re.search(self.but_not, folded)):
            return 0
        return 1 + round(100 * len(found[0]) / len(folded))


REALISED = (
    r"(?:факт|реальн|получен|итогов)\w* (?:прибыл|марж)\w*|(?:прибыл|марж)\w* (?:факт|реальн|итогов)\w*"
    r"|(?:actual|realised|realized|final) (?:profit|margin)"
)
"""What a deal brought in the end: the outcome's, and no fact of it."""

CLUES: tuple[Clue, ...] = (
    Clue(fact="steam_tph", words=r"т/ч|паропроизвод|\bпар(?:а|у|е)?\b|steam|t/h", types=NUMBERS),
    Clue(
        fact="product_category",
        words=r"категори\w+|(?:вид|тип|группа) (?:оборудован|продук|товар)\w*|product (?:category|group|type)",
        types=CHOICES,
        but_not=r"клиент|client|customer",
    ),
    Clue(fact="in_nomenclature", words=r"номенклатур\w*|nomenclature|we supply|in (?:our )?range", types=YES_NO),
    Clue(
        fact="request_text",
        words=r"что нужно|запрос\w*|описание (?:потреб|задач|заявк)\w*|request|what (?:is )?need",
        types=frozenset(("string", "text")),
    ),
    Clue(
        fact="need_coverage",
        words=r"(?:закрыва|покрыва|охват|доля)\w* (?:потребност\w*)?|need coverage|share of (?:the )?need",
        types=NUMBERS,
    ),
    Clue(
        fact="need_defined",
        words=r"потребност\w* (?:определ|выявл|сформир|понятн)\w*|need (?:is )?(?:defined|clear|known)",
        types=YES_NO,
    ),
    Clue(
        fact="budget_allocated",
        words=r"бюджет\w*(?: (?:выделен|утвержд|согласов|есть)\w*)?|budget(?: (?:is )?(?:allocated|approved|set))?",
        types=YES_NO,
    ),
    Clue(
        fact="budget_amount",
        words=r"(?:сумма|размер|объем) бюджет\w*|бюджет\w*(?:, руб\w*)?|budget(?: amount| size)?",
        types=MONEY,
    ),
    Clue(
        fact="delivery_needed_by",
        words=r"(?:срок|дата) (?:поставк|отгрузк|запуск)\w*|нужн\w+ (?:к|до)|deliver\w* (?:date|by)|needed by",
        types=DATES,
    ),
    Clue(fact="asap", words=r"срочн\w*|asap|urgent", types=YES_NO),
    Clue(
        fact="role_economic",
        words=r"лпр|экономическ\w+ покупател\w*|финансов\w+ директор|decision maker|economic buyer",
        types=YES_NO,
    ),
    Clue(
        fact="role_technical",
        words=r"технич\w+ (?:специалист|покупател|директор)\w*|(?:главн\w+ )?инженер|technical buyer|engineer",
        types=YES_NO,
    ),
    Clue(fact="role_user", words=r"пользовател\w*(?: оборудован\w*)?|эксплуатац\w*|end user|user buyer", types=YES_NO),
    Clue(fact="cost", words=r"себестоимост\w*|закуп\w+ (?:цена|стоимость)|\bcosts?\b", types=MONEY),
    Clue(
        fact="profit_if_won",
        words=r"(?:ожидаем|планов|расчетн)\w* (?:прибыл|марж)\w*|(?:expected|planned) (?:profit|margin)",
        types=MONEY,
    ),
    Clue(fact="trial_order", words=r"пробн\w+|тестов\w+ заказ|trial", types=YES_NO),
    Clue(
        fact="prospects_profit",
        words=r"потенциал\w*|перспектив\w*|prospect\w*|potential",
        types=MONEY,
    ),
    Clue(fact="realised_profit", words=REALISED, types=MONEY),
    Clue(
        fact="group_turnover_rub",
        words=r"оборот (?:группы|холдинга)|выручка (?:группы|холдинга)|group (?:turnover|revenue)",
        types=MONEY,
    ),
    Clue(
        fact="annual_turnover_rub",
        words=r"(?:годов\w+ )?(?:оборот|выручк)\w*|(?:annual )?(?:turnover|revenue)",
        types=MONEY,
        but_not=r"групп|холдинг|group",
    ),
    Clue(fact="industry", words=r"отрасл\w*|сфера деятельности|industry|sector", types=TEXTS),
    Clue(fact="region", words=r"регион\w*|област\w*|город|region|city", types=TEXTS),
    Clue(
        fact="employees",
        words=r"(?:кол\w*|число|численность) (?:сотрудник|работник)\w*|сотрудник\w*|employees|headcount",
        types=NUMBERS | CHOICES,
    ),
)
"""The more telling first."""

YES_WORDS = re.compile(r"да\b|есть\b|выделен|утвержд|yes\b|y$", re.IGNORECASE)
NO_WORDS = re.compile(r"нет\b|не\b|собира|no\b|not\b|n$", re.IGNORECASE)
EITHER = re.compile(r"да|нет|yes|no", re.IGNORECASE)
UNTICKED_IS_NO = frozenset(("asap", "trial_order"))
"""Boxes that are ticked where something is special: an unticked one says that it is not."""

STAGE_WORDS = {
    "company": re.compile(r"взращ|потребност|развит|прогрев|nurtur|warm", re.IGNORECASE),
    "review": re.compile(r"рассмотр|провер|руковод|согласов|review|approv", re.IGNORECASE),
}
"""Stages of leads that stand for a route; junk is a stage of every portal."""
