"""Sets up logging: one line an event, JSON for machines, colours for a person; no secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Protocol, TextIO

import structlog
from structlog.typing import EventDict, Processor

HIDDEN = "***"
_SECRETS = ("authorization", "api_key", "secret", "password", "token", "cookie")
_KEY = re.compile(r"mlscore_[\w-]{43}|(?<=://)[^/@\s]+(?=@)")
"""An API key, or the credentials in an address, wherever they stand."""

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
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if is_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
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
    root.setLevel(settings.log_level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def hide_secrets(_logger: object, _method: str, event: EventDict) -> MutableMapping[str, object]:
    """Replace the value of anything named like a secret, and whatever looks like one in any text."""
    return {name: _hidden(name, value) for name, value in event.items()}


def _hidden(name: str, value: object) -> object:
    if any(word in name.lower() for word in _SECRETS):
        return HIDDEN
    return _KEY.sub(HIDDEN, value) if isinstance(value, str) else value
