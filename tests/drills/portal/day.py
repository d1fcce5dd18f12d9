"""A day with a portal: thousands of changes, lost events, limits, outages, kills; and in the evening all is right."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from threading import Thread

from mlscore.crm.bitrix24.fake import Limits
from mlscore.crm.bitrix24.fake.traffic.limits import BUCKETS
from mlscore.scoring.policy import default_document
from tests.drills.databases import Durable, durable_postgres
from tests.drills.portal.evening import keeping_the_books
from tests.drills.portal.office import FIRM, Office, an_office
from tests.drills.running import until
from tests.drills.telling import Drill, Ground, Seen

OPERATION_TIME_LIMIT = "OPERATION_TIME_LIMIT"
CODES = ("QUERY_LIMIT_EXCEEDED", OPERATION_TIME_LIMIT)
DEALS, CHANGES, BURSTS, KILLS, LOST_SHARE = 2_000, 10_000, 40, 10, 0.05
ENDED, MERGED, DELETED = 100, 10, 30
PORTAL_AWAY_SECONDS, DATABASE_AWAY_SECONDS = 25.0, 3.0
QUIET_WITHIN = 1_500.0
LIMITS = Limits(bucket_seconds=3.0)
"""The portal's own, but for the ten minutes in which a method's time is counted: they are half a minute here."""


def a_day(ground: Ground) -> Seen:
    """Let everything befall an office in one day, and look over every item in the evening."""
    seen = Seen()
    with durable_postgres() as database:
        deals = ground.rounds(DEALS)
        people = {"deals": deals, "leads": deals // 10, "closed": deals // 10}
        with an_office(ground, database.url, workers=2, limits=LIMITS, **people) as office:
            _timed(seen, "morning", lambda: until(office.is_all_scored, "all is scored", seconds=QUIET_WITHIN))
            _timed(seen, "day", lambda: _live_through(office, database, ground, seen))
            _timed(seen, "night", lambda: _end_the_day(office))
            _tell(office, seen)
    return seen


def _timed(seen: Seen, name: str, part: Callable[[], object]) -> None:
    begun = time.monotonic()
    part()
    seen.note(**{f"{name}_s": round(time.monotonic() - begun)})


def _live_through(office: Office, database: Durable, ground: Ground, seen: Seen) -> None:
    """Change deals in bursts while one thing after the other goes wrong."""
    admin, chance = office.portal.admin, ground.chance
    admin.events(lose_share=LOST_SHARE)
    mishaps = _mishaps(office, database, Random(f"{ground.seed} mishaps"), kills=ground.rounds(KILLS))
    befalling = Thread(target=_befall, args=(mishaps,))
    befalling.start()
    bursts, changed = ground.rounds(BURSTS), 0
    for _ in range(bursts):
        changed += admin.burst(changes=ground.rounds(CHANGES) // bursts, companies_too=True)
        _end_some(office, chance, share=1 / bursts, ground=ground)
        time.sleep(chance.uniform(1.0, 6.0))
    befalling.join()
    seen.note(changes=changed)


def _end_some(office: Office, chance: Random, *, share: float, ground: Ground) -> None:
    """End, reopen, merge and delete some deals."""
    admin = office.portal.admin
    opened = office.items("deal", is_open=True)
    chance.shuffle(opened)
    for _ in range(max(1, round(ground.rounds(ENDED) * share))):
        admin.close(item=opened.pop(), won=chance.random() < 0.5, profit=float(chance.randint(1_000, 90_000)))
    if chance.random() < ground.rounds(DELETED) * share:
        admin.delete(item=opened.pop())
    if chance.random() < ground.rounds(MERGED) * share:
        admin.merge(into=opened.pop(), others=[opened.pop()])
    ended = office.items("deal", is_open=False)
    admin.reopen(item=chance.choice(ended))


def _mishaps(office: Office, database: Durable, chance: Random, *, kills: int) -> Sequence[Callable[[], None]]:
    """Return everything that goes wrong, in an order of chance."""

    def kill_the_service() -> None:
        office.service.kill()
        office.service.start()

    def kill_a_worker() -> None:
        worker = chance.choice(office.workers)
        worker.end(signal.SIGKILL)
        worker.start()

    def lose_the_portal() -> None:
        office.portal.admin.fault(is_down=True)
        time.sleep(PORTAL_AWAY_SECONDS)
        office.portal.admin.fault(is_down=False)

    def crowd_the_portal() -> None:
        office.portal.admin.crowd(requests=60)

    def take_the_time_of_updates() -> None:
        _spend_until_refused(office)

    def apply_a_policy() -> None:
        document = default_document().replace("urgent_days = 30", "urgent_days = 45")
        office.store.policies.apply(FIRM, document, at=datetime.now(UTC), by="a manager", why="longer is urgent too")

    def drop_some_connections() -> None:
        office.portal.admin.fault(drop_before_share=0.1, drop_after_share=0.1, internal_share=0.02)
        time.sleep(PORTAL_AWAY_SECONDS)
        office.portal.admin.fault(drop_before_share=0.0, drop_after_share=0.0, internal_share=0.0)

    mishaps = [kill_the_service, kill_a_worker] * (kills // 2) + [kill_a_worker] * (kills % 2)
    mishaps += [lose_the_portal, crowd_the_portal, crowd_the_portal, take_the_time_of_updates, drop_some_connections]
    mishaps += [apply_a_policy, lambda: database.restart(DATABASE_AWAY_SECONDS)]
    chance.shuffle(mishaps)
    return mishaps


def _spend_until_refused(office: Office) -> None:
    """Take the time of updates, once a window: in a quiet one nobody is refused, and the drill would prove nothing."""
    window = BUCKETS * LIMITS.bucket_seconds
    spent_at = -window

    def is_refused() -> bool:
        nonlocal spent_at
        if time.monotonic() - spent_at > window:
            office.portal.admin.spend(method="crm.item.update")
            spent_at = time.monotonic()
        return OPERATION_TIME_LIMIT in office.figures()["refusals"]

    until(is_refused, "an update was refused for the time it took", seconds=QUIET_WITHIN)


def _befall(mishaps: Sequence[Callable[[], None]]) -> None:
    for mishap in mishaps:
        time.sleep(4.0)
        mishap()


def _end_the_day(office: Office) -> None:
    """Search once more for what events lost, and wait until nothing is left."""
    office.portal.admin.events(lose_share=0.0)
    until(office.is_quiet, "what is known is worked off", seconds=QUIET_WITHIN)
    office.searches_again()
    until(office.is_quiet, "what the search found is worked off", seconds=QUIET_WITHIN)
    # As every night: what was deleted changes no more, and is found by what is not listed.
    with keeping_the_books(office) as books:
        books.search_all()
    until(office.is_quiet, "what the night's search found is worked off", seconds=QUIET_WITHIN)


def _tell(office: Office, seen: Seen) -> None:
    figures, events = office.figures(), office.portal.admin.events()
    with keeping_the_books(office) as books:
        evening = books.look_over()
    seen.note(events_sent=events.get("sent", 0), lost=events.get("lost", 0), failed=events.get("failed", 0))
    seen.note(calls=sum(figures["calls"].values()), refused=figures["refusals"], back_too_early=office.back_too_early())
    seen.note(writes=figures["writes"], looked_over=evening.looked_at, receipts=evening.receipts)
    wrong = {
        "every open item has a score": evening.not_scored,
        "it is of the item's final facts": evening.of_other_facts,
        "what is written equals a fresh score at the receipt's own as_of and policy": evening.shown_otherwise,
        "none was scored twice for the same, as for our own write-back": evening.scored_for_nothing,
        "what has ended counts as ended": evening.not_closed,
        "whatever event was acknowledged, its item was looked at afterwards": office.unheard(),
    }
    for promise, items in wrong.items():
        seen.note(**{f"not so that {promise}": f"{len(items)}, such as {items[0]}"} if items else {})
        seen.held(promise, not items)
    seen.held("the client came back after no refusal too early", office.back_too_early() == 0)
    seen.held("both limits were hit", len(figures["refusals"]) == len(CODES))


DAY = Drill(
    "B24-day",
    f"{DEALS:,} deals, {CHANGES:,} changes in bursts, {LOST_SHARE:.0%} of events lost, limits hit, the portal down, "
    f"{KILLS} kills, the database restarted, a new policy",
    "in the evening every card shows a fresh score of its deal; nothing acknowledged is lost, nothing scored twice",
    a_day,
)
