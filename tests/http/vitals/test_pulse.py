"""The pulse waits a moment for the database, and asks one question at a time."""

import threading
from dataclasses import dataclass, field

from mlscore.http.vitals.pulse import Pulse
from mlscore.scoring.errors import StoreUnavailableError


@dataclass
class SlowDatabase:
    """Answers when told to; counts the questions."""

    may_answer: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)
    asked: int = 0

    def ping(self) -> None:
        self.asked += 1
        self.may_answer.wait()
        self.answered.set()


def refuse() -> None:
    raise StoreUnavailableError("The database does not answer.")


def test_a_database_that_answers_is_there() -> None:
    assert Pulse(lambda: None).look() is None


def test_one_that_refuses_is_away_and_says_why() -> None:
    assert str(Pulse(refuse).look()) == "The database does not answer."


def test_one_that_hangs_is_away_and_is_asked_only_once() -> None:
    database = SlowDatabase()
    pulse = Pulse(database.ping, patience_seconds=0.01)
    assert [type(pulse.look()) for _ in range(3)] == [StoreUnavailableError] * 3
    assert database.asked == 1
    database.may_answer.set()
    database.answered.wait()
    pulse.patience_seconds = 10
    assert pulse.look() is None


def test_a_fault_nobody_thought_of_is_an_outage_too_and_the_next_look_asks_again() -> None:
    faults: list[Exception] = [ZeroDivisionError()]

    def ping() -> None:
        if faults:
            raise faults.pop()

    pulse = Pulse(ping)
    assert "ZeroDivisionError" in str(pulse.look())
    assert pulse.look() is None
