"""What people decided of single deals, beside what rules and model answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Named, Table, Text, TypedColumns

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
