"""Leaks by name: what a firm calls the things it learns only once a deal has closed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlscore.scoring.policy import CustomFact, Policy
from training.leaks.leak import Leak

_KNOWN_LATE: Mapping[str, tuple[str, ...]] = {
    "how or when it closed": (
        r"clos(e|ed|ing|ure)_(at|on|date|day|month|week|time|value|amount|reason|status|won|lost)",
        r"(date|day|days|time)_(of_|to_)?clos",
        r"^(is_)?(won|lost|closed)$|^(won|lost)_(at|on|date|amount|value)",
        r"outcome|^result$|(deal|opportunity|lead)_(status|result)$",
        r"(win|won|loss|lost)_reason|(^|_)sign(ed|ing)_(at|on|date)|sales_cycle|cycle_(days|length)",
        r"zakr[iy]t(?!y)|закрыт(?!ы[ийехм])",
        r"v[iy]igra[nl]|v[iy]igr[iy]sh|proigra[nl]|proigr[iy]sh|(^|_)proval|выигра[нл]|выигрыш|проигра[нл]|проигрыш|(^|_)провал",
        r"prichin\w*_(otkaz|proigr|proval|poter)|причин\w*_(отказ|проигр|провал|потер)",
        r"^rezultat|rezultat_sdelk|^is[hk]+od(_|$)|^результат|результат_сделк|^исход(_|$)|podpisan|подписан",
    ),
    "somebody's forecast": (
        r"probability|(^|_)prob(_|$)|win_(chance|likelihood)|likelihood|forecast|(crm|ai)_score",
        r"vero[jyi]*atn|prognoz|вероятн|прогноз",
    ),
    "what it brought in the end": (
        r"(^|_)final_|(amount|profit|price|value)_final|(^|_)actual_|realis|realiz|(^|_)booked",
        r"(^|_)itog|fakti?chesk|(^|_)fakt(_|$)|(^|_)итог|фактическ|(^|_)факт(_|$)",
    ),
    "what we wrote back": (r"mlscore|(^|_)predict|expected_profit|receipt_id",),
    "activities counted until now": (
        r"(activit\w*|calls?|emails?|meetings?)_(count|total|number|num)(_|$)",
        r"(count|number|num|total)_(of_)?(activit|call|email|meeting)",
        r"last_(activity|contact|call|email|touch|modified|update)|(modified|updated)_(at|on|date)|days_in_stage",
        r"posledn\w*_(aktivn|zvon|kontakt|kasan|pis)|последн\w*_(активн|звон|контакт|касан|пис)",
        r"(kol|chisl)\w*_(aktivn|zvon|kontakt|kasan|vstrech|pis)|(кол|числ)\w*_(активн|звон|контакт|касан|встреч|пис)",
        r"data_izmenen|дата_изменен",
    ),
    "payment": (
        r"(^|_)paid(_|$)|(^|_)payment|invoic|(^|_)billed(_|$)",
        r"(^|_)oplat|oplachen|schet_?(faktur|na_oplat)|(^|_)оплат|оплачен|счет_?(фактур|на_оплат)",
    ),
    "shipment": (
        r"ship(ped|ment|ping)|dispatch|delivered|delivery_act",
        r"otgru[zj]|dostavlen|отгру[зж]|доставлен",
    ),
}
_AGREED_BEFOREHAND = re.compile(
    r"(^|_)(terms?|method|plan|address|region|city|country)(_|$)|uslovi|sposob|srok|otsroch|услови|способ|срок|отсроч"
)
_PATTERNS = {what: re.compile("|".join(patterns)) for what, patterns in _KNOWN_LATE.items()}


def leaks_by_name(policy: Policy) -> Iterator[Leak]:
    """Refuse custom facts that are called so, and warn of those that are only described so.

    The standard facts are known to be innocent.
    """
    for fact in policy.custom_facts:
        if (what := known_late(fact.name)) is not None:
            yield _leak(fact, f"{fact.name} is by its name {what}, known only once a deal has closed.", refused=True)
        else:
            for text in (fact.text_ru, fact.text_en):
                if (what := known_late(text)) is not None:
                    said = (
                        f"{fact.name}, described as “{text}”, may be {what}: see that it is known before a deal closes."
                    )
                    yield _leak(fact, said, refused=False)
                    break


def known_late(name: str) -> str | None:
    """Say what a name stands for that is known only after closing, None where nothing speaks against it."""
    plain = re.sub(r"[^a-zа-я0-9]+", "_", name.lower().replace("ё", "е")).strip("_")
    found = next((what for what, pattern in _PATTERNS.items() if pattern.search(plain)), None)
    if found in {"payment", "shipment"} and _AGREED_BEFOREHAND.search(plain):
        return None
    return found


def _leak(fact: CustomFact, sentence: str, *, refused: bool) -> Leak:
    return Leak(fact=fact.name, way="name", severity="refuse" if refused else "warn", figure=None, sentence=sentence)
