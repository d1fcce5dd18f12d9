"""Scores open items that ask for it, and has their score fields show the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from mlscore.ports import (
    Crm,
    Current,
    Item,
    Mirror,
    Mirrors,
    Receipts,
    SeenItem,
    Shown,
    Writing,
    WrittenItem,
)
from mlscore.scoring.errors import StoreUnavailableError, UnreachableError
from mlscore.scoring.receipt import Receipt
from mlscore.service.in_step.naming import facts_digest, next_day, score_name
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import ScoringService

_T = TypeVar("_T")

SHOWN_OTHERWISE_TRIES = 2
"""How often a field that shows something else than it was given is written again before it is left so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One open item; `mirror` is what it will be kept as, `receipt` is there where it was scored."""

    seen: SeenItem
    mirror: Mirror
    name: str
    is_fresh: bool
    is_of_new_facts: bool
    receipt: Receipt | None = None
    changes: Shown | None = None

    @property
    def is_receipt_due(self) -> bool:
        """Whether its score says anything new: of other facts, or something else than is shown."""
        return self.is_of_new_facts or bool(self.changes)

    def named(self) -> _Look:
        """Return the same with its receipt kept."""
        return replace(self, mirror=replace(self.mirror, receipt_id=self.name, scores=self.mirror.scores + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescoring:
    """Keeps the scores of open items fresh.

    `receipts` are the store's own, never spooled: without the database there are no tasks either. `may_keep` says
    whether the CRM is this worker's still: once another goes on, what he has kept by now is not to be written over.
    """

    firm: str
    crm: Crm
    mirrors: Mirrors
    receipts: Receipts
    scoring: ScoringService
    policies: CurrentPolicies
    current: Callable[[], Current]
    may_keep: Callable[[], bool] = lambda: True

    def rescore(
        self, seen: Sequence[SeenItem], mirrors: Mapping[Item, Mirror], *, tries: Mapping[Item, int]
    ) -> Mapping[Item, str]:
        """Score the items whose facts, policy, model or day are not their mirror's, and write what is shown otherwise.

        Where the facts are the mirror's, a receipt is kept only for a score that shows something else. Returns the
        items with which it went wrong, and why. Raises as the CRM, the scoring and the store do.
        """
        if not seen:
            return {}
        current, timezone = self.current(), self.policies.current(self.firm).policy.timezone
        looks = [self._compared(one, mirrors.get(one.item), current, timezone) for one in seen]
        looks = self._scored(looks)
        faults, kept = {}, []
        written = self._write([look for look in looks if look.changes])
        for look in looks:
            fault, mirror = _outcome_of(look, written.get(look.seen.item), tries.get(look.seen.item, 0))
            if fault is not None:
                faults[look.seen.item] = fault
            if mirror is not None:
                kept.append(mirror)
        if kept:
            if not self.may_keep():
                raise UnreachableError("Another worker goes on with the CRM.", host=self.crm.name)
            self.mirrors.keep(self.firm, self.crm.name, kept)
        return faults

    def _compared(self, seen: SeenItem, mirror: Mirror | None, current: Current, timezone: str) -> _Look:
        digest = facts_digest(seen.deal)
        mirror = mirror or Mirror(item=seen.item, deal_id=seen.deal.deal_id, is_open=True, seen_at=current.at)
        is_of_new_facts = mirror.facts_digest != digest or mirror.receipt_id is None
        name = score_name(self.firm, seen.deal.deal_id, digest, current, timezone=timezone, scores=mirror.scores)
        unreadable = ", ".join(seen.passed_over)
        kept = replace(
            mirror,
            is_open=True,
            seen_at=current.at,
            changed_at=seen.changed_at,
            facts_digest=digest,
            fault=f"cannot be read: {unreadable}" if unreadable else None,
        )
        is_fresh = not is_of_new_facts and _is_fresh(mirror, current)
        if is_fresh:
            undone = _undone(seen, mirror)
            kept = kept if undone else replace(kept, fault=mirror.fault)
            return _Look(seen=seen, mirror=kept, name=name, is_fresh=True, is_of_new_facts=False, changes=undone)
        kept = replace(kept, fresh_until=next_day(current.at, timezone))
        return _Look(seen=seen, mirror=kept, name=name, is_fresh=False, is_of_new_facts=is_of_new_facts)

    def _scored(self, looks: Sequence[_Look]) -> list[_Look]:
        """Score those that are not fresh; keep each receipt that is due before anything is written of it."""
        due = [look for look in looks if not look.is_fresh]
        scored = [one for some in apart(due, lambda look: look.seen.deal.company_id) for one in self._together(some)]
        return [*(look for look in looks if look.is_fresh), *scored]

    def _together(self, due: Sequence[_Look]) -> list[_Look]:
        kept = self._kept_before([look.name for look in due])
        made = kept | self._made([look for look in due if look.name not in kept])
        scored = [self._with(look, made[look.name]) for look in due]
        fresh = [made[look.name] for look in scored if look.is_receipt_due and look.name not in kept]
        if fresh:
            self.receipts.keep(self.firm, [replace(receipt, logged="stored") for receipt in fresh])
        known = {*kept, *(receipt.receipt_id for receipt in fresh)}
        return [look.named() if look.name in known else look for look in scored]

    def _kept_before(self, names: Sequence[str]) -> dict[str, Receipt]:
        """Return the receipts that somebody kept who did not come to write of them."""
        found = [self.receipts.find(self.firm, name) for name in self.receipts.already_kept(self.firm, names)]
        return {receipt.receipt_id: receipt for receipt in found if receipt is not None}

    def _made(self, looks: Sequence[_Look]) -> dict[str, Receipt]:
        """Score, and keep nothing yet."""
        deals, names = [look.seen.deal for look in looks], [look.name for look in looks]
        scored = self.scoring.score(self.firm, deals, dry_run=True, receipt_ids=names)
        if any("history_unavailable" in receipt.answer.rule.flags for receipt in scored):
            raise StoreUnavailableError("The database went away while deals were scored: they are scored again.")
        return {receipt.receipt_id: receipt for receipt in scored}

    def _with(self, look: _Look, receipt: Receipt) -> _Look:
        model = receipt.answer.model
        shown = self.crm.shown_for(look.seen, receipt)
        changes = {name: text for name, text in shown.items() if look.seen.shown.get(name) != text}
        mirror = replace(
            look.mirror,
            policy_version=receipt.answer.rule.policy_version,
            model_version=None if model is None else model.model_version,
            written=dict(shown),
        )
        return replace(look, mirror=mirror, receipt=receipt, changes=changes)

    def _write(self, looks: Sequence[_Look]) -> Mapping[Item, WrittenItem]:
        if not looks:
            return {}
        writings = [
            Writing(
                item=look.seen.item,
                shown=look.changes or {},
                note=None if look.receipt is None else self.crm.note_for(look.seen, look.receipt),
            )
            for look in looks
        ]
        return {one.item: one for one in self.crm.write(writings)}


def apart(some: Sequence[_T], company_of: Callable[[_T], str | None]) -> Iterator[Sequence[_T]]:
    """Yield everything in groups without two of one company: deals scored in one call do not count for each other."""
    left = list(some)
    while left:
        group, later, companies = list[_T](), list[_T](), set[str]()
        for one in left:
            company = company_of(one)
            if company is not None and company in companies:
                later.append(one)
            else:
                group.append(one)
                companies.update([company] if company is not None else [])
        yield group
        left = later


def _is_fresh(mirror: Mirror, current: Current) -> bool:
    return (
        mirror.policy_version == current.policy_version
        and mirror.model_version == current.model_version
        and mirror.fresh_until is not None
        and current.at < mirror.fresh_until
    )


def _undone(seen: SeenItem, mirror: Mirror) -> Shown:
    """Return what was written and is shown no more: a field somebody emptied is filled in again."""
    written = mirror.written or {}
    return {name: text for name, text in written.items() if name in seen.shown and seen.shown[name] != text}


def _outcome_of(look: _Look, written: WrittenItem | None, tries: int) -> tuple[str | None, Mirror | None]:
    """Return what went wrong, and the mirror to keep: none where the CRM refused, so that it is all done again."""
    if written is None:
        return None, look.mirror
    if written.is_gone:
        return None, replace(look.mirror, is_open=False)
    if written.refused is not None:
        return f"the CRM does not write it ({written.refused})", None
    if not written.unlike:
        return None, look.mirror
    said = f"shown otherwise than written: {', '.join(written.unlike)}"
    if tries < SHOWN_OTHERWISE_TRIES:
        return said, replace(look.mirror, fault=said)
    # For good: what is no longer remembered as written is not written again before the next score.
    left = {name: text for name, text in (look.mirror.written or {}).items() if name not in written.unlike}
    return None, replace(look.mirror, written=left, fault=said)
