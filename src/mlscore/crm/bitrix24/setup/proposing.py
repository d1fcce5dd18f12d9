"""Proposes what the fields of a portal mean: standard ones are known, a firm's own are guessed by their titles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mlscore.crm.bitrix24.fields import Entity, Fields, PortalField
from mlscore.crm.bitrix24.mapping import USER_FIELD
from mlscore.crm.bitrix24.score_fields import SCORE_FIELDS
from mlscore.crm.bitrix24.setup.words import CLUES, EITHER, NO_WORDS, UNTICKED_IS_NO, YES_NO, YES_WORDS
from mlscore.ports import ItemKind
from mlscore.scoring.deal import FACTS, Kind

Term = str | bool | Sequence[str] | Mapping[str, str | float]
"""A value of the mapping: a column alone, or one of the words that say how to read it."""

_NOUGHT = ("0",)
_STANDARD: Mapping[str, str] = {
    "created_at": "createdTime",
    "amount": "opportunity",
    "currency": "currencyId",
    "source": "sourceId",
    "seller_id": "assignedById",
    "company_id": "companyId",
    "funnel": "categoryId",
    "is_existing_customer": "isReturnCustomer",
    "annual_turnover_rub": "company.revenue",
    "industry": "company.industry",
    "employees": "company.employees",
    "cost": "goods.cost",
    "request_text": "comments",
}
_NO_NOUGHT = frozenset(("amount", "annual_turnover_rub", "group_turnover_rub", "budget_amount", "cost", "steam_tph"))
"""Facts that are never 0: where a portal has one, nobody filled it in."""

_OURS = frozenset(one.name for one in SCORE_FIELDS)
_ONLY_OF_DEALS = frozenset(("funnel", "goods.cost"))
_OUTCOME = "realised_profit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What one column is taken for. `is_guess` where a title told it; `title` is what people call it."""

    fact: str
    column: str
    title: str
    is_guess: bool = False
    terms: Mapping[str, Term] = field(default_factory=dict)


def proposals(kind: ItemKind, fields: Mapping[Entity, Fields]) -> list[Proposal]:
    """Return what a kind's facts are read from, in the order of the facts; the outcome's profit last."""
    found = {one.fact: one for one in _known(kind, fields)}
    found |= _guesses(kind, fields)
    if kind == "lead":
        found.pop(_OUTCOME, None)
    order = [*FACTS, _OUTCOME]
    return sorted(found.values(), key=lambda one: order.index(one.fact))


def without_a_field(kind: ItemKind, proposed: Sequence[Proposal]) -> list[str]:
    """Return the facts a person would have asked about that no field holds."""
    has = {one.fact for one in proposed}
    asked = [clue.fact for clue in CLUES if kind == "deal" or clue.fact in _OF_LEADS]
    return [fact for fact in dict.fromkeys(asked) if fact not in has]


_OF_LEADS = frozenset(("steam_tph", "industry", "annual_turnover_rub", "in_nomenclature", "product_category"))
"""What decides whether a lead is Fire."""


def _known(kind: ItemKind, fields: Mapping[Entity, Fields]) -> Iterator[Proposal]:
    for fact, column in _STANDARD.items():
        if kind == "lead" and {fact, column} & _ONLY_OF_DEALS:
            continue
        of, _, name = column.rpartition(".")
        holder: Entity = "company" if of == "company" else kind
        known = fields.get(holder, {}).get(name)
        if known is None and of != "goods":
            continue
        title = "Товары: закупочная цена" if known is None else known.title
        yield Proposal(fact=fact, column=column, title=title, terms=_terms(fact, known))


def _guesses(kind: ItemKind, fields: Mapping[Entity, Fields]) -> dict[str, Proposal]:
    """Return the best field for each fact, and each field once: the better it fits, the sooner it is taken."""
    weighed = []
    for place, clue in enumerate(CLUES):
        holders: tuple[Entity, Entity] = (kind, "company")
        for entity in holders:
            for name, own in fields.get(entity, {}).items():
                fit = clue.fits(own.title, own.type) if name.startswith(USER_FIELD) and name not in _OURS else 0
                if fit:
                    weighed.append((-fit, place, entity, name, own))
    found: dict[str, Proposal] = {}
    taken: set[tuple[str, str]] = set()
    for _, place, entity, name, own in sorted(weighed, key=lambda one: one[:4]):
        fact = CLUES[place].fact
        if fact in found or (entity, name) in taken:
            continue
        taken.add((entity, name))
        column = name if entity == kind else f"company.{name}"
        found[fact] = Proposal(fact=fact, column=column, title=own.title, is_guess=True, terms=_terms(fact, own))
    return found


def _terms(fact: str, own: PortalField | None) -> Mapping[str, Term]:
    """Return how the cells of a field are to be read, beyond what is read without saying."""
    terms: dict[str, Term] = {}
    if fact in _NO_NOUGHT:
        terms["unknown"] = _NOUGHT
    if own is None:
        return terms
    of = FACTS[fact].kind if fact in FACTS else Kind.MONEY
    if of is Kind.MONEY and own.type in {"double", "money"}:
        terms["round"] = True
    if fact == "need_coverage" and "%" in own.title:
        terms["unit"] = "percent"
    if of is Kind.TRI and own.type in YES_NO:
        terms |= _yes_and_no(fact, own)
    if of is Kind.NUMBER and own.words:
        terms |= {"levels": {word: size for word in own.words.values() if (size := _size(word)) is not None}}
        terms["otherwise"] = "unknown"
    return terms


def _yes_and_no(fact: str, own: PortalField) -> Mapping[str, Term]:
    if own.type == "boolean":
        is_no = fact in UNTICKED_IS_NO or not _is_own(own)
        return {} if is_no else {"levels": {"Y": "yes", "N": "unknown"}}
    words = [word for word in own.words.values() if word]
    if all(EITHER.fullmatch(word) for word in words):
        return {}
    return {"levels": {word: _meaning(word) for word in words}, "otherwise": "unknown"}


def _is_own(own: PortalField) -> bool:
    """Tell whether a box is a firm's own; the portal ticks and unticks its standard ones by itself."""
    return own.title not in {"Повторный клиент", "Повторная сделка", "Repeat customer", "Repeat deal"}


def _meaning(word: str) -> str:
    if NO_WORDS.match(word):
        return "no"
    return "yes" if YES_WORDS.match(word) else "unknown"


def _size(word: str) -> float | None:
    """Return the number a range stands for: the middle of 50-250, half of what is less than 50."""
    numbers = [float(number) for number in re.findall(r"\d+", re.sub(r"(?<=\d)[\s\u00a0](?=\d{3})", "", word))]
    if not numbers:
        return None
    if len(numbers) > 1:
        return sum(numbers[:2]) / 2
    return numbers[0] / 2 if re.search(r"менее|до|меньше|less|under|<", word, re.IGNORECASE) else numbers[0]
