"""Reads of receipts and outcomes what the history of companies is counted from; moments are whole microseconds."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from sqlalchemy import BindParameter, Connection, bindparam, case, func, select

from mlscore.scoring.receipt import Verdict
from mlscore.store.engine import ReadyQuery, chunks
from mlscore.store.history.counting import Company, Ended, Said
from mlscore.store.tables import outcomes, receipts

_r, _o = receipts.c, outcomes.c
_FIRM: BindParameter[str] = bindparam("of_firm")
_LATEST: BindParameter[int] = bindparam("latest")
# A deal may move to another company, so all its receipts are read, not only this company's.
_THEIRS = select(_r.deal_id).where(
    _r.firm == _FIRM, _r.company_id.in_(bindparam("companies", expanding=True)), _r.as_of <= _LATEST
)
_EXCUSED = case((_r.verdict == Verdict.ACCEPT_EXCEPTION.value, _r.exception_kind), else_=None)
# No range of `as_of` here: it would tempt SQLite to walk through the firm's whole past.
_RECEIPTS_OF = ReadyQuery(
    select(_r.as_of, _r.scored_at, _r.receipt_id, _r.deal_id, _r.company_id, _EXCUSED).where(
        _r.firm == _FIRM, _r.deal_id.in_(_THEIRS)
    )
)
"""The columns of `Said`, in its order."""

_OUTCOMES_OF = ReadyQuery(
    select(_o.known_at, _o.version, _o.deal_id, _o.status, _o.closed_at, _o.realised_profit).where(
        _o.firm == _FIRM, _o.deal_id.in_(bindparam("deals", expanding=True)), _o.known_at <= _LATEST
    )
)
"""The columns of `Ended`, in its order."""

_FIRST_RECEIPT = ReadyQuery(select(func.min(_r.as_of)).where(_r.firm == _FIRM))
_FIRST_CLOSED = ReadyQuery(
    select(_o.known_at, func.min(_o.closed_at))
    .where(_o.firm == _FIRM, _o.closed_at <= bindparam("until"))
    .group_by(_o.known_at)
    .order_by(_o.known_at)
)


@dataclass(frozen=True, slots=True)
class FirmStart:
    """How far back the firm's history went, as known at any moment."""

    first_receipt: int | None
    known_at: Sequence[int]
    first_closed: Sequence[int]

    @classmethod
    def read(cls, connection: Connection, firm: str, *, earliest: int, latest: int) -> Self:
        """Read enough to tell whether the history reaches back to any moment from `earliest` to `latest`."""
        [[first_receipt]] = _FIRST_RECEIPT.rows(connection, of_firm=firm)
        if first_receipt is not None and first_receipt <= earliest:
            return cls(first_receipt, (), ())
        # Only an outcome older than every receipt can say more than the receipts do.
        until = latest if first_receipt is None else min(latest, first_receipt)
        rows = _FIRST_CLOSED.rows(connection, of_firm=firm, until=until)
        known = [known_at for known_at, _ in rows]
        return cls(first_receipt, known, list(accumulate((first for _, first in rows), min)))

    def reaches(self, back_to: int, *, at: int) -> bool:
        """Tell whether anything known at a moment is as old as `back_to`."""
        if self.first_receipt is not None and self.first_receipt <= back_to:
            return True
        learned = bisect_right(self.known_at, at)
        return learned > 0 and self.first_closed[learned - 1] <= back_to


def read_companies(
    connection: Connection, firm: str, company_ids: Sequence[str], latest: int
) -> Iterator[tuple[Company, Sequence[Said], Sequence[Ended]]]:
    """Read of each company's deals, known by `latest`, what was said of them and how they ended, in the order of time.

    The companies come in no order, and only those that have any deals.
    """
    for chunk in chunks(company_ids):
        said, ended = _read_deals(connection, firm, chunk, latest)
        companies_of = _companies_of(said, set(chunk))
        heard, learned = defaultdict[str, list[Said]](list), defaultdict[str, list[Ended]](list)
        for one in said:
            for company_id in companies_of[one.deal_id]:
                heard[company_id].append(one)
        for other in ended:
            for company_id in companies_of[other.deal_id]:
                learned[company_id].append(other)
        for company_id, theirs in heard.items():
            yield Company(company_id), theirs, learned.get(company_id, ())


def _companies_of(said: Sequence[Said], asked: set[str]) -> Mapping[str, set[str]]:
    """Return, for each deal, which of these companies it has ever been of."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in said:
        if one.company_id in asked:
            found[one.deal_id].add(one.company_id)
    return found


def _read_deals(
    connection: Connection, firm: str, company_ids: Sequence[str], latest: int
) -> tuple[Sequence[Said], Sequence[Ended]]:
    """Read receipts and outcomes in the order of time, which is that of their columns."""
    rows = _RECEIPTS_OF.rows(connection, of_firm=firm, companies=list(company_ids), latest=latest)
    said = sorted(Said(*row) for row in rows if row[0] is not None)
    ended: list[Ended] = []
    for deal_ids in chunks(list({one.deal_id for one in said})):
        ended += (
            Ended(*row) for row in _OUTCOMES_OF.rows(connection, of_firm=firm, deals=list(deal_ids), latest=latest)
        )
    return said, sorted(ended)
