"""`mlscore bitrix24 import`: takes in the deals the portal has closed, so that a model can learn from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from mlscore.cli.console import err, out, progress, refusing
from mlscore.cli.history import tell_import
from mlscore.crm.bitrix24.mapping import read_portal_mapping
from mlscore.scoring.errors import FaultyInputError
from mlscore.service.importing import ImportReport, import_history

if TYPE_CHECKING:
    from mlscore.bootstrap import Parts
    from mlscore.crm.bitrix24.client import Portal
    from mlscore.crm.bitrix24.mapping import PortalTerms
    from mlscore.ports import Page


NAMED_AT_MOST = 20

_logger = structlog.get_logger()


def import_closed(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Deals closed on this day or later.")],
    funnel: Annotated[
        list[int] | None, typer.Option(help="The number of a funnel; repeat it. Else: those of the mapping.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin with the first deal, not where the last import stopped.")
    ] = False,
) -> None:
    """Import closed deals: each is scored by today's rules as of the moment its work began, and kept beside its end.

    An import that was interrupted goes on where it stopped, and importing again changes nothing. Facts are as the
    portal has them now, so a field that is filled in when a deal closes must not be mapped to a fact.
    """
    from mlscore.bootstrap import open_parts
    from mlscore.crm.bitrix24.client import open_portal
    from mlscore.crm.bitrix24.connection import read_connection
    from mlscore.logs import configure_logs
    from mlscore.outgoing import Allowed

    with refusing() as settings, open_parts(settings) as parts:
        configure_logs(settings)
        connection = read_connection(settings.bitrix24)
        if connection is None:
            raise FaultyInputError("No portal is connected: run `mlscore bitrix24 connect`.")
        terms = read_portal_mapping(connection.mapping)
        if terms.deal is None:
            raise FaultyInputError(f"{connection.mapping} has no [deal]: it does not say what a deal's fields mean.")
        by = sha256(connection.mapping.read_bytes()).hexdigest()[:16]
        wanted = _Wanted(settings.firm, since.date(), funnel or list(terms.deal.funnels), by, anew=anew)
        with open_portal(connection.secrets.webhook, allowed=Allowed.of(settings.outgoing_allowed)) as portal:
            past, host = _read_all(wanted, portal, terms, parts), portal.host
        if not past.read:
            out.print("No closed deal was found.")
            return
        tell_import(host, settings.firm, _take_in(settings.firm, past, parts))
        _tell_left_out(past.left_out)
        _tell_as_made(past.as_made)
        # Whole: the next import looks at all of them again, for a deal of any number may have closed since.
        parts.store.pages.drop(settings.firm)


@dataclass(frozen=True, slots=True)
class _Wanted:
    firm: str
    since: date
    funnels: Sequence[int]
    mapping: str
    _: KW_ONLY
    anew: bool

    @property
    def place(self) -> str:
        """The name its pages are kept by: read by another mapping they are of no use."""
        return f"bitrix24 since {self.since} of {','.join(map(str, self.funnels)) or 'all'} by {self.mapping}"


def _read_all(wanted: _Wanted, portal: Portal, terms: PortalTerms, parts: Parts) -> Page:
    """Read page after page, keeping each until the import is whole: reading takes long, and may be interrupted."""
    from mlscore.crm.bitrix24.history import as_one, closed_deals
    from mlscore.crm.bitrix24.portal_crm import PortalCrm

    kept, policy = parts.store.pages, parts.policies.current(wanted.firm).policy
    if wanted.anew:
        kept.drop(wanted.firm)
    pages = list(kept.of(wanted.firm, wanted.place))
    reached = pages[-1].last if pages else 0
    if pages:
        err.print(f"Going on after deal {reached}; --anew begins with the first.", highlight=False)
    crm = PortalCrm(portal, terms, policy=lambda: policy)
    with progress() as bars:
        bar = bars.add_task("closed deals", total=None)
        for page in closed_deals(portal, crm, since=wanted.since, funnels=wanted.funnels, after=reached):
            kept.keep(wanted.firm, wanted.place, page)
            pages.append(page)
            bars.advance(bar, page.read)
    return as_one(pages)


def _take_in(firm: str, past: Page, parts: Parts) -> ImportReport:
    """Record how all of them ended, then score each by what was known when its work began."""
    with progress() as bars:
        tasks = {step: bars.add_task(step, total=None) for step in ("outcomes", "receipts")}
        return import_history(
            firm=firm,
            history=past,
            policy=parts.policies.current(firm).policy,
            receipts=parts.store.receipts,
            outcomes=parts.store.outcomes,
            clock=parts.clock,
            progress=lambda step, done, of: bars.update(tasks[step], completed=done, total=of),
        )


def _tell_left_out(left_out: Mapping[str, str]) -> None:
    for reason, count in Counter(left_out.values()).most_common():
        some = ", ".join(f"D_{number}" for number, why in left_out.items() if why == reason)[:120]
        err.print(f"[yellow]{count} left out, {reason}: {some}[/yellow]", highlight=False, soft_wrap=True)


def _tell_as_made(as_made: Mapping[str, str]) -> None:
    for reason, count in Counter(as_made.values()).most_common():
        some = [deal_id for deal_id, why in as_made.items() if why == reason][:NAMED_AT_MOST]
        said = f"{count} as of the moment they were made, for their stage history is not known ({reason})"
        err.print(f"[yellow]{said}: {', '.join(some)}[/yellow]", highlight=False, soft_wrap=True)
        _logger.warning("stage history not known", reason=reason, deals=count, some=some)
