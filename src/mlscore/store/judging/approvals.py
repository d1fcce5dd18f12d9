"""Keeps what people decide of deals below the floor: versions are added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, or_, select

from mlscore.ports import Approval, ExceptedDeal, WonDeal
from mlscore.scoring.deal import Status
from mlscore.scoring.errors import ConflictError
from mlscore.scoring.receipt import Verdict
from mlscore.store.engine import Database, chunks, lock
from mlscore.store.people.audit import note
from mlscore.store.tables import approvals, briefs, receipts
from mlscore.store.tables.judging import ApprovalColumns

_a, _b, _r = approvals.c, briefs.c, receipts.c
_FIELDS = tuple(one.name for one in fields(Approval))


@dataclass(frozen=True, slots=True)
class SqlApprovals:
    """The port `Approvals`, in SQL."""

    database: Database

    def decide(self, firm: str, approval: Approval, *, known: int) -> Approval:
        """Keep a decision as the next version, and write it down. Raises ConflictError where there is a later one."""
        with self.database.writing() as connection:
            lock(connection, "approvals", firm)
            earlier = _of_deal(connection, firm, approval.deal_id)
            if (earlier[0].version if earlier else 0) != known:
                raise ConflictError(
                    f"Somebody else decided of {approval.deal_id} meanwhile: read it first.",
                    code="web.exception.meanwhile",
                )
            kept = replace(approval, version=known + 1)
            connection.execute(approvals.insert().values(firm=firm, **{name: getattr(kept, name) for name in _FIELDS}))
            before = _said(earlier[0]) if earlier else None
            what = "approval.given" if kept.approved else "approval.refused"
            note(
                connection,
                firm,
                at=kept.at,
                who=kept.by,
                what=what,
                subject=kept.deal_id,
                before=before,
                after=_said(kept),
            )
        return kept

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Approval]:
        """Return every decision of a deal, newest first."""
        with self.database.reading() as connection:
            return _of_deal(connection, firm, deal_id)

    def newest(self, firm: str) -> Mapping[str, Approval]:
        """Return the newest decision of each deal."""
        last = select(_a.deal_id, func.max(_a.version).label("version")).where(_a.firm == firm).group_by(_a.deal_id)
        of = last.subquery()
        is_last = and_(of.c.deal_id == _a.deal_id, of.c.version == _a.version)
        with self.database.reading() as connection:
            rows = connection.execute(select(approvals).join(of, is_last).where(_a.firm == firm)).all()
        return {row.deal_id: _approval(row) for row in rows}

    def first_approved(self, firm: str) -> Mapping[str, datetime]:
        """Return when each approved deal was first approved."""
        first = func.min(_a.at, type_=_a.at.type).label("first")
        query = select(_a.deal_id, first).where(_a.firm == firm, _a.approved.is_(True)).group_by(_a.deal_id)
        with self.database.reading() as connection:
            return {row.deal_id: row.first for row in connection.execute(query)}

    def excepted(self, firm: str, *, sellers: frozenset[str] | None) -> Sequence[ExceptedDeal]:
        """Return the deals, newest first; of these sellers alone where given."""
        decided = select(_a.deal_id).where(_a.firm == firm)
        which: list[ColumnElement[bool]] = [
            _b.firm == firm,
            _b.is_newest.is_(True),
            or_(_b.verdict == Verdict.ACCEPT_EXCEPTION.value, _b.deal_id.in_(decided)),
        ]
        if sellers is not None:
            which.append(_b.seller_id.in_(sellers) if sellers else false())
        columns = (_b.deal_id, _b.company_id, _b.seller_id, _b.profit_if_won, _b.status, _b.realised_profit, _b.at)
        query = (
            select(*columns, _b.closed_at, _r.exception_kind.label("kind"))
            .join(receipts, and_(_r.firm == _b.firm, _r.receipt_id == _b.receipt_id))
            .where(*which)
            .order_by(_b.at.desc(), _b.deal_id)
        )
        with self.database.reading() as connection:
            return [ExceptedDeal(**row) for row in connection.execute(query).mappings()]

    def won_by(self, firm: str, company_ids: Collection[str]) -> Sequence[WonDeal]:
        """Return the won deals of these clients."""
        columns = (_b.deal_id, _b.company_id, _b.closed_at, _b.realised_profit)
        won = select(*columns).where(_b.firm == firm, _b.is_newest.is_(True), _b.status == Status.WON.value)
        with self.database.reading() as connection:
            parts = (won.where(_b.company_id.in_(ids)) for ids in chunks(sorted(company_ids)))
            return [WonDeal(**row) for part in parts for row in connection.execute(part).mappings()]


def _of_deal(connection: Connection, firm: str, deal_id: str) -> list[Approval]:
    query = select(approvals).where(_a.firm == firm, _a.deal_id == deal_id).order_by(_a.version.desc())
    return [_approval(row) for row in connection.execute(query)]


def _approval(row: Row[ApprovalColumns]) -> Approval:
    known: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    return Approval(**known)


def _said(approval: Approval) -> dict[str, object]:
    days = {"expires_at": approval.expires_at, "promised_by": approval.promised_by}
    told = {name: at.astimezone(UTC).isoformat() for name, at in days.items() if at is not None}
    promised = {"promised": approval.promised, "prospects": approval.prospects}
    return {"why": approval.why, **{name: said for name, said in promised.items() if said}, **told}
