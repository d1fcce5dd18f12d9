"""Makes the firm's companies, leads and deals, changes their facts and ends them, all by one seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from mlscore.crm.bitrix24.fake.editing import Editor
from mlscore.crm.bitrix24.fake.fields import COMPANY, CONTACT, DEAL, LEAD, Fields, UserField
from mlscore.crm.bitrix24.fake.firm import words
from mlscore.crm.bitrix24.fake.firm.facts import FACTS, amount_of, cost_of, happens
from mlscore.crm.bitrix24.fake.php import Json
from mlscore.crm.bitrix24.fake.state import MOSCOW
from mlscore.scoring.errors import FaultyInputError

_OWN = {LEAD: words.LEAD_FIELDS, DEAL: words.DEAL_FIELDS, COMPANY: words.COMPANY_FIELDS}
_PEOPLE = 4
_TRIES = 20


@dataclass(slots=True)
class Firm:
    """The firm's people at work in their portal."""

    editor: Editor
    seed: int = 0
    chance: Random = field(init=False)

    def __post_init__(self) -> None:
        """Set up the portal as the firm has it: funnels, directories, fields."""
        self.chance = Random(f"{self.seed} firm")  # noqa: S311 # nosec B311 # the same seed is to make the same firm
        state = self.editor.state
        if state.directories:
            return
        state.directories.extend(words.DIRECTORIES)
        state.funnels.extend(dict(one) for one in words.FUNNELS)
        for kind, fields in _OWN.items():
            for own in fields:
                levels = {state.number("level", at_least=41): text for text in own.levels}
                number = state.number("userfield", at_least=201)
                state.user_fields[kind][own.name] = UserField(
                    number=number, name=own.name, type=own.type, label=own.label, levels=levels
                )
        for number, name in enumerate(words.SUPPLIED, start=501):
            price = {"purchasingPrice": None, "purchasingCurrency": None}  # nobody wrote them down
            state.products[number] = {"id": number, "iblockId": 25, "name": name, **price}

    def found(self, *, leads: int, deals: int, closed: int) -> dict[str, list[int]]:
        """Make companies, open leads and deals of the last weeks and closed deals of the last two years, untold."""
        quiet = Firm(Editor(self.editor.state, lambda *_: None), self.seed)
        quiet.chance = self.chance
        now = self._now()
        for _ in range(max(8, (leads + deals + closed) // 6)):
            quiet.make_company()
        past = sorted(now - timedelta(days=self.chance.uniform(40, 730)) for _ in range(closed))
        made = [quiet.make(DEAL, at=moment) for moment in past]
        for number, moment in zip(made, past, strict=True):
            quiet.live_through(number, moment)
        recent = sorted(now - timedelta(days=self.chance.uniform(0, 30)) for _ in range(deals))
        return {
            "closed": made,
            "deals": [quiet.make(DEAL, at=moment) for moment in recent],
            "leads": [quiet.make(LEAD, at=moment) for moment in recent[:leads]]
            + [quiet.make(LEAD) for _ in range(leads - len(recent[:leads]))],
        }

    def make_company(self) -> int:
        """Make a company with two contacts."""
        chance = self.chance
        is_target = happens(chance, 0.65)
        industry = chance.choice(list(words.TARGET if is_target else words.NOT_TARGET))
        revenue = round(chance.lognormvariate(21.2 if is_target else 19.6, 0.9), -6)
        title = f"{chance.choice(words.FORMS)} «{chance.choice(words.ROOTS)} {words.WORKS[industry]}»"
        values: Fields = {
            "title": title,
            "industry": industry if happens(chance, 0.9) else "",
            "revenue": revenue if happens(chance, 0.85) else 0,
            "employees": chance.choice(list(words.EMPLOYEES)),
        }
        values |= self._own(COMPANY, {"region": chance.choice(words.REGIONS)})
        company = self.editor.make(COMPANY, values)
        for _ in range(2):
            name, last, post = (chance.choice(some) for some in (words.NAMES, words.LAST_NAMES, words.POSTS))
            self.editor.make(CONTACT, {"name": name, "lastName": last, "post": post, "companyId": company["id"]})
        return int(company["id"])

    def make(self, kind: int, *, at: datetime | None = None) -> int:
        """Make a lead or a deal of some company, with most of its facts."""
        chance, state, now = self.chance, self.editor.state, at or self._now()
        if not state.items[COMPANY]:
            self.make_company()
        company = chance.choice(list(state.items[COMPANY].values()))
        contacts = [one["id"] for one in state.items[CONTACT].values() if one["companyId"] == company["id"]]
        facts = {name: draw(chance, now) for name, draw in FACTS.items()}
        amount = amount_of(chance)
        facts["cost"] = cost_of(amount, facts["category"], chance)
        values: Fields = {
            "title": f"{facts['category']}, {company['title']}",
            "companyId": company["id"],
            "contactIds": contacts,
            "opportunity": amount if happens(chance, 0.9) else 0,
            "isManualOpportunity": "Y",
            "sourceId": chance.choice(list(words.SOURCES)),
            "assignedById": chance.randint(1, _PEOPLE),
            "isReturnCustomer": "Y" if happens(chance, 0.4) else "N",
        }
        if kind == LEAD:
            values |= {"companyTitle": company["title"], "name": chance.choice(words.NAMES)}
        moment = None if at is None else at.astimezone(MOSCOW).isoformat(timespec="seconds")
        item = self.editor.make(kind, {**values, **self._own(kind, facts)}, at=moment)
        if kind == DEAL and happens(chance, 0.7):
            self._give_goods(item, facts["category"], amount)
        return int(item["id"])

    def change(self, kind: int, *, companies_too: bool = False) -> int:
        """Change one fact of one open item to something else; return 1 where there was one to change."""
        chance, state = self.chance, self.editor.state
        kind = COMPANY if companies_too and happens(chance, 0.1) else kind
        held = [item for item in state.items[kind].values() if item.get("stageSemanticId", "P") == "P"]
        for _ in range(_TRIES if held else 0):
            item = chance.choice(held)
            before = dict(item)
            self.editor.update(kind, item["id"], self._something_else(kind, item))
            if item != before:
                return 1
        return 0

    def close(self, number: int, *, won: bool, profit: float | None = None, at: datetime | None = None) -> None:
        """End a deal; what it brought is written down with it. Raises PortalRefusedError."""
        item = self.editor.item(DEAL, number)
        final = [one.code for one in self.editor.state.stages(DEAL, item["categoryId"]).values() if one.semantics]
        values: Fields = {"stageId": final[0] if won else self.chance.choice(final[1:])}
        if won and profit is not None:
            values |= self._own(DEAL, {"profit": f"{profit}|RUB"})
        self.editor.update(DEAL, number, values, at=_written(at))

    def reopen(self, kind: int, number: int) -> None:
        """Take an item back into work. Raises PortalRefusedError, FaultyInputError where it has not ended."""
        item = self.editor.item(kind, number)
        if item["stageSemanticId"] == "P":
            raise FaultyInputError(f"{number} is open.")
        stages = list(self.editor.state.stages(kind, int(item.get("categoryId") or 0)))
        self.editor.update(kind, number, {"stageId": stages[1]})

    def live_through(self, number: int, made_at: datetime) -> None:
        """Take a deal of the past through its funnel to its end: better clients and needs are won more often."""
        chance, item = self.chance, self.editor.item(DEAL, number)
        stages = [one.code for one in self.editor.state.stages(DEAL, item["categoryId"]).values() if not one.semantics]
        moment, last = made_at, self._now() - timedelta(days=1)
        for stage in stages[1 : 2 + chance.randint(0, 2)]:
            moment += timedelta(days=chance.uniform(0.5, 8))
            self.editor.update(DEAL, number, {"stageId": stage}, at=_written(moment))
        named = {own.meaning: item[own.name] for own in words.DEAL_FIELDS}
        good = sum(self._text(DEAL, one, named[one]) == "Да" for one in ("need", "budget", "economic", "technical"))
        won = happens(chance, 0.15 + 0.15 * good)
        category = self._text(DEAL, "category", named["category"])
        profit = round(item["opportunity"] * words.MARGINS.get(category or "", 0.1) * chance.uniform(0.3, 1.4), 2)
        self.close(number, won=won, profit=profit, at=min(last, moment + timedelta(days=chance.uniform(1, 20))))

    def _something_else(self, kind: int, item: Mapping[str, Json]) -> Fields:
        chance = self.chance
        if kind == COMPANY:
            return {"revenue": round(chance.lognormvariate(21, 1), -6)}
        if happens(chance, 0.2):
            return {"opportunity": amount_of(chance)}
        if happens(chance, 0.15):
            stages = self.editor.state.stages(kind, int(item.get("categoryId") or 0)).values()
            return {"stageId": chance.choice([one.code for one in stages if one.semantics is None])}
        own = [one.meaning for one in _OWN[kind] if one.meaning in FACTS]
        meaning = chance.choice(own)
        return self._own(kind, {meaning: FACTS[meaning](chance, self._now())})

    def _own(self, kind: int, facts: Mapping[str, Json]) -> Fields:
        """Return facts under the names of the portal's own fields, choices by their numbers."""
        values: Fields = {}
        for own in _OWN[kind]:
            if own.meaning in facts:
                numbers = {text: n for n, text in self.editor.state.user_fields[kind][own.name].levels.items()}
                value = facts[own.meaning]
                values[own.name] = numbers.get(value) if own.levels else value
        return values

    def _text(self, kind: int, meaning: str, number: int | None) -> str | None:
        name = next(own.name for own in _OWN[kind] if own.meaning == meaning)
        return self.editor.state.user_fields[kind][name].levels.get(number or 0)

    def _give_goods(self, item: Fields, category: str, amount: float) -> None:
        count = self.chance.randint(1, 3)
        names = [category if index == 0 else self.chance.choice(words.SUPPLIED) for index in range(count)]
        numbers = {one["name"]: number for number, one in self.editor.state.products.items()}
        rows = [
            {"productId": numbers.get(name, 0), "productName": name, "price": round(amount / count, 2), "quantity": 1}
            for name in names
        ]
        at = item["updatedTime"]
        self.editor.set_goods(DEAL, item["id"], rows)
        item["updatedTime"] = at

    def _now(self) -> datetime:
        return self.editor.state.clock()


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(MOSCOW).isoformat(timespec="seconds")
