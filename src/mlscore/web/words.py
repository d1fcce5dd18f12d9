"""The words of one page: sentences, numbers, money, shares and moments in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mlscore import texts
from mlscore.scoring.deal import FACTS, MINOR_UNITS, Kind
from mlscore.scoring.policy import Policy
from mlscore.texts import Language
from mlscore.texts.answers import Sentences, sentences
from mlscore.texts.formats import UNKNOWN

_SHARES = frozenset({"need_coverage"})


def whole(minor: float) -> int:
    """Return minor units rounded to whole units of the currency: what is worked out is not known to a kopeck."""
    return round(minor / MINOR_UNITS) * MINOR_UNITS


@dataclass(frozen=True, slots=True)
class Words:
    """Says everything a page says; what is not known is a dash."""

    language: Language
    policy: Policy

    def say(self, code: str, **params: object) -> str:
        """Say a code; money among the values in minor units of the policy's currency."""
        return texts.say(code, self.language, currency=self.policy.currency, **params)

    def has(self, code: str) -> bool:
        """Tell whether there is a sentence for a code."""
        return code in texts.catalogue(self.language)

    def name(self, family: str, code: str | None) -> str:
        """Name one of a family of codes, such as a verdict; a code without a name is said as it is."""
        if not code:
            return UNKNOWN
        return self.say(f"{family}.{code}") if self.has(f"{family}.{code}") else code

    def number(self, value: float | None) -> str:
        """Write a number."""
        return UNKNOWN if value is None else texts.number(value, self.language)

    def share(self, value: float | None) -> str:
        """Write a share 0-1 as whole percents."""
        return UNKNOWN if value is None else texts.percent(value, self.language)

    def money(self, minor: float | None) -> str:
        """Write minor units as money of the policy's currency."""
        return UNKNOWN if minor is None else texts.money(minor, self.language, self.policy.currency)

    def about(self, minor: float | None) -> str:
        """Write minor units as money in whole units: what is expected is not known to a kopeck."""
        return UNKNOWN if minor is None else self.money(whole(minor))

    def day(self, moment: datetime | date | None) -> str:
        """Write the day of a moment, as the firm's days are counted."""
        if moment is None:
            return UNKNOWN
        return texts.day(self._here(moment) if isinstance(moment, datetime) else moment, self.language)

    def last_day(self, until: datetime) -> str:
        """Write the last day of what is good until a moment."""
        return self.day(until - timedelta(seconds=1))

    def day_of(self, moment: str | None) -> str:
        """Write the day of a moment in ISO form."""
        return self.day(None if moment is None else datetime.fromisoformat(moment))

    def month(self, first: date) -> str:
        """Write a month by its first day."""
        return texts.month(first, self.language)

    def moment(self, moment: datetime | None) -> str:
        """Write a day and a time where the firm is."""
        return UNKNOWN if moment is None else texts.moment(self._here(moment), self.language)

    def answer(self, value: bool | None) -> str:
        """Say yes, no or unknown."""
        return self.say("answer.unknown" if value is None else "answer.yes" if value else "answer.no")

    def fact(self, name: str) -> str:
        """Name a fact with a capital letter; a custom one as the policy does."""
        custom = next((one for one in self.policy.custom_facts if one.name == name), None)
        if custom is None:
            named = self.name("fact", name)
        else:
            named = (custom.text_ru if self.language == "ru" else custom.text_en) or name.replace("_", " ")
        return named[:1].upper() + named[1:]

    def known(self, name: str, value: object) -> str:
        """Write the value of a fact by its kind."""
        if value is None:
            return UNKNOWN
        kind = FACTS[name].kind if name in FACTS else None
        if isinstance(value, bool) or kind is Kind.TRI:
            return self.answer(bool(value))
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, int | float):
            return self._figure(name, kind, value)
        return str(value)

    def sentences(self, policy: Policy | None = None) -> Sentences:
        """Return what says answers, by the words of the policy they were given under."""
        return sentences(self.language, policy or self.policy)

    def _figure(self, name: str, kind: Kind | None, value: float) -> str:
        if kind is Kind.MONEY:
            return self.money(value)
        if name.endswith("_rub"):
            return texts.money(value * 100, self.language, "RUB")
        return (self.share if name in _SHARES else self.number)(value)

    def _here(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.policy.timezone))
