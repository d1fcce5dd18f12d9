"""A deal: its receipt as a page, what was known, what rules and model said, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from starlette.responses import Response

from mlscore.ports import Brief
from mlscore.scoring.deal import FACTS
from mlscore.scoring.errors import NotFoundError
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Change, ModelAnswer, Receipt, Step, Verdict
from mlscore.service.judging.excepting import state_of_open
from mlscore.service.looking_back.disagreeing import PARTED
from mlscore.texts.answers import Sentences, settled_by
from mlscore.web.charts import Chart, Drawn, Series, draw
from mlscore.web.visit import Visit
from mlscore.web.words import Words

GROUPS: Mapping[str, Sequence[str]] = {
    "client": (
        *("company_id", "industry", "annual_turnover_rub", "group_turnover_rub", "steam_tph", "region", "employees"),
        *("is_existing_customer", "won_deals_24m", "median_profit_24m", "small_exceptions_6m", "trial_exceptions"),
    ),
    "request": (
        *("product_category", "in_nomenclature", "need_defined", "need_coverage", "request_text", "trial_order"),
        *("role_economic", "role_technical", "role_user", "asap", "delivery_needed_by"),
    ),
    "money": (
        *("amount", "cost", "profit_if_won", "prospects_profit", "budget_allocated", "budget_amount", "currency"),
    ),
    "way": ("stage", "created_at", "source", "funnel", "seller_id"),
}
"""The facts of a deal as a page groups them."""

HISTORY_AT_MOST = 60


def show(visit: Visit) -> Response:
    """Show a deal by its newest receipt, or by the one asked for."""
    return page(visit)


def page(
    visit: Visit,
    *,
    side_fault: str | None = None,
    exception_fault: str | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    """Return the page of a deal; the faults say why a side could not be taken, or an exception not be decided of."""
    deal_id = visit.request.path_params["deal_id"]
    briefs = _briefs(visit, deal_id)
    receipts = sorted(visit.office.receipts.of_deal(visit.firm, deal_id), key=_in_time, reverse=True)
    # Of the receipts themselves: a deal that went to another seller a moment ago may not be in brief yet.
    if not receipts or (visit.sellers is not None and receipts[0].deal.seller_id not in visit.sellers):
        raise NotFoundError("No such deal was scored.")
    asked = visit.asked.get("receipt", receipts[0].receipt_id)
    receipt = next((one for one in receipts if one.receipt_id == asked), None)
    if receipt is None:
        raise NotFoundError("The deal has no such receipt.")
    policies = visit.application.policies
    policy = policies.named(visit.firm, receipt.answer.rule.policy_version)
    approvals = visit.office.excepting.approvals.of_deal(visit.firm, deal_id)
    return visit.page(
        "deal.html",
        receipt=receipt,
        receipts=receipts,
        said=Said(receipt, visit.words, policy or policies.current(visit.firm).policy),
        brief=next((one for one in briefs if one.receipt_id == receipt.receipt_id), None),
        ended=briefs[0] if briefs and briefs[0].status else None,
        history=_history(receipts, visit.words),
        is_newest=receipt is receipts[0],
        parts=receipts[0].answer.decision.agreement in PARTED,
        taken=visit.office.siding.sides.of_deal(visit.firm, deal_id),
        side_fault=side_fault,
        approvals=approvals,
        lapsed=bool(approvals) and state_of_open(approvals[0], visit.application.clock()) == "lapsed",
        excused=receipts[0].answer.rule.verdict is Verdict.ACCEPT_EXCEPTION,
        exception_fault=exception_fault,
        status=status,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What a receipt says, in words; by the policy it was scored under."""

    receipt: Receipt
    words: Words
    policy: Policy

    @property
    def say(self) -> Sentences:
        """What says answers."""
        return self.words.sentences(self.policy)

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The facts known then, in groups: each group's code, and names and values."""
        found = [(group, self._known(names)) for group, names in GROUPS.items()]
        extra = [
            (self.words.fact(name), self.words.known(name, value))
            for name, value in self.receipt.deal.extra.items()
            if value is not None
        ]
        return [(f"web.deal.facts.{group}", facts) for group, facts in [*found, ("own", extra)] if facts]

    @property
    def unknown(self) -> list[str]:
        """The names of what nobody had said."""
        deal = self.receipt.deal
        return [self.words.fact(name) for name in FACTS if name != "as_of" and getattr(deal, name) is None]

    @property
    def missing(self) -> list[str]:
        """The names of the facts that would settle the verdict."""
        return [self.words.fact(name) for name in self.receipt.answer.rule.missing]

    @property
    def for_and_against(self) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
        """The model's reasons for and against, each with how far it moved the probability, largest first."""
        model, settled = self.receipt.answer.model, settled_by(self.receipt.answer.rule)
        reasons = [] if model is None else sorted(model.reasons, key=lambda reason: -abs(reason.effect))
        said = [(self.say.model(reason, settled=settled), reason.effect) for reason in reasons]
        return [one for one in said if one[1] > 0], [one for one in said if one[1] < 0]

    @property
    def steps(self) -> list[tuple[str, Step]]:
        """The path: what a seller could bring about, and what each would lead to."""
        as_of = self.receipt.as_of
        return [
            (" ".join(self.say.change(change, as_of) for change in (_first(step), *step.also)), step)
            for step in self.receipt.answer.path
        ]

    def _known(self, names: Sequence[str]) -> list[tuple[str, str]]:
        known = [(name, getattr(self.receipt.deal, name)) for name in names]
        return [(self._named(name), self.words.known(name, value)) for name, value in known if value is not None]

    def _named(self, name: str) -> str:
        # Elsewhere this fact stands for all that is known of a client; here it is a number.
        return self.words.say("web.deal.company") if name == "company_id" else self.words.fact(name)


def _moment(receipt: Receipt) -> datetime:
    return receipt.as_of or receipt.scored_at


def _in_time(receipt: Receipt) -> tuple[bool, datetime, datetime, str]:
    return receipt.as_of is not None, _moment(receipt), receipt.scored_at, receipt.receipt_id


def _first(step: Step) -> Change:
    return Change(fact=step.fact, to=step.to)


def _briefs(visit: Visit, deal_id: str) -> Sequence[Brief]:
    visit.office.briefing.catch_up(visit.firm)
    return visit.office.briefs.of_deal(visit.firm, deal_id, sellers=visit.sellers)


def _history(receipts: Sequence[Receipt], words: Words) -> Drawn | None:
    """Draw how the deal's scores went, the oldest first; None where there is no line to draw."""
    scored = [(one, one.answer.model) for one in reversed(receipts[:HISTORY_AT_MOST])]
    by_model: list[tuple[Receipt, ModelAnswer]] = [(one, model) for one, model in scored if model is not None]
    if not by_model[1:]:  # a line has two ends
        return None
    series = (
        Series(
            name=words.say("web.deal.history.rules"),
            ink="rules",
            values=[model.rule_probability for _, model in by_model],
        ),
        Series(name=words.say("web.deal.history.model"), ink="model", values=[m.probability for _, m in by_model]),
    )
    return draw(
        Chart(
            title=words.say("web.deal.history.title"),
            says=words.say(
                "web.deal.history.says",
                scores=len(by_model),
                first=by_model[0][1].probability,
                last=by_model[-1][1].probability,
            ),
            along=words.say("web.deals.at"),
            labels=[words.moment(_moment(one)) for one, _ in by_model],
            series=series,
            write=words.share,
            ends=(0.0, 1.0),
        )
    )
