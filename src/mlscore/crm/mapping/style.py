"""How a whole source writes its numbers, moments and unknowns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from mlscore.crm.mapping.terms import StyleTerms
from mlscore.crm.mapping.values import ISO, MomentStyle, NumberStyle, plain
from mlscore.scoring.errors import Fault
from mlscore.scoring.policy.values import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the whole source writes numbers and moments, and its words for "not known"."""

    numbers: NumberStyle
    moments: MomentStyle
    unknown: frozenset[str]


def style_of(terms: StyleTerms, *, timezone: str, faults: list[Fault], key: str = "file") -> Style:
    """Return how values are written; a date without a zone is local to the mapping's, else the policy's."""
    try:
        zone = ZoneInfo(terms.timezone or timezone)
    except (KeyError, ValueError, OSError):
        faults.append(
            Fault(f"{key}.timezone", "policy.unknown_timezone", {"given": shown(terms.timezone), "right": timezone})
        )
        zone = ZoneInfo("UTC")
    check_formats(terms.date_formats, f"{key}.date_formats", faults)
    return Style(
        numbers=NumberStyle(terms.decimal, terms.thousands),
        moments=MomentStyle(terms.date_formats, zone, read_time(terms.time_of_day, key, faults) or time()),
        unknown=frozenset(plain(w).casefold() for w in ("", *terms.unknown)),
    )


def check_formats(formats: tuple[str, ...], key: str, faults: list[Fault]) -> None:
    """Note every date format that does not hold a whole date."""
    wrong = [form for form in formats if form != ISO and not _holds_a_date(form)]
    faults.extend(Fault(key, "mapping.bad_date_format", {"given": shown(form)}) for form in wrong)


def _holds_a_date(form: str) -> bool:
    return "%d" in form and "%m" in form and ("%Y" in form or "%y" in form)


def read_time(given: str | None, key: str, faults: list[Fault]) -> time | None:
    """Read a time of day, or note that it is none."""
    try:
        return None if given is None else time.fromisoformat(given)
    except ValueError:
        faults.append(Fault(f"{key}.time_of_day", "mapping.bad_time", {"given": shown(given)}))
        return None
