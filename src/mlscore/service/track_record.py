"""Gives deals the columns a model reads of the firm's track record, each at its own `as_of`."""

from __future__ import annotations

from mlscore.ports import TrackRecords
from mlscore.scoring.deal import Deals
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import fingerprint


def prepare(firm: str, model: FittedModel, *, track_records: TrackRecords) -> None:
    """Have the record at hand before a model answers its first deal, which would wait for it otherwise."""
    if model.reads_track_record:
        track_records.of(firm, model.policy)


def with_track_record(firm: str, deals: Deals, model: FittedModel | None, *, track_records: TrackRecords) -> Deals:
    """Return the deals as a model reads them: the record is that of the policy it was trained under.

    Nobody is asked for a model that reads none; where no record is to be had its figures are unknown.
    """
    if model is None or not model.reads_track_record:
        return deals
    record = track_records.of(firm, model.policy)
    return deals if record is None else deals.recorded(record.columns)


def reads_the_same(model: FittedModel, other: FittedModel | None) -> bool:
    """Tell whether deals as `other` reads them will do for a model."""
    if not model.reads_track_record:
        return True
    if other is None or not other.reads_track_record:
        return False
    return fingerprint(other.policy) == fingerprint(model.policy)
