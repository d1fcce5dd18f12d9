"""One request's desk: who asks, in which language, and everything a route needs to answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlscore.api import rendering
from mlscore.http.metrics import Metrics
from mlscore.http.problems import FieldFault, Problem, ProblemError, pointer, problem_of
from mlscore.http.requests import language_of
from mlscore.http.validation import validation_problem
from mlscore.ports import KeyScope, kept_in
from mlscore.scoring.deal import Deal
from mlscore.scoring.errors import FactError, NotAllowedError
from mlscore.scoring.receipt import Receipt
from mlscore.service.application import Application
from mlscore.service.scoring import EVERY_PART, Part
from mlscore.service.together import Terms, Together
from mlscore.texts import Language

Read = TypeVar("Read")
Sent = TypeVar("Sent", bound=BaseModel)


class ScoreQuery(BaseModel):
    """How to score."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(default=False, description="Score without keeping a receipt.")
    include: str = Field(
        default=",".join(sorted(EVERY_PART)),
        description="What to say beyond the scores, parted by commas: reasons, next_question, path. All by default.",
        max_length=100,
    )

    def parts(self) -> frozenset[Part]:
        """Return the parts asked for. Raises FactError for an unknown one."""
        asked = {name.strip() for name in self.include.split(",")} - {""}
        if not asked <= EVERY_PART:
            choices = ", ".join(sorted(EVERY_PART))
            raise FactError(f"include takes: {choices}.", code="field.bad_choice", fact="?include", choices=choices)
        return frozenset(part for part in EVERY_PART if part in asked)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a route needs."""

    application: Application
    together: Together
    batches: Executor
    """One batch is scored at a time: two take as long together, and single deals would wait for both.

    A thread of their own keeps it so: a batch nobody waits for any more goes on, and the next begins after it.
    """
    metrics: Metrics
    firm: str
    language: Language
    sandbox: bool = False
    scopes: frozenset[KeyScope] = frozenset()
    came_at: float | None = None
    """When the request came, by `time.perf_counter`."""

    @property
    def kept_in(self) -> str:
        """The firm under which receipts and outcomes are kept and found: in the sandbox another than the key's."""
        return kept_in(self.firm, self.sandbox)

    async def score_one(self, deal: Deal, query: ScoreQuery) -> dict[str, Any]:
        """Score a deal together with those that wait at the same moment, and write its answer."""
        parts = query.parts()
        terms = Terms(self.firm, parts, query.dry_run, self.sandbox)
        with self.metrics.scoring(since=self.came_at) as begins:
            receipt = await self.together.score(deal, terms, begins=begins)
        self.metrics.scored([receipt])
        return self.written(receipt, parts)

    def score(self, deals: Sequence[Deal], query: ScoreQuery) -> list[dict[str, Any]]:
        """Score deals in one call and write the answers."""
        parts = query.parts()
        with self.metrics.scoring(since=self.came_at) as begins:
            begins()
            receipts = self.application.scoring.score(
                self.firm, deals, include=parts, dry_run=query.dry_run, sandbox=self.sandbox
            )
        self.metrics.scored(receipts)
        return [self.written(receipt, parts) for receipt in receipts]

    def written(self, receipt: Receipt, parts: Collection[Part] = EVERY_PART) -> dict[str, Any]:
        """Write a receipt in the reader's language, by the words of the policy it was scored under, if known."""
        words = rendering.words_for(receipt, self.application.policies, self.firm, self.language)
        return rendering.score(receipt, words, include=parts)

    def said(self, problem: Problem) -> dict[str, object]:
        """Write a problem."""
        return problem.body(self.language)


@dataclass(frozen=True, slots=True)
class Many(Generic[Read]):
    """Items of one request, each read alone: by its place, what was read or the problem with it."""

    read: Mapping[int, Read]
    problems: Mapping[int, Problem]


def read_one(model: type[Sent], body: object) -> Sent:
    """Read a body that was not read before. Raises ProblemError 422."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise ProblemError(_problem(error, model)) from None


def _problem(error: ValidationError, model: type[BaseModel]) -> Problem:
    return validation_problem(error.errors(include_url=False), {"body": model})


def read_each(
    items: Sequence[Any], model: type[Sent], *, make: Callable[[Sent], Read], check: Callable[[Read], None]
) -> Many[Read]:
    """Read and check every item alone."""
    read: dict[int, Read] = {}
    problems: dict[int, Problem] = {}
    for index, item in enumerate(items):
        try:
            made = make(model.model_validate(item))
            check(made)
        except ValidationError as error:
            problems[index] = _problem(error, model)
        except FactError as error:
            problems[index] = problem_of(error)
        else:
            read[index] = made
    return Many(read, problems)


def refuse_repeated(items: Sequence[Any], under: str) -> None:
    """Raise ProblemError 422 naming every later item whose deal_id came before."""
    seen: set[str] = set()
    faults = []
    for index, item in enumerate(items):
        deal_id = item.get("deal_id") if isinstance(item, dict) else None
        if isinstance(deal_id, str) and deal_id in seen:
            where = pointer([*([under] if under else []), index, "deal_id"])
            faults.append(FieldFault(pointer=where, code="problem.duplicate_deal_id"))
        elif isinstance(deal_id, str):
            seen.add(deal_id)
    if faults:
        raise ProblemError(Problem(status=422, code="problem.validation", faults=faults))


async def _desk(request: Request) -> Desk:
    firm = getattr(request.state, "firm", None)
    if firm is None:
        raise NotAllowedError("No key was asked for on this path.")
    if request.scope["query_string"]:
        _refuse_said_twice(request)
    return desk_of(request, firm, scopes=request.state.scopes, sandbox=request.state.sandbox)


def _refuse_said_twice(request: Request) -> None:
    """Raise ProblemError 422 for a parameter that comes twice: of `dry_run=true&dry_run=false` the last would store."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    faults = [{"type": "field.repeated", "loc": ("query", name)} for name, often in times.items() if often > 1]
    if faults:
        raise ProblemError(validation_problem(faults))


def desk_of(request: Request, firm: str, *, scopes: frozenset[KeyScope], sandbox: bool = False) -> Desk:
    """Return the desk of a request made for a firm."""
    state = request.app.state
    return Desk(
        application=state.application,
        together=state.together,
        batches=state.batches,
        metrics=state.metrics,
        firm=firm,
        language=language_of(request.scope),
        sandbox=sandbox,
        scopes=scopes,
        came_at=request.scope["state"].get("came_at"),
    )


AtDesk = Annotated[Desk, Depends(_desk)]
