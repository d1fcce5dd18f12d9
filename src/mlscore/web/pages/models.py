"""Models: who answers, what each version was held to and measured at, and which one should answer next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import Response

from mlscore.registry import registered_model_name
from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.errors import MlscoreError, NotFoundError
from mlscore.service.application import Office
from mlscore.texts.sentences import pieces
from mlscore.web.charts import Chart, Drawn, Series, draw
from mlscore.web.tables import Cell, Column, InMemory, Table, answer_with
from mlscore.web.tables.column import count
from mlscore.web.visit import Visit
from mlscore.web.words import Words

_MONEY = frozenset({"profit", "rules"})
"""Figures of gates that are sums, in whole units of the currency."""

AS_SERVED = "service"
"""Under this name a training tells how the model did as it would be served."""


@dataclass(frozen=True)
class Version:
    """A version on the shelf: its role, and what its training told of it."""

    version: str
    role: str
    facts: Mapping[str, Any]

    @property
    def gates(self) -> Sequence[Mapping[str, Any]]:
        """What it was held to, each with a sentence, and whether it passed."""
        return cast("Sequence[Mapping[str, Any]]", self.facts.get("gates", []))

    @property
    def passed(self) -> int:
        """How many of them it passed."""
        return sum(bool(one["passed"]) for one in self.gates)

    @property
    def created_at(self) -> str | None:
        """When it was made."""
        return self.facts.get("created_at")

    def measure(self, name: str, who: str = AS_SERVED) -> float | None:
        """Return a measure of the model as it is served, or of another candidate of its training."""
        return cast("float | None", self.facts.get("metrics", {}).get(who, {}).get(name))


def show(visit: Visit) -> Response:
    """Show every version, and one of them in full."""
    return _page(visit)


def promote(visit: Visit) -> Response:
    """Ask for a version to answer from now on."""
    version, why = visit.request.path_params["version"], visit.given.get("why", "")
    return _asked(visit, lambda: visit.office.wishing.promote(visit.firm, version, why=why, by=visit.user.name))


def roll_back(visit: Visit) -> Response:
    """Ask for the version before to answer again."""
    why = visit.given.get("why", "")
    return _asked(visit, lambda: visit.office.wishing.roll_back(visit.firm, why=why, by=visit.user.name))


def _asked(visit: Visit, ask: Callable[[], object]) -> Response:
    try:
        ask()
    except MlscoreError as error:
        return _page(visit, fault=visit.sentence_of(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return visit.go("/models")


def _page(visit: Visit, *, fault: str | None = None, status: int = HTTPStatus.OK) -> Response:
    office, firm = visit.office, visit.firm
    versions = _versions(office, firm)
    champion = next((one for one in versions if one.role == "champion"), None)
    asked = visit.request.path_params.get("version") or visit.asked.get("version", "")
    chosen = next((one for one in versions if one.version == asked), champion or (versions[0] if versions else None))
    table = _table()
    return answer_with(
        visit,
        "models.html",
        table,
        InMemory(table, versions),
        status=status,
        fault=fault,
        is_empty=not versions,
        champion=champion,
        chosen=chosen,
        card=None if chosen is None else _card(office, firm, chosen.version),
        drawn=_drawn(versions, visit.words),
        serving=visit.application.champions.serving(firm).model,
        pending=office.wishing.wishes.pending(firm),
        wishes=office.wishing.wishes.every(firm)[:10],
        back_to=_back_to(office, firm),
        followed_at=office.shelf.followed_at(firm),
        tracking=_tracking(office, firm, chosen),
        found=found,
    )


def _versions(office: Office, firm: str) -> Sequence[Version]:
    """Return what lies on the shelf, newest first; a damaged version tells nothing of itself."""
    roles = {office.shelf.challenger(firm): "challenger", office.shelf.champion(firm): "champion"}
    return [
        Version(one, roles.get(one, ""), _facts(office, firm, one)) for one in reversed(office.shelf.versions(firm))
    ]


def _facts(office: Office, firm: str, version: str) -> Mapping[str, Any]:
    try:
        return office.shelf.facts(firm, version)
    except MlscoreError:
        return {}


def _card(office: Office, firm: str, version: str) -> Markup | None:
    """Return a model's card as HTML: of its own markup nothing but Markdown is let through."""
    try:
        text = office.shelf.card(firm, version)
    except MlscoreError:
        return None
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    pieces = markdown.parse(text)
    for piece in pieces:
        piece.attrs.pop("style", None)  # of a table's columns, where our pages let no style of their own through
    written = markdown.renderer.render(pieces, markdown.options, {})
    return Markup(written)  # noqa: S704 # nosec B704 # written by the library, which lets no markup through


