"""The demo's example deal, and its answer for a person: rules and model side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.table import Table

from training.commands.console import out

EXAMPLE_DEAL: Mapping[str, object] = {
    "deal_id": "EXAMPLE-1",
    "stage": "deal",
    "company_id": "EXAMPLE",
    "industry": "молочная промышленность",
    "annual_turnover_rub": 2_400_000_000,
    "steam_tph": 6.5,
    "region": "RU-MOW",
    "employees": 420,
    "is_existing_customer": False,
    "product_category": "конденсатоотводчик",
    "need_defined": True,
    "need_coverage": 0.8,
    "budget_allocated": True,
    "budget_amount": 95_000,
    "asap": True,
    "role_economic": True,
    "role_technical": True,
    "role_user": None,
    "amount": 88_000,
    "cost": 64_000,
    "currency": "RUB",
    "source": "referral",
    "funnel": "main",
}
"""A deal as a CRM would send it; money in roubles."""

_RULE = (
    ("verdict", "verdict"),
    ("grade", "grade"),
    ("fire", "Fire"),
    ("route", "route"),
)


def show_answer(deal: Mapping[str, object], answer: Mapping[str, Any]) -> None:
    """Print the deal's answer: the JSON, then a table of both opinions and the decision."""
    out.print_json(json.dumps(answer, ensure_ascii=False))
    table = Table("", "the rules", "the model", title=f"Deal {deal['deal_id']}", title_justify="left")
    for row in _rows(answer["rule"], answer["model"]):
        table.add_row(*row)
    out.print(table)
    decision = answer["decision"]
    out.print(f"Decision: {decision['action']}, decided by {decision['decided_by']} ({decision['agreement']}).")
    question = answer.get("next_question")
    if question:
        out.print(f"Ask next: {question.get('text') or question['fact']}")


def _rows(rule: Mapping[str, Any], model: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    rows = [(title, _said(rule[name]), "") for name, title in _RULE]
    economics = rule["economics"]
    rows.append(("profit if won", _money(economics["profit_if_won"]), ""))
    rows.append(("needed", _money(economics["floor"]), ""))
    if model is None:
        return rows
    low, high = model["interval"]
    rows.append(
        (
            "chance of profit",
            f"{model['rule_probability']:.0%}",
            f"{model['probability']:.0%} ({low:.0%} to {high:.0%})",
        )
    )
    rows.append(("expected profit", "", _money(model["expected_profit"])))
    rows.append(("needed", "", f"{_money(economics['cost_per_worked_deal'])} to work a deal"))
    rows.append(("like it in history", "", f"{model['similar_deals']} deals"))
    rows.extend(("", "", f"{r['effect']:+.0%}  {r.get('text') or r['fact']}") for r in model["reasons"][:5])
    abstains = f"abstains: {model['abstained_because']}" if model["abstained"] else "relied on"
    rows.append(("standing", "", f"{abstains}{'; simulated history' if model['simulated'] else ''}"))
    return rows


def _said(value: object) -> str:
    return (
        {True: "yes", False: "no", None: "unknown"}[value] if value is None or isinstance(value, bool) else str(value)
    )


def _money(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.0f}"
