"""How long it takes from a change in the portal to the score in the card, when nothing else happens."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime

from mlscore.bootstrap import BITRIX24 as NAME
from mlscore.ports import Item
from tests.drills.portal.office import FIRM, Office, an_office
from tests.drills.running import until
from tests.drills.telling import Drill, Ground, Seen

CHANGES, WRITTEN_WITHIN, AMOUNTS = 40, 2.0, (6_000_000, 60_000)


def one_change_at_a_time(ground: Ground) -> Seen:
    """Change one deal after the other, and wait for its score."""
    seen, took, rounds = Seen(), list[float](), ground.rounds(CHANGES)
    url = f"sqlite:///{ground.folder / 'moment.db'}"
    with an_office(ground, url, workers=1, deals=60, leads=0, closed=0) as office:
        until(office.is_all_scored, "the deals that were there are scored", seconds=300.0)
        for turn, deal in enumerate(office.items("deal", is_open=True) * 10):
            seconds = _seconds_to_score(office, deal, amount=AMOUNTS[turn // 60 % 2])
            took += [seconds] if seconds is not None else []
            if len(took) == rounds:
                break
            time.sleep(ground.chance.uniform(0.0, 0.3))
    median = statistics.median(took)
    seen.note(changes=len(took), median_s=median, slowest_s=max(took))
    seen.held(f"the median is under {WRITTEN_WITHIN:g} s", median < WRITTEN_WITHIN and len(took) == rounds)
    return seen


def _seconds_to_score(office: Office, deal: int, *, amount: int) -> float | None:
    """Change the amount and wait until another score is written; None where the new score shows the same."""
    portal, item = office.portal.portal, Item(kind="deal", item_id=str(deal))
    before, begun = len(portal.writes), time.monotonic()
    changed_at = datetime.now(UTC)
    office.portal.admin.edit(item=deal, fields={"opportunity": amount})
    found: list[float] = []

    def is_done() -> bool:
        if any(one.item_id == deal for one in portal.writes[before:]):
            found.append(time.monotonic() - begun)
            return True
        mirror = office.store.mirrors.of(FIRM, NAME, [item])[item]
        return mirror.seen_at > changed_at and office.is_quiet()

    until(is_done, f"deal {deal} is looked at", seconds=30.0)
    return found[0] if found else None


MOMENT = Drill(
    "B24-moment",
    "one change of a deal at a time in an idle office",
    f"its score is in the card within {WRITTEN_WITHIN:g} s, at the median",
    one_change_at_a_time,
)
