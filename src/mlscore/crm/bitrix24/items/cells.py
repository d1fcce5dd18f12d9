"""Makes of what a portal answers the cells a mapping reads: the same whichever way the portal wrote it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from mlscore.crm.bitrix24.items.fields import PortalField
from mlscore.crm.mapping import Cell, plain

_NUMBERS = frozenset(("integer", "double"))
_REFERENCES = frozenset(
    ("user", "employee", "crm_company", "crm_contact", "crm_lead", "crm_deal", "crm_quote", "crm_webform")
)
_YES, _NO = frozenset(("y", "1", "true")), frozenset(("n", "0", "false", ""))


def cell_of(value: object, known: PortalField | None, *, taken: Collection[str] = ()) -> Cell:
    """Return a field's value as a cell; None where nobody filled it in.

    Numbers come as exact decimals, references as ids, lists of choices as the words people see. `taken` are words of
    the mapping, in lower case: a code that is one of them stays a code.
    """
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        cells = [one for inner in value if (one := cell_of(inner, known, taken=taken)) is not None]
        return "; ".join(map(str, cells)) if len(cells) > 1 else next(iter(cells), None)
    if value is None or value == "":
        return None
    return _typed(value, known, taken)


def _typed(value: object, known: PortalField | None, taken: Collection[str]) -> Cell:
    kind, text = ("" if known is None else known.type), str(value)
    if kind in _REFERENCES:
        return None if text == "0" else text  # which is how a portal writes that there is none
    if known is not None and known.words:
        return text if plain(text).casefold() in taken else known.words.get(text, text) or None
    if kind == "boolean":
        return "Y" if text.casefold() in _YES else "N" if text.casefold() in _NO else text
    if isinstance(value, bool):
        return "Y" if value else "N"
    if kind == "money":  # 1000.50|RUB
        return decimal_of(text.partition("|")[0])
    return decimal_of(value) if kind in _NUMBERS or isinstance(value, int | float) else text


def decimal_of(value: object) -> Cell:
    """Return a number exactly, without zeros that tell nothing; what is none stays a text."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return str(value)
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole and abs(number) < Decimal("1e20") else number.normalize()
