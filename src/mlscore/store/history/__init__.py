"""Counts the history facts of deals: what their companies' other deals had come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from sqlalchemy import Connection

from mlscore.ports import Asking, HistoryFacts
from mlscore.scoring.policy import Policy, RegularSmall
from mlscore.store.history.counting import DAY, Asked, Company, sweep
from mlscore.store.history.reading import FirmStart, read_companies
from mlscore.store.tables import microseconds

__all__ = ["history_of"]


def history_of(connection: Connection, firm: str, deals: Sequence[Asking], *, policy: Policy) -> list[HistoryFacts]:
    """Return the history facts of each deal; company by company, in one sweep through time."""
    answers = [HistoryFacts()] * len(deals)
    asked: dict[str, list[int]] = defaultdict(list)
    moments: dict[int, int] = {}
    for position, deal in enumerate(deals):
        if deal.company_id is not None and deal.as_of is not None:
            asked[deal.company_id].append(position)
            moments[position] = microseconds(deal.as_of)
    if not asked:
        return answers
    terms = policy.exceptions.regular_small or RegularSmall()
    earliest, latest = min(moments.values()), max(moments.values())
    window = terms.window_days * DAY
    start = FirmStart.read(connection, firm, earliest=earliest - window, latest=latest - window)

    def question(position: int) -> Asked:
        return Asked(position, deals[position].deal_id, moments[position])

    def answer(company: Company, one: Asked) -> HistoryFacts:
        return company.facts(one, terms, is_long_known=start.reaches(one.as_of - window, at=one.as_of))

    for company, said, ended in read_companies(connection, firm, list(asked), latest):
        for one in sweep(company, said, ended, map(question, asked.pop(company.company_id))):
            answers[one.position] = answer(company, one)
    nobody, told = Company(""), dict[int, HistoryFacts]()
    for position in chain.from_iterable(asked.values()):
        as_of = moments[position]
        if as_of not in told:
            told[as_of] = answer(nobody, question(position))
        answers[position] = told[as_of]
    return answers
