"""What had become of earlier deals by the moment a deal is scored: of the same client, category, channel, region."""

from mlscore.scoring.track_record.closed import (
    ClosedDeal,
    as_columns,
    is_late,
    known_at,
    seconds,
    teaching,
    why_it_cannot_teach,
)
from mlscore.scoring.track_record.ledger import HALF_LIFE_DAYS
from mlscore.scoring.track_record.record import ClosedDeals, TrackRecord
from mlscore.scoring.track_record.subjects import CLIENT, FIRM, column_of, columns_of, statistics_of, subjects_of

__all__ = [
    "CLIENT",
    "FIRM",
    "HALF_LIFE_DAYS",
    "ClosedDeal",
    "ClosedDeals",
    "TrackRecord",
    "as_columns",
    "column_of",
    "columns_of",
    "is_late",
    "known_at",
    "seconds",
    "statistics_of",
    "subjects_of",
    "teaching",
    "why_it_cannot_teach",
]
