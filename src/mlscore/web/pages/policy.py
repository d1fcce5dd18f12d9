"""Policy: what the rules say today, and a time machine that shows what another policy would have made of the past."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from mlscore.ports import PolicyVersion
from mlscore.scoring.errors import MlscoreError, PolicyError
from mlscore.scoring.policy import fingerprint, read_policy_text
from mlscore.service.judging.reasons import reason_of
from mlscore.service.looking_back.trying import (
    COUNTS,
    MODES,
    MONEY,
    ROUTES,
    TEXTS,
    Asked,
    Tried,
    differences,
    try_on,
    with_changes,
    with_texts,
)
from mlscore.texts import Language
from mlscore.web import reading
from mlscore.web.tables import Cell, Column, InMemory, Table, answer_with
from mlscore.web.visit import Visit
from mlscore.web.words import Words

NBSP = "\N{NO-BREAK SPACE}"


def show(visit: Visit) -> Response:
    """Show today's policy, and what is tried where something is."""
    return _page(visit, visit.request.query_params)


def save(visit: Visit) -> Response:
    """Put what was tried in force, with a reason."""
    given = QueryParams(parse_qsl(visit.given.get("tried", "")))
    try:
        why = reason_of(visit.given.get("why", ""))
        form = Form(_current(visit), given, visit.words.language)
        texts = {
            (one["code"], key): visit.given.get(f"{key}-{one['code']}", "") for one in form.criteria for key in TEXTS
        }
        document = with_texts(with_changes(form.current.document, _asked(form)), texts)
        applied = visit.application.policies.apply(visit.firm, document, by=visit.user.name, why=why)
    except MlscoreError as error:
        return _page(visit, given, faults=_faults(visit, error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return visit.go(f"/policy?{urlencode({'saved': applied.version})}")


@dataclass(frozen=True)
class Form:
    """The fields of the time machine: as asked for where anything is, else as the policy has them."""

    current: PolicyVersion
    given: QueryParams
    language: Language

    @property
    def is_asked(self) -> bool:
        """Whether anything is tried."""
        return "mode" in self.given

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The policy's document as it stands."""
        return tomllib.loads(self.current.document, parse_float=Decimal)

    def text(self, name: str) -> str:
        """Return what stands in a field."""
        return self.given[name] if name in self.given else self._of_policy(name)

    def number(self, name: str) -> Decimal | None:
        """Return the number in a field, None where it is empty. Raises FaultyInputError for what is none."""
        return reading.read_any_number(self.text(name), self.language)

    @property
    def criteria(self) -> Sequence[Mapping[str, Any]]:
        """The criteria that compare with a number."""
        rows = self.document.get("criteria", [])
        return [one for one in rows if isinstance(one["value"], int | Decimal) and not isinstance(one["value"], bool)]

    @property
    def moved_criteria(self) -> Sequence[Mapping[str, Any]]:
        """The criteria whose number is another: their words name the one of today."""
        return [one for one in self.criteria if self.number(f"criterion-{one['code']}") != one["value"]]

    @property
    def industries(self) -> Sequence[str]:
        """Every industry the policy knows."""
        return [one["code"] for one in self.document.get("industries", [])]

    @property
    def targets(self) -> frozenset[str]:
        """The industries that are targets."""
        if self.is_asked:
            return frozenset(self.given.getlist("industry"))
        return frozenset(one["code"] for one in self.document.get("industries", []) if one.get("target"))

    @property
    def address(self) -> str:
        """What is tried, as an address says it."""
        return urlencode(self.given.multi_items())

    def _of_policy(self, name: str) -> str:
        group, _, code = name.partition("-")
        if group == "criterion":
            value = next((one["value"] for one in self.criteria if one["code"] == code), "")
        elif name in (*MONEY, *COUNTS):
            value = self.document["economics"].get(name, "")
        elif name == "nontarget":
            value = self.current.policy.nontarget_client_request
        else:
            value = getattr(self.current.policy.grading, name)
        return f"{value:,}".replace(",", NBSP) if isinstance(value, int | Decimal) else str(value)


def _asked(form: Form) -> Asked:
    """Read the form. Raises FaultyInputError for a number that is none."""
    numbers = {name: form.number(name) for name in (*MONEY, *COUNTS, "urgent_days")}
    criteria = {one["code"]: form.number(f"criterion-{one['code']}") for one in form.criteria}
    return Asked(
        economics={name: numbers[name] for name in (*MONEY, *COUNTS)},
        mode=form.text("mode"),
        urgent_days=numbers["urgent_days"] or Decimal(0),
        nontarget=form.text("nontarget"),
        criteria={code: value for code, value in criteria.items() if value is not None},
        industries=form.targets,
    )


def _page(visit: Visit, given: QueryParams, *, faults: Sequence[str] = (), status: int = HTTPStatus.OK) -> Response:
    form = Form(_current(visit), given, visit.words.language)
    changes: Sequence[tuple[str, object, object]] = ()
    tried: Tried | None = None
    if form.is_asked:
        try:
            document = with_changes(form.current.document, _asked(form))
            changes = differences(form.current.document, document)
            tried = _tried(visit, document) if changes else None
        except MlscoreError as error:
            faults = faults or _faults(visit, error)
    table = _versions(visit.words)
    versions = visit.application.policies.versions(visit.firm)
    return answer_with(
        visit,
        "policy.html",
        table,
        InMemory(table, versions),
        status=status,
        form=form,
        current=form.current,
        is_pinned=visit.application.policies.is_pinned,
        faults=faults,
        changes=changes,
        tried=tried,
        compared=_compared(versions, visit.asked.get("compare", "")),
        saved=next((one for one in versions if str(one.version) == given.get("saved")), None),
        money=MONEY,
        modes=MODES,
        routes=ROUTES,
    )


def _current(visit: Visit) -> PolicyVersion:
    return visit.application.policies.current(visit.firm)


def _tried(visit: Visit, document: str) -> Tried:
    looking_back = visit.office.looking_back
    after = read_policy_text(document)
    past = looking_back.past(visit.firm)
    opened = looking_back.opened(visit.firm, now=visit.application.clock())
    what = (visit.firm, "tried", fingerprint(after))
    return looking_back.remembered.of(what, (past.version, id(opened)), lambda: try_on(past, opened, after))


def _faults(visit: Visit, error: MlscoreError) -> Sequence[str]:
    if isinstance(error, PolicyError):
        return [visit.words.say(one.code, key=one.key, **one.params) for one in error.faults]
    return [visit.sentence_of(error)]


def _compared(
    versions: Sequence[PolicyVersion], asked: str
) -> tuple[PolicyVersion, PolicyVersion, Sequence[tuple[str, object, object]]] | None:
    """Return a version, the one before it, and what differs; None where there are no such two."""
    for newer, older in itertools.pairwise(versions):
        if str(newer.version) == asked:
            return newer, older, differences(older.document, newer.document)
    return None


def _versions(words: Words) -> Table[PolicyVersion]:
    first = words.say("web.policy.first")
    return Table(
        caption="web.policy.versions",
        sort="version",
        rows_a_page=10,
        columns=(
            Column(
                name="version",
                heading="web.policy.version",
                show=_version,
                value=lambda one: one.version,
                is_number=True,
            ),
            Column(
                name="applied_at",
                heading="web.audit.at",
                show=lambda one, words: words.moment(one.applied_at),
                value=lambda one: one.applied_at,
                is_moment=True,
            ),
            Column(
                name="by", heading="web.audit.who", show=lambda one, _: one.applied_by, value=lambda one: one.applied_by
            ),
            Column(
                name="why",
                heading="web.policy.why",
                show=lambda one, _: first if one.applied_by == "mlscore" else one.why,
                value=lambda one: one.why,
            ),
        ),
    )


def _version(one: PolicyVersion, words: Words) -> Cell:
    if one.version <= 1:
        return Cell(words.number(one.version), beside=one.fingerprint)
    return Cell(words.number(one.version), href=f"?compare={one.version}#compared", beside=one.fingerprint)
