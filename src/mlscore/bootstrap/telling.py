"""Puts together what tells webhooks of scores. Apart: the web framework and the HTTP client are slow to load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from mlscore.api import rendering
from mlscore.bootstrap import now, open_parts
from mlscore.http.json_answer import JsonAnswer
from mlscore.outgoing import Allowed, open_caller
from mlscore.ports import Clock
from mlscore.scoring.receipt import Receipt
from mlscore.service.telling.delivering import Telling
from mlscore.settings import Settings

WEBHOOK_ANSWER_BYTES = 1_000_000


@contextmanager
def build_telling(settings: Settings, *, clock: Clock = now) -> Iterator[Telling]:
    """Put together what tells webhooks of scores, in the language of the settings. Raises as `open_parts` does."""
    allowed = Allowed.of(settings.outgoing_allowed)
    with open_parts(settings, clock=clock) as parts:

        def write(firm: str, receipt: Receipt) -> bytes:
            words = rendering.words_for(receipt, parts.policies, firm, settings.language)
            return bytes(JsonAnswer(rendering.score(receipt, words)).body)

        yield Telling(
            webhooks=parts.store.webhooks,
            deliveries=parts.store.deliveries,
            write=write,
            call=partial(open_caller, allowed=allowed, bytes_at_most=WEBHOOK_ANSWER_BYTES),
            clock=clock,
        )
