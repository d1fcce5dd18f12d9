"""Reads of receipts and outcomes what the history of companies is counted from."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, chain
from typing import Self

from sqlalchemy import BindParameter, Connection, bindparam, case, func, select

from mlscore.scoring.receipt import Verdict
from mlscore.store.engine import CHUNK_ROWS
from mlscore.store.history.counting import Company, Ended, Said
from mlscore.store.tables import outcomes, receipts

_r, _o = receipts.c, outcomes.c
_FIRM: BindParameter[str] = bindparam("of_firm")
_LATEST: BindParameter[datetime] = bindparam("latest")
# A deal may move to another company, so all its receipts are read, not only this company's.
_THEIRS = select(_r.deal_id).where(
    _r.firm == _FIRM, _r.company_id.in_(bindparam("companies", expanding=True)), _r.as_of <= _LATEST
)
_EXCUSED = case((_r.verdict == Verdict.ACCEPT_EXCEPTION, _r.exception_kind), else_=None)
# No range of `as_of` here: it would tempt SQLite to walk through the firm's whole past.
_RECEIPTS_OF = select(_r.deal_id, _r.company_id, _r.as_of, _r.scored_at, _r.receipt_id, _EXCUSED).where(
    _r.firm == _FIRM, _r.deal_id.in_(_THEIRS)
)
_OUTCOMES_OF = select(_o.deal_id, _o.version, _o.known_at, _o.status, _o.closed_at, _o.realised_profit).where(
    _o.firm == _FIRM, _o.deal_id.in_(_THEIRS), _o.known_at <= _LATEST
)
_FIRST_RECEIPT = select(func.min(_r.as_of)).where(_r.firm == _FIRM)
"""Put together once: that takes longer than most of these queries run."""


@dataclass(frozen=True, slots=True)
class FirmStart:
    """How far back the firm's history went, as known at any moment."""

    first_receipt: datetime | None
    known_at: Sequence[datetime]
    first_closed: Sequence[datetime]

    @classmethod
    def read(cls, connection: Connection, firm: str, *, earliest: datetime, latest: datetime) -> Self:
        """Read enough to tell whether the history reaches back to any moment from `earliest` to `latest`."""
        first_receipt: datetime | None = connection.scalar(_FIRST_RECEIPT, {"of_firm": firm})
        if first_receipt is not None and first_receipt <= earliest:
            return cls(first_receipt, (), ())
        # Only an outcome older than every receipt can say more than the receipts do.
        until = latest if first_receipt is None else min(latest, first_receipt)
        query = (
            select(outcomes.c.known_at, func.min(outcomes.c.closed_at))
            .where(outcomes.c.firm == firm, outcomes.c.closed_at <= until)
            .group_by(outcomes.c.known_at)
            .order_by(outcomes.c.known_at)
        )
        rows = connection.execute(query).all()
        known = [known_at for known_at, _ in rows]
        closed = [first for _, first in rows if first is not None]
        return cls(first_receipt, known, list(accumulate(closed, min)))

    def reaches(self, back_to: datetime, *, at: datetime) -> bool:
        """Tell whether anything known at a moment is as old as `back_to`."""
        if self.first_receipt is not None and self.first_receipt <= back_to:
            return True
        learned = bisect_right(self.known_at, at)
        return learned > 0 and self.first_closed[learned - 1] <= back_to


def read_companies(
    connection: Connection, firm: str, company_ids: Sequence[str], latest: datetime
) -> Iterator[tuple[Company, Iterable[Said], Iterable[Ended]]]:
    """Read of each company's deals, known by `latest`, what was said of them and how they ended.

    In no order, and only of companies that have any.
    """
    for first in range(0, len(company_ids), CHUNK_ROWS):
        chunk = company_ids[first : first + CHUNK_ROWS]
        said, ended = _read_deals(connection, firm, chunk, latest)
        theirs, deals_of = set(chunk), defaultdict[str, set[str]](set)
        for one in chain.from_iterable(said.values()):
            if one.company_id in theirs:
                deals_of[one.company_id].add(one.deal_id)
        for company_id, deal_ids in deals_of.items():
            heard = chain.from_iterable(said[deal_id] for deal_id in deal_ids)
            learned = chain.from_iterable(ended.get(deal_id, ()) for deal_id in deal_ids)
            yield Company(company_id), heard, learned


def _read_deals(
    connection: Connection, firm: str, company_ids: Sequence[str], latest: datetime
) -> tuple[Mapping[str, list[Said]], Mapping[str, list[Ended]]]:
    asked = {"of_firm": firm, "companies": company_ids, "latest": latest}
    said: dict[str, list[Said]] = defaultdict(list)
    for heard in connection.execute(_RECEIPTS_OF, asked):
        if heard.as_of is not None:
            said[heard.deal_id].append(Said._make(heard))
    ended: dict[str, list[Ended]] = defaultdict(list)
    if not said:  # nobody has met any of them
        return said, ended
    for learned in connection.execute(_OUTCOMES_OF, asked):
        ended[learned.deal_id].append(Ended._make(learned))
    return said, ended
