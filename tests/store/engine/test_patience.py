import os
import signal
from time import monotonic

import pytest
from psycopg import Connection
from sqlalchemy import text

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.store.engine import Rest, Waits, open_database
from mlscore.store.engine.patience import Patience
from tests.fakes import FakeClock
from tests.postgres import Postgres


def test_a_server_that_freezes_is_waited_for_no_longer_than_told(postgres: Postgres) -> None:
    with postgres.fresh_database() as url:
        database = open_database(url, waits=Waits(silence=0.5))
        with database.reading() as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))
        os.kill(backend, signal.SIGSTOP)
        began = monotonic()
        try:
            with database.reading() as connection:
                # The pool finds its connection dead and opens another: a frozen backend is one of many.
                assert connection.scalar(text("SELECT pg_backend_pid()")) != backend
        finally:
            os.kill(backend, signal.SIGCONT)
        assert 0.4 < monotonic() - began < 10
        database.engine.dispose()


def test_its_connections_are_all_of_one_class(postgres: Postgres) -> None:
    with postgres.fresh_database() as url:
        patience, address = Patience(5.0), url.replace("+psycopg", "")
        with patience.connect(address) as one, patience.connect(address) as other:
            assert type(one) is type(other) is not Connection


def test_a_statement_that_never_ends_is_an_outage(postgres: Postgres) -> None:
    with postgres.fresh_database() as url:
        database = open_database(url, waits=Waits(silence=0.5))
        with pytest.raises(StoreUnavailableError), database.reading() as connection:
            connection.execute(text("SELECT pg_sleep(60)"))
        with database.reading() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        database.engine.dispose()


def test_after_a_failure_nobody_asks_until_the_rest_is_over_and_then_one_asks_first() -> None:
    clock = FakeClock()
    rest = Rest(seconds=1.0, longest_try=5.0, monotonic=clock.monotonic)
    rest.refuse()
    rest.begin()
    with pytest.raises(StoreUnavailableError):
        rest.refuse()
    clock.wait(1.0)
    rest.refuse()
    with pytest.raises(StoreUnavailableError):
        rest.refuse()
    rest.end()
    rest.refuse()
    rest.refuse()


def test_who_was_to_ask_first_and_never_told_is_not_waited_for_for_ever() -> None:
    clock = FakeClock()
    rest = Rest(seconds=1.0, longest_try=5.0, monotonic=clock.monotonic)
    rest.begin()
    clock.wait(1.0)
    rest.refuse()
    clock.wait(5.0)
    rest.refuse()
