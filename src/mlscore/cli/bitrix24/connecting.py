"""`mlscore bitrix24 connect`: from the address of a webhook to a portal that can be kept in step."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from mlscore.cli.console import err, out, refusing
from mlscore.scoring.errors import FaultyInputError, NotAllowedError

if TYPE_CHECKING:
    from mlscore.crm.bitrix24.client import Portal
    from mlscore.crm.bitrix24.connection import Secrets
    from mlscore.crm.bitrix24.items.fields import Entity, Fields
    from mlscore.crm.bitrix24.setup.creating import Missing
    from mlscore.crm.bitrix24.setup.looking import Funnel, Look
    from mlscore.crm.bitrix24.setup.proposing import Proposal
    from mlscore.ports import ItemKind
    from mlscore.settings import Settings
    from mlscore.texts import Language

EVENTS_PATH = "/v1/bitrix24/events"
_WEBHOOK = re.compile(r"(?P<address>https?://[^/\s]+/rest/\d+/[^/\s]+)(?:/\S*)?")
_OUTCOME = "realised_profit"
_TOKEN = re.compile(r"[\x21-\x7e]{8,256}")
_RIGHTS = {
    "crm": ("it may use CRM", "tick CRM (crm) among the webhook's rights"),
    "deals": ("it may read deals", "have the webhook made by someone who sees every deal"),
    "leads": ("it may read leads", "without it only deals are scored"),
    "writing": ("it may write deals", "have the webhook made by someone who may change every deal"),
    "fields": ("its owner is an administrator", "else the score fields are made by hand"),
    "costs": ("it may read the catalogue", "tick catalog where what goods are bought for is kept there"),
}


def connect(
    address: Annotated[
        str | None, typer.Option(help="The public address of this service, such as https://score.example.ru.")
    ] = None,
    funnel: Annotated[
        list[int] | None, typer.Option(help="The number of a funnel whose deals are scored; repeat it. Else: all.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Make missing score fields without asking.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Ask for the webhook again, and propose a new mapping.")] = False,
) -> None:
    """Connect a portal: check the webhook, make the score fields, propose a mapping, rehearse. Scores nothing yet.

    The webhook's address is asked for, or read from the standard input; it is a secret, and never an argument.
    """
    from mlscore.cli.bitrix24.rehearsing import rehearse
    from mlscore.crm.bitrix24.client import open_portal
    from mlscore.crm.bitrix24.setup.documents import write_secrets
    from mlscore.crm.bitrix24.setup.looking import fields_of, look_at
    from mlscore.outgoing import Allowed

    with refusing() as settings:
        folder = settings.bitrix24
        secrets = _known_secrets(folder, anew=anew) or _asked_secrets(folder)
        with open_portal(secrets.webhook, allowed=Allowed.of(settings.outgoing_allowed)) as portal:
            look = look_at(portal)
            _tell_rights(look, portal.host)
            if not look.is_enough:
                raise NotAllowedError("The webhook may not do enough: mend it in Bitrix24 and run this again.")
            _tell_where(write_secrets(folder, secrets), "the address of the webhook; only you may read it")
            fields = _with_score_fields(portal, look, fields_of(portal, look.kinds), yes=yes)
            if anew or not (folder / "mapping.toml").exists():
                chosen = _checked_funnels(funnel or [], look.funnels)
                _propose(settings, look, fields, funnels=chosen, address=address)
            rehearse(settings, portal, look.kinds, funnels=funnel or [])
        _ask_token(folder, secrets, address)


def _known_secrets(folder: Path, *, anew: bool) -> Secrets | None:
    from mlscore.crm.bitrix24.connection import read_connection

    known = None if anew else read_connection(folder)
    return None if known is None else known.secrets


def _asked_secrets(folder: Path) -> Secrets:
    """Ask for the webhook's address; what was known besides it stays. Raises FaultyInputError, never with the text."""
    from mlscore.crm.bitrix24.connection import Secrets, read_connection

    err.print(
        "In Bitrix24, as an administrator: Developer resources > Other > Inbound webhook (Разработчикам > Другое > "
        "Входящий вебхук). Tick CRM (crm) and Catalogue (catalog), save, and copy the address it shows. It opens the "
        "portal: show it to nobody.",
        soft_wrap=True,
    )
    given = _WEBHOOK.fullmatch(_secret("Address of the incoming webhook (not shown)").strip())
    if given is None:
        raise FaultyInputError("That is no address of an incoming webhook: it looks like https://PORTAL/rest/1/CODE/.")
    try:
        before = read_connection(folder)
    except FaultyInputError:  # it is about to be written anew
        before = None
    webhook = SecretStr(given["address"] + "/")
    return Secrets(webhook=webhook) if before is None else before.secrets.model_copy(update={"webhook": webhook})


