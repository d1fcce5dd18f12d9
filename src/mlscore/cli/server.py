"""`mlscore serve`: the HTTP service."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from mlscore.cli.console import err, refusing


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; MLSCORE_HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; MLSCORE_PORT, else 8000.")] = None,
) -> None:
    """Start the service and stay up until Ctrl-C."""
    import uvicorn

    from mlscore.api import create_app
    from mlscore.bootstrap import build_service
    from mlscore.logs import configure_logs

    with refusing() as settings:
        configure_logs(settings)
        with build_service(settings) as application:
            app = create_app(application, settings)
            settle()
            where, at = host or settings.host, settings.port if port is None else port
            err.print(f"mlscore listens on http://{where}:{at} (docs at /docs). Ctrl-C stops it.", highlight=False)
            uvicorn.run(app, host=where, port=at, log_config=None, access_log=False, timeout_graceful_shutdown=10)


def settle() -> None:
    """Take what the start made out of the garbage collector's rounds, and have it come round less often.

    An answer leaves hardly a circle behind, but makes a thousand objects: at Python's own pace a tenth of the time goes
    into looking for circles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
