"""One form of the desk: what stands in its fields, what was read from them, and what could not be."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mlscore.scoring.deal import Value
from mlscore.scoring.errors import FactError
from mlscore.service.desk import Paper
from mlscore.web.pages.desk.fields import Field, fields_of, is_listed
from mlscore.web.reading import ASKED_IN_VAIN
from mlscore.web.visit import Visit

FIELD = "f_"
"""What the names of the fields of facts begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A form: `typed` stands in its fields, `told` is what it says beyond what it was filled with.

    `faults` say of fields what to do; `draft` is what a deal without a number is known by.
    """

    paper: Paper
    draft: str
    groups: Mapping[str, Sequence[Field]]
    typed: Mapping[str, str]
    seller: str
    sellers: Sequence[str]
    told: Mapping[str, Value] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    unlisted: Sequence[Field] = ()

    @property
    def fields(self) -> list[Field]:
        """Every field."""
        return [one for fields in self.groups.values() for one in fields]

    @property
    def names(self) -> set[str]:
        """The facts there is a field for."""
        return {one.name for one in self.fields}

    @property
    def in_vain(self) -> frozenset[str]:
        """The facts that were asked for, and are not known."""
        return frozenset(name for name, text in self.typed.items() if text.strip() == ASKED_IN_VAIN)


def filled(visit: Visit, paper: Paper, *, in_vain: Collection[str] = ()) -> Sheet:
    """Return a form filled with what is known of a deal."""
    language, groups, sellers = visit.words.language, fields_of(visit.words), _sellers(visit, paper)
    deal = None if paper.shown is None else paper.shown.deal
    shown = {one.name: one.shown(deal, language) for fields in groups.values() for one in fields}
    typed = {name: text or (ASKED_IN_VAIN if name in in_vain else "") for name, text in shown.items()}
    only = sellers[0] if visit.sellers is not None and len(sellers) == 1 else ""
    seller = (None if deal is None else deal.seller_id) or only
    return Sheet(paper=paper, draft=secrets.token_hex(16), groups=groups, typed=typed, seller=seller, sellers=sellers)


def given(visit: Visit, paper: Paper) -> Sheet:
    """Return the form that was sent: nothing typed is lost, whatever could not be read."""
    blank, sent = filled(visit, paper), visit.given
    empty = {one.name: "" if one.shape == "yes_no" else blank.typed[one.name] for one in blank.fields}
    typed = {name: sent.get(f"{FIELD}{name}", text).replace("\r\n", "\n") for name, text in empty.items()}
    told: dict[str, Value] = {}
    faults = {}
    for one in blank.fields:
        if _bare(typed[one.name]) == _bare(blank.typed[one.name]):
            continue
        try:
            told[one.name] = one.read(typed[one.name], visit.words.language)
        except FactError as error:
            faults[one.name] = visit.sentence_of(error)
    seller = sent.get("seller", blank.seller)
    if seller != blank.seller or (paper.shown is None and seller):
        told["seller_id"] = seller or None
    if seller not in {*blank.sellers, blank.seller} or (visit.sellers is not None and not seller):
        faults["seller_id"] = visit.words.say("web.desk.fault.seller")
    return replace(
        blank,
        draft=sent.get("draft", "")[:64] or blank.draft,
        typed=typed,
        seller=seller,
        told=told,
        faults=faults,
        unlisted=[one for one in blank.fields if not _is_known(visit, one, typed[one.name])],
    )


def _is_known(visit: Visit, one: Field, text: str) -> bool:
    text = text.strip()
    return text in {"", ASKED_IN_VAIN} or is_listed(one.name, text, visit.words.policy)


def _bare(text: str) -> str:
    return " ".join(text.split())


def _sellers(visit: Visit, paper: Paper) -> Sequence[str]:
    """Return whose the deal may be: a seller's own, for others any seller there is."""
    if visit.sellers is not None:
        return sorted(visit.sellers)
    known = set(visit.office.briefs.values(visit.firm, "seller_id", sellers=None)) | visit.user.sellers
    own = None if paper.shown is None else paper.shown.deal.seller_id
    return sorted(known | ({own} if own else set()))
