"""The rows MLflow's own tools send, as columns of facts and of a track record's figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlscore.scoring.deal import FACTS, SECONDS_A_DAY, Deals, Floats, Kind, Texts
from mlscore.scoring.policy import Policy
from mlscore.scoring.policy.facts import UNIX_EPOCH_DAY
from mlscore.scoring.track_record import columns_of


def kinds_of(policy: Policy) -> dict[str, Kind]:
    """Return every fact a row may have, custom ones too, with its kind."""
    standard = {name: fact.kind for name, fact in FACTS.items()}
    return standard | {fact.name: fact.carried_as for fact in policy.custom_facts}


def units_of(policy: Policy) -> dict[str, str]:
    """Return in words how every fact and every answer is written: MLflow's signature has no place for it."""
    money = f"minor units of {policy.currency}, as 1250000.0 for 12 500"
    by_kind = {
        Kind.TEXT: "text",
        Kind.NUMBER: "number",
        Kind.MONEY: money,
        Kind.TRI: "1.0 yes, 0.0 no",
        Kind.DATE: "date",
        Kind.MOMENT: "moment in UTC",
    }
    units = {name: FACTS[name].unit if name in FACTS else "" for name in kinds_of(policy)}
    facts = {name: units[name] or by_kind[kind] for name, kind in kinds_of(policy).items()}
    chances = dict.fromkeys(("probability", "low", "high"), "share 0-1")
    return facts | chances | {"expected_profit": money, "abstained": "true or false"}


def figures_of(policy: Policy) -> dict[str, str]:
    """Return the figures of the firm's track record a row may have: the name there, as a feature's, and in `Deals`."""
    named = {column.replace(".", "_"): column for column in columns_of(policy)}
    return {name: column for name, column in named.items() if name not in kinds_of(policy)}


def deals_of(frame: pd.DataFrame, policy: Policy) -> Deals:
    """Return the deals of a frame, one a row; facts and figures it has no column for are unknown."""
    columns = {name: _column(frame[name], kind) for name, kind in kinds_of(policy).items() if name in frame}
    figures = {
        column: _column(frame[name], Kind.NUMBER) for name, column in figures_of(policy).items() if name in frame
    }
    return Deals.of_columns(columns | figures, size=len(frame))


def _column(values: pd.Series[Any], kind: Kind) -> Floats | Texts:
    if kind is Kind.TEXT:
        return np.asarray(values.astype(object).where(values.notna(), None), dtype=np.object_)
    if kind not in {Kind.DATE, Kind.MOMENT}:
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    moments = pd.to_datetime(values, utc=True)
    elapsed = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    seconds: Floats = np.asarray(elapsed.to_numpy(), dtype=np.float64)
    return seconds if kind is Kind.MOMENT else np.floor(seconds / SECONDS_A_DAY) + UNIX_EPOCH_DAY
