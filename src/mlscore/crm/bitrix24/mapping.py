"""Reads `mapping.toml` of a portal: what its fields mean as facts, and where the answer is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlscore.crm.bitrix24.score_fields import SCORE_FIELDS
from mlscore.crm.mapping import RowTerms, StyleTerms, read_document, read_file, read_row_terms, row_faults
from mlscore.ports import ItemKind
from mlscore.scoring.errors import Fault, MappingError
from mlscore.scoring.policy.reading import Reader, nearest
from mlscore.scoring.policy.terms import term
from mlscore.scoring.policy.values import kind_of, shown
from mlscore.texts import Language

USER_FIELD = "UF_CRM_"
COMPANY, CONTACT, GOODS = "company", "contact", "goods"
GOODS_COLUMNS = ("goods.amount", "goods.cost", "goods.quantity", "goods.names")
SEMANTIC = "stageSemanticId"
KNOWN_LATE = frozenset(
    ("stageId", SEMANTIC, "closed", "closedate", "closedateShort", "dateClosed", "movedTime", "movedBy")
) | frozenset(("isWon", "isLose", "receivedAmount", "lostAmount", "probability", "statusDescription"))
"""Standard fields that tell the end of a deal, or that its end writes over."""

_TABLES = ("style", "deal", "lead", "write", "moves")
_ROW_TABLES = ("facts", "extra", "outcome")
_ENDED = {"column": SEMANTIC, "won": ["S"], "lost": ["F"], "open": ["P"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelTerms:
    """Which funnels' items are scored, by number: all where none is named."""

    funnels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTerms(RowTerms):
    """What the fields of a lead, or of a deal, mean."""

    funnels: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields read, each once, in order."""
        sources = [*self.facts.values(), *self.extra.values()]
        if self.outcome is not None:
            ends = (self.outcome.realised_profit, self.outcome.closed_at, self.outcome.known_at)
            sources += [source for source in ends if source is not None]
        named = [source.column for source in sources if source.column is not None]
        return tuple(dict.fromkeys([*named, SEMANTIC]))


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteTerms:
    """The score fields by what they show; one left out is not shown.

    `receipt_address` is what stands before a receipt's name in a link to it; `comment` puts the reasons of a changed
    decision on the item's timeline.
    """

    fire: str | None = term(None, not_empty=True)
    route: str | None = term(None, not_empty=True)
    grade: str | None = term(None, not_empty=True)
    verdict: str | None = term(None, not_empty=True)
    decision: str | None = term(None, not_empty=True)
    probability: str | None = term(None, not_empty=True)
    expected_profit: str | None = term(None, not_empty=True)
    next_question: str | None = term(None, not_empty=True)
    reasons: str | None = term(None, not_empty=True)
    version: str | None = term(None, not_empty=True)
    scored_at: str | None = term(None, not_empty=True)
    receipt: str | None = term(None, not_empty=True)
    receipt_address: str = ""
    language: Literal["ru", "en"] = "ru"
    comment: bool = False

    @property
    def fields(self) -> Mapping[str, str]:
        """The user fields by the keys of what they show."""
        named = ((one.key, getattr(self, one.key)) for one in SCORE_FIELDS)
        return {key: name for key, name in named if name is not None}

    @property
    def in_language(self) -> Language:
        """The language of what is shown."""
        return self.language


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStages:
    """The stage an item is moved to by its route; one left out stays where it is."""

    deal: str | None = term(None, not_empty=True)
    company: str | None = term(None, not_empty=True)
    review: str | None = term(None, not_empty=True)
    reject: str | None = term(None, not_empty=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTerms:
    """Where leads and deals go by their route, once the policy allows it."""

    lead: RouteStages = field(default_factory=RouteStages)
    deal: RouteStages = field(default_factory=RouteStages)

    def stage(self, kind: ItemKind, route: str) -> str | None:
        """Return the stage for a route."""
        return getattr(self.lead if kind == "lead" else self.deal, route, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalTerms:
    """A whole mapping of a portal; a kind it says nothing of is not scored."""

    deal: KindTerms | None = None
    lead: KindTerms | None = None
    style: StyleTerms = field(default_factory=StyleTerms)
    write: WriteTerms = field(default_factory=WriteTerms)
    moves: MoveTerms = field(default_factory=MoveTerms)

    def of(self, kind: ItemKind) -> KindTerms | None:
        """Return what the fields of a kind mean."""
        return self.deal if kind == "deal" else self.lead

    @property
    def kinds(self) -> Mapping[ItemKind, KindTerms]:
        """The kinds that are scored."""
        both: dict[ItemKind, KindTerms | None] = {"deal": self.deal, "lead": self.lead}
        return {kind: terms for kind, terms in both.items() if terms is not None}


def read_portal_mapping(file: Path) -> PortalTerms:
    """Read a portal's mapping. Raises MappingError with every fault of its shape."""
    return read_portal_mapping_text(read_file(file))


