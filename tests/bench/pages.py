"""How fast pages answer on a store of many receipts: a real server, asked over HTTP, one request after another."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import httpx2

from mlscore.api import create_app
from mlscore.cli.server import make_pages
from mlscore.scoring.deal import Deal, Outcome, Status
from mlscore.service.application import Application
from tests.bench.serving import Row
from tests.builders import NOON, a_good_deal, roubles
from tests.fakes import FakeClock
from tests.web.chromium import served
from tests.web.firm import a_firm
from tests.web.visiting import PASSWORD, mark_on

RECEIPTS, AT_ONCE, SELLERS, SEED = 100_000, 1000, 20, 7
TIMES, TARGET_MS = 15, 500.0
AGAIN = 5
"""Every so many deals are scored a second time."""

Progress = Callable[[str], None]


def page_rows(folder: Path, progress: Progress) -> list[Row]:
    """Measure every page by the median of some requests, on a firm that is made the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    with _firm(folder, progress) as (address, took):
        rows = [Row(f"{RECEIPTS:,} receipts brought into brief", f"{took:.1f} s", "")] if took else []
        for role in ("admin", "seller"):
            client = _signed_in(address, role)
            for what, path in _pages(role).items():
                rows.append(_row(f"{what}, as {role}", [_seconds(client, path) for _ in range(TIMES)]))
        csv = _seconds(_signed_in(address, "admin"), "/deals?format=csv")
        rows.append(Row("all deals as a CSV file", f"{csv:.1f} s", ""))
    return rows


def _pages(role: str) -> dict[str, str]:
    own = {
        "deals": "/deals",
        "deals by expected profit": "/deals?sort=-expected_profit",
        "deals by probability": "/deals?sort=-probability",
        "deals searched": "/deals?q=D-4242",
        "deals filtered": "/deals?agreement=model_only&status=open&grade=AAA",
        "account": "/account",
        "queue": "/queue",
        "queue by age of score": "/queue?sort=scored_at",
        "desk": "/desk",
    }
    if role == "seller":
        return own
    return {
        **own,
        "deals, the last page": "/deals?page=99999",
        "a deal": "/deals/D-5",
        "people": "/users",
        "audit log": "/audit",
        "rules and model": "/rules-and-model",
        "overview": "/overview",
        "disagreements, open": "/disagreements",
        "disagreements, closed": "/disagreements?tab=closed",
        "target list": "/targets",
        "models": "/models",
        "exceptions": "/exceptions",
        "policy": "/policy",
        "policy, another tried": "/policy?mode=count&criterion-steam=2.5",
    }


def _row(what: str, seconds: list[float]) -> Row:
    median, most = statistics.median(seconds) * 1000, max(seconds) * 1000
    return Row(what, f"{median:.0f} ms ({most:.0f} at most)", f"< {TARGET_MS:.0f} ms", median < TARGET_MS)


def _seconds(client: httpx2.Client, path: str) -> float:
    begun = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == httpx2.codes.OK, (path, answer.status_code)
    return time.perf_counter() - begun


def _signed_in(address: str, name: str) -> httpx2.Client:
    client = httpx2.Client(base_url=address, headers={"Accept": "text/html", "Accept-Language": "ru"}, timeout=120)
    form = {"csrf": mark_on(client.get("/sign-in").text), "name": name, "password": PASSWORD}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=urlencode(form), headers=headers).status_code == httpx2.codes.SEE_OTHER
    return client


@contextmanager
def _firm(folder: Path, progress: Progress) -> Iterator[tuple[str, float]]:
    is_new = not (folder / "made").exists()
    with a_firm(folder) as (application, settings):
        if is_new:
            _fill(application, progress)
        begun = time.perf_counter()
        assert application.office is not None
        application.office.briefs.catch_up(application.firm, at_most=None)
        took = time.perf_counter() - begun if is_new else 0.0
        (folder / "made").touch()
        with served(create_app(application, settings, pages=make_pages(application, settings))) as address:
            yield address, took


def _fill(application: Application, progress: Progress) -> None:
    office, firm = application.office, application.firm
    assert office is not None
    for name, sellers in (("admin", ()), ("seller", ("S-7",))):
        office.people.add(firm, name, role=name, sellers=sellers, password=PASSWORD, by="a benchmark")
    random, clock = Random(SEED), FakeClock(NOON)
    scoring = replace(application.scoring, clock=clock)
    deals = [_deal(number, random) for number in range(RECEIPTS - RECEIPTS // AGAIN)]
    for begin in range(0, RECEIPTS, AT_ONCE):
        if begin % 20_000 == 0:
            progress(f"{begin:,} receipts kept")
        clock.wait(3600)
        some: list[Deal] = deals[begin : begin + AT_ONCE] or deals[(begin % len(deals)) :][:AT_ONCE]
        scoring.score(firm, [replace(deal, as_of=clock()) for deal in some])
    ended = [_outcome(deal, random) for deal in deals if random.random() < 0.7]
    for begin in range(0, len(ended), AT_ONCE):
        application.outcomes.record(firm, ended[begin : begin + AT_ONCE])


def _deal(number: int, random: Random) -> Deal:
    def perhaps(value: Any) -> Any:
        return None if random.random() < 0.2 else value

    return a_good_deal(
        deal_id=f"D-{number}",
        stage="deal",
        company_id=f"C-{random.randrange(20_000)}",
        seller_id=f"S-{random.randrange(SELLERS)}",
        steam_tph=perhaps(random.uniform(1, 9)),
        budget_allocated=perhaps(random.random() < 0.6),
        need_defined=perhaps(random.random() < 0.7),
        asap=perhaps(random.random() < 0.4),
        amount=roubles(random.randrange(5_000, 500_000)),
        profit_if_won=perhaps(roubles(random.randrange(500, 60_000))),
    )


def _outcome(deal: Deal, random: Random) -> Outcome:
    is_won = random.random() < 0.4
    return Outcome(
        deal_id=deal.deal_id,
        status=Status.WON if is_won else Status.LOST,
        closed_at=NOON + timedelta(hours=200),
        realised_profit=roubles(random.randrange(100, 60_000)) if is_won else None,
    )
