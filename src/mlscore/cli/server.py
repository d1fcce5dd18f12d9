"""`mlscore serve`: the HTTP service, by one process or by several that share a port."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from mlscore.cli.checks.listening import in_the_way, what_to_do
from mlscore.cli.console import err, refusing
from mlscore.http.vitals.counting import SHARED_FOLDER
from mlscore.scoring.errors import FaultyInputError
from mlscore.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp
    from uvicorn import Config

    from mlscore.service.application import Application

ENDS_WITHIN_SECONDS = 10


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; MLSCORE_HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; MLSCORE_PORT, else 8000.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that answer together; MLSCORE_WORKERS, else 1.")
    ] = None,
) -> None:
    """Start the service and stay up until Ctrl-C or SIGTERM; requests begun by then are answered."""
    # Before anything that spins: these processes share the machine with a retraining, and with each other.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    given = {"HOST": host, "PORT": port, "WORKERS": workers}
    # To the environment, for that is all a worker process is told.
    os.environ.update({f"MLSCORE_{name}": str(value) for name, value in given.items() if value is not None})
    with refusing() as settings:
        error = in_the_way(settings.host, settings.port)
        if error is not None:
            raise FaultyInputError(f"Nothing is served: {what_to_do(settings.host, settings.port, error)}.")
        _configure_logs(settings)
        if settings.workers == 1:
            _serve_alone(settings)
        else:
            _serve_together(settings)


def make_app() -> FastAPI:
    """Make the application of one worker, which puts away at its end what it was made of."""
    settings = Settings()
    _configure_logs(settings)
    from mlscore.http.vitals.parent import end_with_the_parent

    end_with_the_parent()
    return _app(settings)


def settle() -> None:
    """Take what the start made out of the garbage collector's rounds, and have it come round less often.

    An answer makes a thousand objects: at Python's own pace a tenth of the time goes into looking for circles. Nor does
    it pay to wait much longer: a round over ten thousand takes as long as two groups of deals, and these wait for it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 50, 100)


@contextmanager
def settled() -> Iterator[None]:
    """Settle until the end: a process may have other things to do after."""
    before = gc.get_threshold()
    settle()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def _serve_alone(settings: Settings) -> None:
    # While the champion is tried in a process of its own, what answers requests is loaded; what tries it goes first.
    import_module("mlscore.bootstrap")
    Thread(target=import_module, args=("mlscore.api",), daemon=True).start()
    app = _app(settings)
    from uvicorn import Server

    _tell(settings)
    # The server sends itself again what it was ended by; by then everything is put away.
    signal.signal(signal.SIGTERM, lambda *_: None)
    Server(_config(settings, app)).run()


def _serve_together(settings: Settings) -> None:
    from uvicorn.supervisors import Multiprocess

    from mlscore.bootstrap import open_parts

    with open_parts(settings):
        pass  # The tables are made once, and what cannot be used is told once.
    with _counting_together():
        config = _config(settings, "mlscore.cli.server:make_app")
        _tell(settings)
        Multiprocess(config, sockets=[config.bind_socket()]).run()


def _app(settings: Settings) -> FastAPI:
    from mlscore.bootstrap import build_service

    made_of = ExitStack()
    application = made_of.enter_context(build_service(settings))
    from mlscore.api import create_app

    app = create_app(application, settings, pages=make_pages(application, settings))
    settle()
    running, made_in = app.router.lifespan_context, os.getpid()

    @asynccontextmanager
    async def to_the_end(served: FastAPI) -> AsyncIterator[None]:
        if os.getpid() != made_in:  # neither threads nor OpenMP survive a fork: requests would hang
            raise RuntimeError("The service was made before its process was forked: do not preload it.")
        with made_of:
            async with running(served):
                yield

    app.router.lifespan_context = to_the_end
    return app


def make_pages(application: Application, settings: Settings) -> ASGIApp:
    """Return the pages for people; templates and charts are loaded when the first of them is asked for."""
    from mlscore.http.elsewhere import WhenAsked

    def load() -> ASGIApp:
        from mlscore.web import create_pages

        return create_pages(application, settings)

    return WhenAsked(load)


def _config(settings: Settings, app: FastAPI | str) -> Config:
    from uvicorn import Config

    return Config(
        app,
        factory=isinstance(app, str),
        http="mlscore.http.load.bounded:Bounded",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=settings.connections,
        timeout_graceful_shutdown=ENDS_WITHIN_SECONDS,
    )


@contextmanager
def _counting_together() -> Iterator[None]:
    """Give the workers a folder to count in, so that /metrics of any tells of all."""
    with tempfile.TemporaryDirectory(prefix="mlscore-metrics-") as folder:
        os.environ.setdefault(SHARED_FOLDER, folder)
        yield


def _configure_logs(settings: Settings) -> None:
    from mlscore.logs import configure_logs

    configure_logs(settings)


def _tell(settings: Settings) -> None:
    where = f"http://{settings.host}:{settings.port}"
    by = "" if settings.workers == 1 else f" by {settings.workers} workers"
    err.print(f"mlscore listens on {where}{by} (pages at /, docs at /docs). Ctrl-C stops it.", highlight=False)
