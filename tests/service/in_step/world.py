"""A CRM in memory, and what keeps it in step, over a real store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

from mlscore.ports import Current, Item, Mirror, Receipts, Why
from mlscore.scoring.policy import default_document
from mlscore.scoring.receipt import Receipt
from mlscore.service.in_step import Aging, Currently, Holding, Looking, Rescoring, Sweep, Worker
from mlscore.service.outcomes import OutcomeService
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import ScoringService
from mlscore.store import Store
from tests.fakes import FakeClock, FixedChampions, FixedTrackRecords
from tests.models import a_model
from tests.service.in_step.crm import FakeCrm, deal, deal_id_of


@dataclass
class World:
    """Everything of one firm; `around` may put something between the worker and each port it calls."""

    store: Store
    clock: FakeClock = field(default_factory=FakeClock)
    firm: str = field(default_factory=lambda: f"firm-{uuid4().hex[:8]}")
    around: Callable[[Any], Any] = lambda port: port
    champions: FixedChampions = field(default_factory=lambda: FixedChampions(a_model()))

    def __post_init__(self) -> None:
        self.crm = FakeCrm(self.clock)
        self.policies = CurrentPolicies(
            self.store.policies, default=default_document(), clock=self.clock, fresh_seconds=0.0
        )

    def current(self) -> Current:
        """Return what a fresh score is made with now."""
        return Currently(firm=self.firm, policies=self.policies, champions=self.champions, clock=self.clock)()

    def worker(self, by: str = "one") -> Worker:
        """Make a worker that knows nothing but what is stored."""
        crm, mirrors, tasks = self.around(self.crm), self.around(self.store.mirrors), self.around(self.store.tasks)
        receipts = cast("Receipts", self.around(self.store.receipts))
        scoring = ScoringService(
            receipts=receipts,
            track_records=FixedTrackRecords(),
            policies=self.policies,
            champions=self.champions,
            clock=self.clock,
        )
        rescoring = Rescoring(
            firm=self.firm,
            crm=crm,
            mirrors=mirrors,
            receipts=receipts,
            scoring=scoring,
            policies=self.policies,
            current=self.current,
        )
        outcomes = OutcomeService(outcomes=self.around(self.store.outcomes), receipts=receipts, clock=self.clock)
        kept = {"firm": self.firm, "crm": crm, "mirrors": mirrors, "clock": self.clock}
        return Worker(
            firm=self.firm,
            crm=crm,
            tasks=tasks,
            looking=Looking(**kept, outcomes=outcomes, rescoring=rescoring),
            sweep=Sweep(**kept, tasks=tasks, cursors=self.around(self.store.cursors), policies=self.policies),
            aging=Aging(**kept, tasks=tasks, current=self.current),
            holding=Holding(
                firm=self.firm,
                crm=crm.name,
                holds=self.around(self.store.holds),
                clock=self.clock,
                by=by,
                monotonic=self.clock.monotonic,
            ),
            clock=self.clock,
            by=by,
            monotonic=self.clock.monotonic,
        )

    def tell(self, *items: Item, why: Why = "event") -> None:
        self.store.tasks.tell(self.firm, self.crm.name, items, why=why, at=self.clock())

    def deliver(self) -> None:
        """Bring every event that the CRM has fired."""
        fired, self.crm.events = self.crm.events, []
        self.tell(*fired)

    def settle(self, worker: Worker | None = None, *, turns: int = 200) -> Worker:
        """Work until nothing is left to do, bringing events as they are fired; time goes on by a second a turn."""
        worker = worker or self.worker()
        for _ in range(turns):
            self.deliver()
            pause = worker.turn()
            self.clock.wait(1.0)
            if pause and not self.crm.events and not self._waiting():
                return worker
        raise AssertionError("it never settles")

    def receipts(self, number: int = 1) -> Sequence[Receipt]:
        """Return the receipts of a deal, the newest first."""
        return self.store.receipts.of_deal(self.firm, deal_id_of(deal(number)))

    def mirror(self, number: int = 1) -> Mirror:
        item = deal(number)
        return self.store.mirrors.of(self.firm, self.crm.name, [item])[item]

    def shown(self, number: int = 1) -> str:
        return self.crm.items[deal(number)].shown["VERDICT"]

    def _waiting(self) -> int:
        return self.store.mirrors.freshness(self.firm, self.crm.name, self.current()).waiting
