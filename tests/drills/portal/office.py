"""A portal that is played, connected as a person connects it, with the service and the workers beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from mlscore.bootstrap import BITRIX24 as NAME
from mlscore.crm.bitrix24.fake import FakePortal, Limits, Served, serve_portal
from mlscore.ports import Current, Item, ItemKind
from mlscore.registry import Shelf
from mlscore.scoring.policy import default_policy, fingerprint
from mlscore.store import Store, open_store
from tests.drills.running import Service, a_service, until
from tests.drills.telling import Ground
from tests.registry.models import a_bundle, a_weighted_model

FIRM = "main"
LOOPBACK = "127.0.0.0/8, http://127.0.0.1"


@dataclass(slots=True)
class Worker:
    """`mlscore bitrix24 run` as a process of its own."""

    service: Service
    number: int
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.starts.append(time.monotonic())
        with (self.service.folder / f"worker-{self.number}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mlscore.cli", "bitrix24", "run"],
                cwd=self.service.folder,
                env=self.service.environment,
                stdout=log,
                stderr=log,
            )

    def end(self, number: signal.Signals) -> int:
        """End it by a signal, and return its status once it is gone."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(90)


@dataclass
class Office:
    """A firm at work: people change deals in `portal`, `service` hears of it, `workers` write scores back."""

    portal: Served
    service: Service
    workers: list[Worker]
    folder: Path
    ends: dict[int, int] = field(default_factory=dict)

    @cached_property
    def store(self) -> Store:
        """The service's own store, for looking."""
        return open_store(self.service.database)

    def figures(self) -> dict[str, Any]:
        return self.portal.admin.figures()

    def items(self, kind: str, *, is_open: bool) -> list[int]:
        """Return the portal's items that are open, or those that have ended."""
        return [one["id"] for one in self.portal.admin.items(kind=kind) if (one["stageSemanticId"] == "P") is is_open]

    def is_quiet(self) -> bool:
        """Tell whether nothing is left to be looked at, and every score is of today's policy and champion."""
        applied = self.store.policies.current(FIRM)
        current = Current(
            policy_version=fingerprint(default_policy()) if applied is None else applied.fingerprint,
            model_version=Shelf(self.service.folder / "models").champion(FIRM),
            at=datetime.now(UTC),
        )
        fresh = self.store.mirrors.freshness(FIRM, NAME, current)
        return (fresh.waiting, fresh.set_aside, fresh.stale) == (0, 0, 0)

    def is_all_scored(self) -> bool:
        """Tell whether every open item has been scored, and nothing is left to be looked at."""
        opened = len(self.items("deal", is_open=True)) + len(self.items("lead", is_open=True))
        return len(self.store.mirrors.open_items(FIRM, NAME)) >= opened and self.is_quiet()

    def searches_again(self) -> None:
        """Start the workers anew: the first thing they do is to search for what events lost."""
        asked = self._searched()
        for worker in self.workers:
            worker.end(signal.SIGTERM)
        for worker in self.workers:
            worker.start()
        until(lambda: self._searched() > asked, "the portal is searched", seconds=120.0)

    def back_too_early(self) -> int:
        """Count the refusals after which a worker came back before it could hope for more.

        Not those that a worker which has been killed since was told of: the next one cannot know.
        """
        starts = [at for worker in self.workers for at in worker.starts]
        early = self.portal.portal.gate.early
        return sum(not any(one.at < at <= one.at + (one.back_after or 0.0) for at in starts) for one in early)

    def unheard(self) -> list[str]:
        """Return the items with an event that was acknowledged and after which nobody looked at them."""
        told: dict[Item, float] = {}
        for event in list(self.portal.portal.courier.events):
            if event.fate == "sent":
                kind: ItemKind = "deal" if "DEAL" in event.name else "lead"
                told[Item(kind=kind, item_id=str(event.item_id))] = event.at
        mirrors = self.store.mirrors.of(FIRM, NAME, list(told))
        # Of what was made and deleted before anybody looked there is no mirror.
        return [str(item) for item, at in told.items() if item in mirrors and mirrors[item].seen_at.timestamp() < at]

    def _searched(self) -> int:
        return int(self.figures()["calls"].get("crm.item.list", 0))


@contextmanager
def an_office(
    ground: Ground, url: str, *, workers: int, limits: Limits | None = None, **people: int
) -> Iterator[Office]:
    """Give an office at work, its portal connected by `mlscore bitrix24 connect`."""
    settings = {"MLSCORE_BITRIX24": str(ground.folder / "bitrix24"), "MLSCORE_OUTGOING_ALLOWED": LOOPBACK}
    portal = FakePortal(seed=ground.seed, limits=limits or Limits())
    with serve_portal(portal) as served, a_service(ground.folder / "service", url, **settings) as service:
        served.admin.found(**people)
        _connect(service, served)
        _put_a_champion(service, "1")
        service.start()
        office = Office(served, service, [Worker(service, n) for n in range(workers)], ground.folder / "bitrix24")
        try:
            for worker in office.workers:
                worker.start()
            yield office
        finally:
            for worker in office.workers:
                office.ends[worker.number] = worker.end(signal.SIGTERM)
            office.store.close()


def _connect(service: Service, served: Served) -> None:
    """Connect as a person does, who pastes the webhook's address and, once the events are set up, their token."""
    handler = served.admin.tell_to(url=f"{service.url}/v1/bitrix24/events")
    command = [sys.executable, "-m", "mlscore.cli", "bitrix24", "connect", "--yes", "--address", service.url]
    pasted = f"{served.webhook}\n{handler['token']}\n"
    said = subprocess.run(
        command, cwd=service.folder, env=service.environment, input=pasted, capture_output=True, text=True, check=False
    )
    if said.returncode:
        raise RuntimeError(f"connect ended with {said.returncode}: {said.stderr[-2000:]}")


def _put_a_champion(service: Service, version: str) -> None:
    shelf = Shelf(service.folder / "models")
    shelf.put(FIRM, version, a_bundle(service.folder / f"bundle-{version}", a_weighted_model(), told=version))
    shelf.point(FIRM, version)
