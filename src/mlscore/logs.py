"""Sets up logging: one line an event, JSON for machines, colours for a person; no secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Protocol, TextIO

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, Processor

HIDDEN = "***"
_SECRETS = ("authorization", "api_key", "secret", "password", "token", "cookie")
_KEY = re.compile(r"mlscore_[\w-]{43}|whsec_[\w+/=]+|(?<=://)[^/@\s]+(?=@)")
"""An API key, a webhook's secret, or the credentials in an address, wherever they stand."""

_TALKATIVE = ("sqlalchemy", "httpx2", "httpcore2")
"""Libraries that at the lower levels repeat what they send: facts of deals, addresses with a token in them."""


class LogSettings(Protocol):
    """What is asked of the settings."""

    @property
    def log_level(self) -> str:
        """The least that is logged: debug, info, warning or error."""
        ...


def configure_logs(settings: LogSettings, *, stream: TextIO | None = None, as_json: bool | None = None) -> None:
    """Send our events and those of libraries to `stream` (stderr); JSON unless a person looks at a terminal."""
    stream = stream or sys.stderr
    is_json = not stream.isatty() if as_json is None else as_json
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_as_json) if is_json else structlog.dev.ConsoleRenderer()
    )
    level = getattr(logging, settings.log_level.upper())
    # Ours do not go through the standard library's logging: it costs more than all the rest of a line.
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.WriteLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def _as_json(event: EventDict, **_: object) -> str:
    return to_json(event, fallback=repr).decode()


def hide_secrets(_logger: object, _method: str, event: EventDict) -> MutableMapping[str, object]:
    """Replace the value of anything named like a secret, and whatever looks like one in any text."""
    return {name: _hidden(name, value) for name, value in event.items()}


def _hidden(name: str, value: object) -> object:
    if _is_secret(name):
        return HIDDEN
    return _KEY.sub(HIDDEN, value) if isinstance(value, str) else value


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRETS)
