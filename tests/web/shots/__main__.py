"""`python -m tests.web.shots`: pictures of every page, at desktop and phone width, to look at."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Browser

from mlscore.api import create_app
from mlscore.bootstrap import build_service
from mlscore.cli.server import make_pages
from mlscore.crm.csv_file import read_history
from mlscore.service.application import Application
from mlscore.settings import Settings
from tests.fakes import FakeClock
from tests.web.chromium import DESKTOP, PHONE, Scheme, a_browser, a_tab, chromium, served
from tests.web.visiting import PASSWORD
from training.playground import MAPPING
from training.simulate import simulate

LIVE_DEALS, SEED = 120, 31
LOOKS: Sequence[tuple[str, tuple[int, int], str, Scheme]] = (
    ("desktop-en", DESKTOP, "en", "light"),
    ("desktop-ru-dark", DESKTOP, "ru", "dark"),
    ("phone-ru", PHONE, "ru", "light"),
    ("phone-en-dark", PHONE, "en", "dark"),
)
PAGES = {
    "deals": "/deals?sort=-expected_profit",
    "deals-none-found": "/deals?q=nothing",
    "account": "/account",
    "users": "/users",
    "audit": "/audit",
    "rules-and-model": "/rules-and-model",
    "queue": "/queue",
    "overview": "/overview",
    "disagreements": "/disagreements",
    "targets": "/targets",
    "models": "/models",
    "exceptions": "/exceptions",
    "policy": "/policy",
    "policy-tried": "/policy?mode=ladder&criterion-steam=2.5&industry=dairy#tried",
    "disagreements-closed": "/disagreements?tab=closed",
    "desk": "/desk",
}

app = typer.Typer()


@app.command()
def main(
    to: Annotated[Path, typer.Option(help="Where the pictures go.")] = Path(".screenshots"),
    demo: Annotated[Path, typer.Option(help="The folder of `make demo`, whose firm is shown.")] = Path(".demo"),
) -> None:
    """Take pictures of every page on a copy of the demo's firm."""
    program = chromium()
    if program is None or not (demo / "mlscore.db").exists():
        typer.echo("This takes Chromium (apt-get install chromium) and the firm of `make demo`.", err=True)
        raise typer.Exit(1)
    to.mkdir(parents=True, exist_ok=True)
    with _firm(demo) as (address, deal_id), a_browser(program) as browser:
        for look in LOOKS:
            _take(browser, address, to, {**PAGES, "deal": f"/deals/{deal_id}"}, *look)
    typer.echo(f"{len(list(to.glob('*.png')))} pictures in {to}")


@contextmanager
def _firm(demo: Path) -> Iterator[tuple[str, str]]:
    """Serve a copy of the demo's firm, with deals scored by its champion; give the address and a deal to show."""
    with tempfile.TemporaryDirectory(prefix="mlscore-shots-") as scratch:
        folder = Path(scratch)
        shutil.copy(demo / "mlscore.db", folder / "mlscore.db")
        settings = Settings(
            database=f"sqlite:///{folder / 'mlscore.db'}", models=demo / "models", spool=folder / "spool", policy=None
        )
        with build_service(settings) as application:
            deal_id = _live(application, folder)
            _people(application)
            assert application.office is not None
            application.office.briefs.catch_up(application.firm, at_most=None)
            pages = make_pages(application, settings)
            with served(create_app(application, settings, pages=pages)) as address:
                yield address, deal_id


def _live(application: Application, folder: Path) -> str:
    """Score deals of another history as a CRM would, one of them as it becomes better known; return that one."""
    export = folder / "deals.csv"
    simulate(deals=LIVE_DEALS, seed=SEED).write_csv(export)
    policy = application.policies.current(application.firm).policy
    found = read_history(export, mapping=MAPPING, policy=policy, now=application.clock())
    clock = FakeClock(application.clock() - timedelta(hours=LIVE_DEALS))
    scoring = replace(application.scoring, clock=clock)
    deals = [replace(past.deal, deal_id=f"L-{number:03}") for number, past in enumerate(found.deals, 1)]
    for deal in deals:
        clock.wait(3000)
        scoring.score(application.firm, [replace(deal, as_of=clock())])
    shown = max(deals, key=lambda deal: (deal.profit_if_won or 0) if deal.in_nomenclature else 0)
    better = {"steam_tph": 6.0, "annual_turnover_rub": 2.4e9, "industry": "dairy", "in_nomenclature": True}
    for facts in ({"need_defined": True}, {"role_technical": True}, {"budget_allocated": True, "budget_amount": None}):
        clock.wait(7000)
        better |= facts
        scoring.score(application.firm, [replace(shown, as_of=clock(), **better)])
    return shown.deal_id


def _people(application: Application) -> None:
    assert application.office is not None
    people = application.office.people
    for name, role, sellers in (
        ("Елена Орлова", "admin", ()),
        ("Михаил Титов", "manager", ()),
        ("Анна Белова", "seller", ("S-01", "S-02")),
        ("Auditor", "viewer", ()),
    ):
        people.add(application.firm, name, role=role, sellers=sellers, password=PASSWORD, by="command line")
    people.disable(people.called(application.firm, "Auditor"), by="Елена Орлова")


def _take(
    browser: Browser,
    address: str,
    to: Path,
    pages: dict[str, str],
    tag: str,
    size: tuple[int, int],
    language: str,
    scheme: Scheme,
) -> None:
    with a_tab(browser, address, language=language, scheme=scheme, size=size) as tab:
        tab.go("/sign-in")
        tab.page.screenshot(path=to / f"sign-in-{tag}.png")
        tab.sign_in("Елена Орлова")
        for name, path in pages.items():
            tab.go(path)
            if name == "users":
                tab.page.locator("td a").first.click()
            tab.page.screenshot(path=to / f"{name}-{tag}.png")
            if name in {"deal", "users", "account"}:
                tab.page.screenshot(path=to / f"{name}-whole-{tag}.png", full_page=True)


if __name__ == "__main__":
    app()
