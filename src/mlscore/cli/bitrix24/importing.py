"""`mlscore bitrix24 import`: takes in the deals the portal has closed, so that a model can learn from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from mlscore.cli.console import err, out, progress, refusing
from mlscore.cli.history import tell_import
from mlscore.crm.bitrix24.mapping import read_portal_mapping
from mlscore.scoring.errors import FaultyInputError
from mlscore.service.importing import ImportReport, both, import_history

if TYPE_CHECKING:
    from mlscore.bootstrap import Parts
    from mlscore.crm.bitrix24.client import Portal
    from mlscore.crm.bitrix24.mapping import PortalTerms


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
    from mlscore.crm.bitrix24 import read_connection
    from mlscore.crm.bitrix24.client import open_portal
    from mlscore.outgoing import Allowed

    with refusing() as settings, open_parts(settings) as parts:
        connection = read_connection(settings.bitrix24)
        if connection is None:
            raise FaultyInputError("No portal is connected: run `mlscore bitrix24 connect`.")
        terms = read_portal_mapping(connection.mapping)
        if terms.deal is None:
            raise FaultyInputError(f"{connection.mapping} has no [deal]: it does not say what a deal's fields mean.")
        wanted = _Wanted(settings.firm, since.date(), funnel or list(terms.deal.funnels), anew=anew)
        with open_portal(connection.secrets.webhook, allowed=Allowed.of(settings.outgoing_allowed)) as portal:
            report, left_out = _take_in(wanted, portal, terms, parts)
            host = portal.host
        if report is None:
            out.print("No closed deal was found.")
            return
        tell_import(host, settings.firm, report)
        _tell_left_out(left_out)


@dataclass(frozen=True, slots=True)
class _Wanted:
    firm: str
    since: date
    funnels: Sequence[int]
    _: KW_ONLY
    anew: bool

    @property
    def place(self) -> str:
        """The name of the cursor that tells how far this import has come."""
        return f"bitrix24 import since {self.since} of {','.join(map(str, self.funnels)) or 'all'}"


def _take_in(
    wanted: _Wanted, portal: Portal, terms: PortalTerms, parts: Parts
) -> tuple[ImportReport | None, Mapping[str, str]]:
    """Import page after page, remembering after each how far it has come."""
    from mlscore.crm.bitrix24 import PortalCrm
    from mlscore.crm.bitrix24.history import closed_deals

    store, policy = parts.store, parts.policies.current(wanted.firm).policy
    reached = None if wanted.anew else store.cursors.value(wanted.firm, wanted.place)
    if reached:
        err.print(f"Going on after deal {reached}; --anew begins with the first.", highlight=False)
    crm = PortalCrm(portal, terms, policy=lambda: policy)
    report, left_out = None, dict[str, str]()
    with progress() as bars:
        bar = bars.add_task("closed deals", total=None)
        for page in closed_deals(portal, crm, since=wanted.since, funnels=wanted.funnels, after=int(reached or 0)):
            some = import_history(
                firm=wanted.firm,
                history=page,
                policy=policy,
                receipts=store.receipts,
                outcomes=store.outcomes,
                clock=parts.clock,
            )
            report = some if report is None else both(report, some)
            left_out |= page.left_out
            store.cursors.keep(wanted.firm, wanted.place, str(page.last))
            bars.advance(bar, page.read)
    # Whole: the next import looks at all of them again, for a deal of any number may have closed since.
    store.cursors.keep(wanted.firm, wanted.place, "")
    return report, left_out


def _tell_left_out(left_out: Mapping[str, str]) -> None:
    for reason, count in Counter(left_out.values()).most_common():
        some = ", ".join(f"D_{number}" for number, why in left_out.items() if why == reason)[:120]
        err.print(f"[yellow]{count} left out, {reason}: {some}[/yellow]", highlight=False, soft_wrap=True)