def _secret(question: str) -> str:
    """Ask without showing what is typed; from a pipe, read a line."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=True, default="", show_default=False, err=True))
    return sys.stdin.readline()


def _tell_rights(look: Look, host: str) -> None:
    out.print(f"{host} lets in {look.owner or 'the owner of the webhook'}.", highlight=False, markup=False)
    for check in look.checks:
        what, otherwise = _RIGHTS[check.right]
        sign = "[green]yes[/green]" if check.holds else "[red]no[/red]" if check.is_needed else "[yellow]no[/yellow]"
        out.print(f"  {sign}  {what}{'' if check.holds else f': {otherwise}'}", highlight=False, soft_wrap=True)
    if not look.has_leads:
        out.print("  Leads are not used or not read here: deals alone are scored.", highlight=False)


def _tell_where(file: Path, what: str) -> None:
    _line(f"{file}: {what}.")


def _with_score_fields(
    portal: Portal, look: Look, fields: Mapping[Entity, Fields], *, yes: bool
) -> Mapping[Entity, Fields]:
    """Make the score fields that are missing, if the person wants it; return the fields as they are then."""
    from mlscore.crm.bitrix24.setup.creating import create_fields, missing_fields
    from mlscore.crm.bitrix24.setup.looking import fields_of

    missing = missing_fields(look.kinds, fields)
    if not missing:
        out.print("The score fields are there.")
        return fields
    names = ", ".join(dict.fromkeys(one.field.name for one in missing))
    out.print(f"Missing score fields ({' and '.join(look.kinds)}): {names}.", highlight=False, soft_wrap=True)
    if not (yes or (sys.stdin.isatty() and typer.confirm("Make them?", default=True))):
        _by_hand(missing)
        return fields
    refused = create_fields(portal, missing)
    out.print(f"Made {len(missing) - len(refused)} fields.", highlight=False)
    _by_hand(refused)
    return fields_of(portal, look.kinds)


def _by_hand(wanted: Sequence[Missing]) -> None:
    """Tell what to make by hand: what is not there is not shown."""
    if not wanted:
        return
    out.print("To be made by hand, or left out (the kind of item, code, type and title of each):")
    for one in wanted:
        refused = f"  Bitrix24 says: {one.refused}" if one.refused else ""
        _line(f"  {one.kind}  {one.field.name}  {one.field.type}  {one.field.label_ru}{refused}")
    _line("Run this again with --yes to have them made, or with --anew once they are there.")


def _checked_funnels(chosen: Sequence[int], funnels: Sequence[Funnel]) -> Sequence[int]:
    """Show the funnels and return those chosen. Raises FaultyInputError where one is not there."""
    for one in funnels:
        is_scored = not chosen or one.number in chosen
        out.print(f"  funnel {one.number}  {one.name}{'' if is_scored else '  (not scored)'}", markup=False)
    if strange := sorted(set(chosen) - {one.number for one in funnels}):
        raise FaultyInputError(f"The portal has no funnel {', '.join(map(str, strange))}.")
    return chosen


def _propose(
    settings: Settings, look: Look, fields: Mapping[Entity, Fields], *, funnels: Sequence[int], address: str | None
) -> None:
    """Propose a mapping, tell what was guessed, and write it. Raises MappingError where it cannot be used."""
    from mlscore.crm.bitrix24.mapping import read_portal_mapping_text
    from mlscore.crm.bitrix24.mapping.score_fields import SCORE_FIELDS
    from mlscore.crm.bitrix24.setup.documents import mapping_text, write_mapping
    from mlscore.crm.bitrix24.setup.proposing import proposals, without_a_field

    proposed = {kind: proposals(kind, fields) for kind in look.kinds}
    text = mapping_text(
        proposed,
        funnels=funnels,
        stages=look.lead_stages,
        shown=[one.key for one in SCORE_FIELDS if any(one.name in fields[kind] for kind in look.kinds)],
        pages_address="" if address is None else address.rstrip("/"),
    )
    read_portal_mapping_text(text)
    for kind, facts in proposed.items():
        _tell_guesses(kind, facts, settings.language)
        if lacking := without_a_field(kind, facts):
            names = ", ".join(lacking)
            out.print(
                f"No field of a {kind} was found for: {names}. They stay unknown.", highlight=False, soft_wrap=True
            )
    _tell_where(write_mapping(settings.bitrix24, text), "what the fields mean; look it through")


def _tell_guesses(kind: ItemKind, facts: Sequence[Proposal], language: Language) -> None:
    """Show what was guessed, a line each: a table of it all is wider than screens are."""
    from mlscore.texts import say

    out.print(f"What a {kind} is read from, guessed by the titles of fields:")
    for one in facts:
        if one.is_guess:
            means = "what it brought in the end" if one.fact == _OUTCOME else say(f"fact.{one.fact}", language)
            _line(f"  {one.fact} ({means}): «{' '.join(one.title.split())}», {one.column}")


def _line(said: str) -> None:
    out.print(said, highlight=False, soft_wrap=True, markup=False)


def _ask_token(folder: Path, secrets: Secrets, address: str | None) -> None:
    """Say what to paste where for events, and take the token that shows them to be the portal's own."""
    from mlscore.crm.bitrix24.setup.documents import write_secrets

    here = (address or "https://YOUR-SERVICE").rstrip("/") + EVENTS_PATH
    for line in _EVENTS:
        err.print(line.format(here=here), highlight=False, soft_wrap=True, markup=False)
    if secrets.token is None:
        given = _secret("Application token (not shown; Enter leaves it for later)").strip()
        if given and not _TOKEN.fullmatch(given):
            raise FaultyInputError("That is no application token: copy the one Bitrix24 shows beside the webhook.")
        if given:
            _tell_where(write_secrets(folder, secrets.model_copy(update={"token": SecretStr(given)})), "and the token")
    last = "Then start both: `mlscore serve`, which takes the events, and `mlscore bitrix24 run`, which scores."
    err.print(last, highlight=False, soft_wrap=True)


_EVENTS = (
    "So that scores follow within seconds, in Bitrix24: Developer resources > Other > Outbound webhook, which is in",
    "  Russian Разработчикам > Другое > Исходящий вебхук.",
    "  Handler address: {here}",
    "  Events: ONCRMLEADADD, ONCRMLEADUPDATE, ONCRMLEADDELETE, ONCRMDEALADD, ONCRMDEALUPDATE, ONCRMDEALDELETE",
    "  Save it, and copy the application token it shows. Without events scores follow within a minute or so.",
)
