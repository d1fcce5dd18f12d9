"""`mlscore forget` and `mlscore retention`: what people may ask to have erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from mlscore.cli.console import out, refusing
from mlscore.scoring.deal import is_deal_id
from mlscore.scoring.errors import FaultyInputError

_DAYS_AT_MOST = 36_500


def forget(
    deal_id: Annotated[str, typer.Argument(help="The deal, as the CRM names it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase the facts of a deal for good, and let no import or request bring them back.

    What was answered stays in numbers: receipts without their facts, and how the deal ended.
    """
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        if not is_deal_id(deal_id):
            raise FaultyInputError(f"{deal_id!r} names no deal: 1 to 128 printable characters without / \\ ? # %.")
        kept = parts.forgetting.kept_of(settings.firm, deal_id)
        out.print(
            f"Of the deal {deal_id} of firm {settings.firm} are kept: {kept.receipts} receipt(s), {kept.facts} of them "
            f"with facts, {kept.answers} answer(s) held for repeated requests, {kept.spooled} waiting to be stored.",
            highlight=False,
            soft_wrap=True,
        )
        if not yes:
            typer.confirm("Erase the facts and the answers? This cannot be undone", abort=True)
        erased = parts.forgetting.forget(settings.firm, deal_id, at=parts.clock())
        out.print(
            f"Erased: {erased.facts} set(s) of facts with their request texts, {erased.answers} answer(s), "
            f"{erased.spooled} waiting. Whatever comes of this deal from now on is scored, and its facts are not kept. "
            f"{erased.receipts} receipt(s) stay without facts. Erase it in the CRM, in exports and in backups too.",
            highlight=False,
            soft_wrap=True,
        )


def retention(
    days: Annotated[
        int | None,
        typer.Option(
            min=1, max=_DAYS_AT_MOST, help="Older than so many days; MLSCORE_REQUEST_TEXT_DAYS, when left out."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many there are.")] = False,
) -> None:
    """Take request texts away once they are old; no score changes, for no model reads them. Run it from a timer."""
    from mlscore.bootstrap import open_parts
    from mlscore.ports import sides_of

    with refusing() as settings:
        at_most = days or settings.request_text_days
        if at_most is None:
            raise FaultyInputError("Say for how long request texts are kept: --days N, or MLSCORE_REQUEST_TEXT_DAYS.")
        with open_parts(settings) as parts:
            before = parts.clock() - timedelta(days=at_most)
            texts = parts.store.retention
            act = texts.count if dry_run else texts.drop
            found = sum(act(side, before=before) for side in sides_of(settings.firm))
        said = "would be taken away" if dry_run else "taken away"
        out.print(f"{found} request text(s) older than {at_most} days {said}.", highlight=False)
