"""`mlscore policy`: checks, applies and shows what a manager may change."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mlscore.cli.console import out, refusing
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.policy import Policy, default_document, fingerprint, read_policy_text
from mlscore.texts import money

app = typer.Typer(no_args_is_help=True, help="Check, apply and show the policy: every number a manager may change.")

Document = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A policy in TOML.")]


@app.command()
def check(file: Document) -> None:
    """Say whether a policy can be used; list every fault at once, each with its key and what would be right."""
    with refusing():
        policy = read_policy_text(_text_of(file))
        out.print(f"{file}: good. Version {fingerprint(policy)}.", highlight=False, soft_wrap=True)
        out.print(_terms(policy))


@app.command()
def apply(
    file: Document,
    why: Annotated[str, typer.Option(help="Why it changes; kept with the version.")],
    by: Annotated[str | None, typer.Option(help="Who changes it; you, when left out.")] = None,
) -> None:
    """Make a policy the current version. The same content again adds none, and keeps no reason."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        before = parts.store.policies.current(settings.firm)
        version = parts.store.policies.apply(
            settings.firm,
            _text_of(file),
            at=parts.clock(),
            by=by or getpass.getuser(),
            why=why,
        )
        named = f"version {version.version} ({version.fingerprint})"
        if before is not None and before.version == version.version:
            out.print(f"This is {named} already: nothing is added, nor this reason kept.", soft_wrap=True)
        if parts.policies.is_pinned:
            out.print(
                f"Firm {settings.firm} keeps {named}, and scores by the file that MLSCORE_POLICY names: unset it.",
                soft_wrap=True,
            )
        else:
            out.print(f"Firm {settings.firm} scores by {named}.", soft_wrap=True)
        out.print(_terms(version.policy))


@app.command()
def show(
    file: Annotated[Path | None, typer.Argument(dir_okay=False, help="Write it here instead of printing it.")] = None,
    version: Annotated[int | None, typer.Option(help="An earlier version, by its number.")] = None,
    versions: Annotated[bool, typer.Option("--versions", help="List the versions: who, when, why.")] = False,
    default: Annotated[bool, typer.Option("--default", help="The shipped policy, to start your own from.")] = False,
) -> None:
    """Print the current policy as TOML, or write it to FILE; what a file holds already is never written over."""
    if default:
        with refusing():
            _give(default_document(), file)
        return
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        kept = parts.store.policies.versions(settings.firm)
        if versions:
            table = Table("version", "fingerprint", "applied", "by", "why")
            for one in kept:
                table.add_row(
                    str(one.version), one.fingerprint, f"{one.applied_at:%Y-%m-%d %H:%M}", one.applied_by, one.why
                )
            out.print(table)
            return
        if version is None:
            _give(parts.policies.current(settings.firm).document, file)
            return
        found = next((one for one in kept if one.version == version), None)
        if found is None:
            raise typer.BadParameter(f"there is no version {version}: see `mlscore policy show --versions`")
        _give(found.document, file)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FaultyInputError(f"{file} is not UTF-8: save it as UTF-8.") from None


def _give(document: str, file: Path | None) -> None:
    if file is None:
        typer.echo(document, nl=not document.endswith("\n"))
        return
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(document)
    except FileExistsError:
        raise FaultyInputError(f"{file} is there already, perhaps with figures of yours: name another.") from None
    out.print(f"Written to {file}.", highlight=False, soft_wrap=True)


def _terms(policy: Policy) -> Table:
    terms = policy.economics
    table = Table("term", "value", title=policy.name)
    sums = {
        "floor: a won deal must bring": terms.floor_profit,
        "target": terms.floor_profit * terms.target_factor,
        "stretch": terms.floor_profit * terms.stretch_factor,
        "an attempt costs": terms.cost_per_worked_deal,
    }
    for name, amount in sums.items():
        table.add_row(name, money(round(amount), "en", policy.currency))
    table.add_row("who decides", policy.deciding.decide_by)
    table.add_row("criteria", ", ".join(criterion.code for criterion in policy.criteria) or "none")
    return table