def read_portal_mapping_text(text: str) -> PortalTerms:
    """Read a portal's mapping. Raises MappingError with every fault of its shape."""
    reader = Reader()
    document = read_document(text, _TABLES, reader)
    terms: dict[str, Any] = {
        "style": reader.read(StyleTerms, document.get("style", {}), "style"),
        "write": reader.read(WriteTerms, document.get("write", {}), "write"),
        "moves": reader.read(MoveTerms, document.get("moves", {}), "moves"),
    }
    kinds = {kind: _kind(reader, document[kind], kind) for kind in ("deal", "lead") if kind in document}
    faults = [*reader.faults, *_write_faults(terms["write"], terms["moves"])]
    for kind, rows in kinds.items():
        faults += [*row_faults(rows, within=f"{kind}."), *_column_faults(rows, terms["write"], kind)]
    if not kinds:
        faults.append(Fault("deal", "policy.missing", {"right": "table"}))
    if faults:
        raise MappingError(faults)
    terms |= {kind: KindTerms(**rows) for kind, rows in kinds.items()}
    return PortalTerms(**terms)


def _kind(reader: Reader, given: object, kind: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        reader.faults.append(Fault(kind, "policy.wrong_type", {"given": kind_of(given), "right": "table"}))
        given = {}
    outcome = given.get("outcome", {})
    if kind == "lead" and outcome:  # a lead that ended is not a deal that did
        reader.faults.append(Fault("lead.outcome", "policy.unknown_key", {"right": "facts, extra"}))
    if isinstance(outcome, Mapping):
        if "status" in outcome:  # which stages are final, and how, is the portal's own to say
            right = "realised_profit, closed_at, known_at"
            reader.faults.append(Fault(f"{kind}.outcome.status", "policy.unknown_key", {"right": right}))
        outcome = {"closed_at": "movedTime", **outcome, "status": _ENDED} if kind == "deal" else None
    tables = {"facts": given.get("facts", {}), "extra": given.get("extra", {}), "outcome": outcome}
    rest = {name: value for name, value in given.items() if name not in _ROW_TABLES}
    funnels = reader.read(FunnelTerms, rest, kind)
    read = read_row_terms(reader, tables, within=f"{kind}.")
    return {**read, "funnels": funnels.funnels if isinstance(funnels, FunnelTerms) else ()}


def _write_faults(write: object, moves: object) -> list[Fault]:
    if not isinstance(write, WriteTerms):
        return []
    faults, seen = [], dict[str, str]()
    for key, name in write.fields.items():
        if not name.startswith(USER_FIELD):
            faults.append(Fault(f"write.{key}", "mapping.not_a_user_field", {"given": shown(name)}))
        elif name in seen:
            faults.append(Fault(f"write.{key}", "policy.duplicate", {"given": shown(name), "right": seen[name]}))
        seen.setdefault(name, f"write.{key}")
    if isinstance(moves, MoveTerms) and moves != MoveTerms() and write.route is None:
        faults.append(Fault("moves", "mapping.moves_without_route"))
    return faults


def _column_faults(rows: Mapping[str, Any], write: object, kind: str) -> list[Fault]:
    """Return the facts read from what is no field, from what is known too late, or from our own answer."""
    own = frozenset(write.fields.values()) if isinstance(write, WriteTerms) else frozenset()
    faults = []
    if "as_of" in rows["facts"]:  # a moment of the portal's would be another than the one it was read at
        faults.append(Fault(f"{kind}.facts.as_of", "policy.unknown_fact", {"given": '"as_of"', "right": "created_at"}))
    for group in ("facts", "extra"):
        for name, source in rows[group].items():
            column = getattr(source, "column", None)
            if column is None:
                continue
            key = f"{kind}.{group}.{name}.column"
            if column in own:
                faults.append(Fault(key, "mapping.own_answer", {"given": shown(column)}))
            elif column in KNOWN_LATE - {SEMANTIC}:  # the semantic is the status's own column, told of already
                faults.append(Fault(key, "mapping.leak", {"given": shown(column)}))
            elif column.startswith(f"{GOODS}.") and column not in GOODS_COLUMNS:
                right = nearest(column, GOODS_COLUMNS)
                faults.append(Fault(key, "mapping.unknown_column", {"given": shown(column), "right": right}))
    return faults
