"""The terms of a portal's mapping: what its fields mean as facts, where the answer is shown, when an item moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlscore.crm.bitrix24.mapping.score_fields import SCORE_FIELDS
from mlscore.crm.mapping import RowTerms, StyleTerms
from mlscore.ports import ItemKind
from mlscore.scoring.policy.terms import term
from mlscore.texts import Language

USER_FIELD = "UF_CRM_"
COMPANY, CONTACT, GOODS = "company", "contact", "goods"
GOODS_COLUMNS = ("goods.amount", "goods.cost", "goods.quantity", "goods.names")
SEMANTIC = "stageSemanticId"
_OF_THE_API = "/v1/scores/"
"""What earlier mappings link to: it asks for a key, which no browser has."""

KNOWN_LATE = frozenset(
    ("stageId", SEMANTIC, "closed", "closedate", "closedateShort", "dateClosed", "movedTime", "movedBy")
) | frozenset(("isWon", "isLose", "receivedAmount", "lostAmount", "probability", "statusDescription"))
"""Standard fields that tell the end of a deal, or that its end writes over."""


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

    `pages_address` is the public address of the pages, to which the receipt's field links; without it that is empty.
    `receipt_address` says the same in earlier mappings. `comment` puts the reasons of a changed decision on the item's
    timeline.
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
    pages_address: str = ""
    receipt_address: str = ""
    language: Literal["ru", "en"] = "ru"
    comment: bool = False

    @property
    def fields(self) -> Mapping[str, str]:
        """The user fields by the keys of what they show."""
        named = ((one.key, getattr(self, one.key)) for one in SCORE_FIELDS)
        return {key: name for key, name in named if name is not None}

    @property
    def pages(self) -> str:
        """The public address of the pages, without a slash at its end; empty where there is none."""
        return (self.pages_address or self.receipt_address.removesuffix(_OF_THE_API)).rstrip("/")

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
