"""Briefing works off a long backlog by itself, once at a time, and survives a store that goes away."""

from dataclasses import dataclass, field
from threading import Event

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.service.briefing import Briefing


@dataclass
class Backlog:
    """Takes one receipt a time from a backlog; `done` is set once nothing is left."""

    left: int
    fails: bool = False
    calls: int = 0
    done: Event = field(default_factory=Event)

    def catch_up(self, firm, *, at_most=None):
        self.calls += 1
        if self.fails and self.calls > 1:
            self.done.set()
            raise StoreUnavailableError("The database does not answer.")
        self.left = max(0, self.left - 1)
        if not self.left:
            self.done.set()
        return self.left


def test_what_is_new_is_in_at_once():
    backlog = Backlog(left=1)
    assert Briefing(backlog).catch_up("main") == 0
    assert backlog.calls == 1


def test_a_long_backlog_goes_on_by_itself():
    backlog = Backlog(left=5)
    assert Briefing(backlog).catch_up("main") == 4
    assert backlog.done.wait(5)
    assert backlog.left == 0


def test_a_store_that_goes_away_ends_the_work_and_not_the_service():
    backlog = Backlog(left=5, fails=True)
    assert Briefing(backlog).catch_up("main") == 4
    assert backlog.done.wait(5)
