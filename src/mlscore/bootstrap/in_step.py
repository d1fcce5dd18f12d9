"""Puts together what keeps a CRM in step. Apart: the HTTP client is slow to load, and few commands need it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from secrets import token_hex
from socket import gethostname
from typing import Any

from mlscore.bootstrap import BITRIX24, Parts, currently, now, open_champions, open_parts
from mlscore.crm.bitrix24.connection import read_connection
from mlscore.crm.bitrix24.portal_crm import open_crm
from mlscore.outgoing import Allowed
from mlscore.ports import Clock, Crm
from mlscore.registry import LocalChampions
from mlscore.scoring.errors import NotFoundError
from mlscore.scoring.policy import Policy
from mlscore.service.in_step import Aging, Holding, Looking, Rescoring, Sweep, Worker
from mlscore.service.outcomes import OutcomeService
from mlscore.service.scoring import ScoringService
from mlscore.settings import Settings
from mlscore.store import BRISK


@contextmanager
def build_in_step(settings: Settings, *, clock: Clock = now) -> Iterator[Worker]:
    """Put together what keeps the firm's portal in step.

    Raises as `open_parts` and `open_crm` do, and NotFoundError where no portal is connected.
    """
    connection = read_connection(settings.bitrix24)
    if connection is None:
        raise NotFoundError(f"No portal is connected in {settings.bitrix24}: run `mlscore bitrix24 connect`.")
    allowed = Allowed.of(settings.outgoing_allowed)
    with ExitStack() as made_of:
        parts = made_of.enter_context(open_parts(settings, clock=clock, waits=BRISK))
        champions = made_of.enter_context(open_champions(settings, parts))
        policy = partial(_policy_of, parts, settings.firm)
        holding = Holding(
            firm=settings.firm,
            crm=BITRIX24,
            holds=parts.store.holds,
            clock=clock,
            by=f"{gethostname()} {os.getpid()} {token_hex(4)}",
        )
        crm = made_of.enter_context(
            open_crm(connection, policy=policy, allowed=allowed, may_call=holding.is_still_mine)
        )
        yield _worker(settings, parts, champions, crm, holding)


def _policy_of(parts: Parts, firm: str) -> Policy:
    return parts.policies.current(firm).policy


def _worker(settings: Settings, parts: Parts, champions: LocalChampions, crm: Crm, holding: Holding) -> Worker:
    store, policies, clock, firm = parts.store, parts.policies, parts.clock, settings.firm
    current = currently(settings, parts, champions)
    rescoring = Rescoring(
        firm=firm,
        crm=crm,
        mirrors=store.mirrors,
        receipts=store.receipts,
        scoring=ScoringService(
            receipts=store.receipts,
            track_records=store.track_records,
            policies=policies,
            champions=champions,
            clock=clock,
        ),
        policies=policies,
        current=current,
        may_keep=holding.is_still_mine,
    )
    kept: dict[str, Any] = {"firm": firm, "crm": crm, "mirrors": store.mirrors, "clock": clock}
    outcomes = OutcomeService(outcomes=store.outcomes, receipts=store.receipts, clock=clock)
    return Worker(
        firm=firm,
        crm=crm,
        tasks=store.tasks,
        looking=Looking(**kept, outcomes=outcomes, rescoring=rescoring),
        sweep=Sweep(**kept, tasks=store.tasks, cursors=store.cursors, policies=policies),
        aging=Aging(**kept, tasks=store.tasks, current=current),
        holding=holding,
        clock=clock,
        by=holding.by,
    )
