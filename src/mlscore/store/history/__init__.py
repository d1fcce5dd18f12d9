"""Counts the history facts of deals: what their companies' other deals had come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection

from mlscore.ports import Asking, HistoryFacts
from mlscore.scoring.policy import Policy, RegularSmall
from mlscore.store.history.counting import Asked, Company, sweep
from mlscore.store.history.reading import FirmStart, read_companies

__all__ = ["history_of"]


def history_of(connection: Connection, firm: str, deals: Sequence[Asking], *, policy: Policy) -> list[HistoryFacts]:
    """Return the history facts of each deal; company by company, in one sweep through time."""
    answers = [HistoryFacts()] * len(deals)
    asked: dict[str, list[Asked]] = defaultdict(list)
    for position, deal in enumerate(deals):
        if deal.company_id is not None and deal.as_of is not None:
            asked[deal.company_id].append(Asked(position, deal.deal_id, deal.as_of))
    if not asked:
        return answers
    terms = policy.exceptions.regular_small or RegularSmall()
    moments = [one.as_of for ones in asked.values() for one in ones]
    earliest, latest = min(moments), max(moments)
    window = timedelta(days=terms.window_days)
    start = FirmStart.read(connection, firm, earliest=earliest - window, latest=latest - window)
    for company, said, ended in read_companies(connection, firm, list(asked), latest):
        for one in sweep(company, said, ended, asked.pop(company.company_id)):
            is_long_known = start.reaches(one.as_of - window, at=one.as_of)
            answers[one.position] = company.facts(one, terms, is_long_known=is_long_known)
    nobody, told = Company(""), dict[datetime, HistoryFacts]()
    for one in chain.from_iterable(asked.values()):
        if one.as_of not in told:
            is_long_known = start.reaches(one.as_of - window, at=one.as_of)
            told[one.as_of] = nobody.facts(one, terms, is_long_known=is_long_known)
        answers[one.position] = told[one.as_of]
    return answers
