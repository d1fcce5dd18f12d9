"""Draw a whole history of a firm like the article's, and keep the true chances apart."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from training.simulate.export import deal_ids, to_facts, write_facts
from training.simulate.history import draw_fates
from training.simulate.requests import draw_requests

DEFAULT_START = date(2022, 1, 1)
DEFAULT_LENGTH = timedelta(days=4 * 365 + 1)
REFUSED_A_DEAL = 0.06
DECIMALS_OF_CHANCES = 6


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated history.

    `facts` is what a CRM would export, one row per request in order of time. `truth`, which
    no training may see, has a row for each deal: `deal_id`, `p_true` (P(won and realised
    profit >= the floor)), `expected_profit_true` (RUB, a lost deal counting 0) and
    `p_won_true`.
    """

    facts: pd.DataFrame
    truth: pd.DataFrame

    def write_csv(self, path: Path) -> None:
        """Write the export: `;`, decimal comma, cp1251, dd.mm.yyyy HH:MM."""
        write_facts(self.facts, path)

    def write_truth(self, path: Path) -> None:
        """Write the true chances: comma-separated UTF-8 with decimal points."""
        self.truth.to_csv(path, index=False, lineterminator="\n", float_format="%.6f")


def simulate(*, deals: int, seed: int, start: date = DEFAULT_START, end: date | None = None) -> Simulated:
    """Return a firm's history of `deals` deals, closed or open at `end`, and some refused leads.

    The same arguments give the same history. `end` is four years after `start` unless given.
    Raises ValueError when there is nothing to draw or no time to draw it in.
    """
    end = start + DEFAULT_LENGTH if end is None else end
    if deals < 1:
        raise ValueError(f"deals is {deals}; ask for at least 1.")
    if end <= start:
        raise ValueError(f"The history ends {end}, not after its start {start}; give a later end.")
    rng = np.random.Generator(np.random.PCG64(seed))
    requests = draw_requests(rng, count=deals, refused=round(deals * REFUSED_A_DEAL), start=start, end=end)
    fates = draw_fates(rng, requests)
    closed = ~requests.refused & (fates.closed_at < np.datetime64(end, "m"))
    truth = pd.DataFrame(
        {
            "deal_id": deal_ids(closed.size),
            "p_true": np.round(fates.chances.profitable, DECIMALS_OF_CHANCES),
            "expected_profit_true": np.round(fates.chances.expected_profit_rub, 2),
            "p_won_true": np.round(fates.chances.won, DECIMALS_OF_CHANCES),
        }
    )
    return Simulated(
        facts=to_facts(rng, requests, fates, closed=closed),
        truth=truth[~requests.refused].reset_index(drop=True),
    )