def found(gate: Mapping[str, Any], words: Words) -> str | None:
    """Say what a gate found; None where a training has told it in an English sentence alone, as they once did."""
    code = f"web.models.found.{gate.get('said')}"
    if not words.has(code):
        return None
    figures, names = gate.get("figures", {}), gate.get("names", {})
    told = {name: round(value) * MINOR_UNITS if name in _MONEY else value for name, value in figures.items()}
    facts = {name: names.get(name, "").split(", ") for name in ("facts", "worst")}
    told |= names | {name: ", ".join(map(words.fact, several)) for name, several in facts.items()}
    return words.say(code, **{name: told.get(name) for _, name, _ in pieces(code, words.language) if name})


def _back_to(office: Office, firm: str) -> str | None:
    try:
        return office.shelf.would_roll_back_to(firm)
    except (NotFoundError, MlscoreError):
        return None


def _tracking(office: Office, firm: str, chosen: Version | None) -> str | None:
    """Return where MLflow shows a version, without a password; None where the registry has no pages."""
    parts = urlsplit(office.tracking_uri)
    if chosen is None or parts.scheme not in {"http", "https"} or parts.hostname is None:
        return None
    place = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    name = registered_model_name(firm)
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}/#/models/{name}/versions/{chosen.version}"


def _drawn(versions: Sequence[Version], words: Words) -> Drawn | None:
    """Draw how well each version ordered deals, beside the rules on the same ones; None for a single one."""
    shown = [one for one in reversed(versions) if one.measure("auc") is not None]
    if not shown[1:]:  # a line has two ends
        return None
    return draw(
        Chart(
            title=words.say("web.models.chart.title"),
            says=words.say("web.models.chart.says"),
            along=words.say("web.models.version"),
            labels=[one.version for one in shown],
            series=(
                Series(
                    name=words.say("web.contest.scorer.rules"),
                    ink="rules",
                    values=[one.measure("auc", "rules") for one in shown],
                ),
                Series(
                    name=words.say("web.contest.scorer.model"),
                    ink="model",
                    values=[one.measure("auc") for one in shown],
                ),
            ),
            write=words.number,
        )
    )


def _table() -> Table[Version]:
    return Table(
        caption="web.models.versions",
        sort="created_at",
        columns=(
            Column(
                name="version",
                heading="web.models.version",
                show=lambda one, _: Cell(one.version, href=f"?{urlencode({'version': one.version})}#chosen"),
                value=lambda one: one.version,
            ),
            Column(name="role", heading="web.models.role", show=_role, value=lambda one: one.role),
            Column(
                name="created_at",
                heading="web.models.made",
                show=lambda one, words: words.day_of(one.created_at),
                value=lambda one: one.created_at,
                is_moment=True,
            ),
            Column(
                name="passed", heading="web.models.gates", show=_passed, value=lambda one: one.passed, is_number=True
            ),
            *(_measure(name) for name in ("auc", "log_loss", "brier")),
        ),
    )


def _measure(name: str) -> Column[Version]:
    return count(name, f"web.contest.measure.{name}", lambda one: one.measure(name))


def _role(one: Version, words: Words) -> Cell | str:
    return Cell(words.say(f"web.models.role.{one.role}"), tone="good", is_badge=True) if one.role else "—"


def _passed(one: Version, words: Words) -> Cell:
    text = words.say("web.models.passed", passed=one.passed, gates=len(one.gates))
    return Cell(text, tone="" if one.passed == len(one.gates) else "bad")
