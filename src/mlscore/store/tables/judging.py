"""What people decided beside what rules and model answer: of single deals, and of which model answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Named, Table, Text, TypedColumns

from mlscore.store.tables.kinds import Moment, metadata


class SideColumns(TypedColumns):
    """One version of the side a person took of a deal: `rules` or `model`."""

    firm: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text, primary_key=True)
    version: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    side: Named[str] = Column(Text)
    why: Named[str] = Column(Text)
    by: Named[str] = Column(Text)
    at: Named[datetime] = Column(Moment)


sides = Table("sides", metadata, SideColumns)


class ApprovalColumns(TypedColumns):
    """One version of what a person decided of a deal below the floor; `promised` in minor units."""

    firm: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text, primary_key=True)
    version: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    approved: Named[bool] = Column(Boolean)
    why: Named[str] = Column(Text)
    by: Named[str] = Column(Text)
    at: Named[datetime] = Column(Moment)
    expires_at: Named[datetime | None] = Column(Moment)
    promised: Named[int | None] = Column(BigInteger)
    promised_by: Named[datetime | None] = Column(Moment)
    prospects: Named[str | None] = Column(Text)


approvals = Table("approvals", metadata, ApprovalColumns)


class WishColumns(TypedColumns):
    """A model a person asks to have promoted; `done_at` once it was, or was refused for its `fault`."""

    firm: Named[str] = Column(Text, primary_key=True)
    number: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    kind: Named[str] = Column(Text)
    version: Named[str] = Column(Text)
    why: Named[str] = Column(Text)
    by: Named[str] = Column(Text)
    at: Named[datetime] = Column(Moment)
    done_at: Named[datetime | None] = Column(Moment)
    fault: Named[str | None] = Column(Text)


wishes = Table("wishes", metadata, WishColumns)
