"""Example bodies, shown in the description of the API and run by its tests."""

from __future__ import annotations

from typing import Any

ACCEPTED: dict[str, Any] = {
    "deal_id": "D-17",
    "stage": "deal",
    "company_id": "C-4",
    "industry": "dairy",
    "annual_turnover_rub": 1_200_000_000,
    "steam_tph": 5,
    "product_category": "steam_trap",
    "need_defined": True,
    "need_coverage": 1,
    "budget_allocated": True,
    "budget_amount": 60_000,
    "asap": True,
    "role_economic": True,
    "role_technical": True,
    "role_user": True,
    "amount": 52_000.5,
    "cost": 40_000.5,
}
UNDETERMINED: dict[str, Any] = {
    "deal_id": "D-18",
    "stage": "lead",
    "industry": "dairy",
    "annual_turnover_rub": 2_000_000_000,
    "in_nomenclature": True,
}
WON: dict[str, Any] = {
    "deal_id": "D-17",
    "status": "won",
    "closed_at": "2026-04-11T16:00:00+03:00",
    "realised_profit": 9_400,
}
LOST: dict[str, Any] = {"deal_id": "D-18", "status": "lost"}

DEALS: Any = {
    "a deal to accept": {"value": ACCEPTED},
    "a lead of which too little is known": {"value": UNDETERMINED},
}
BATCHES: Any = {"two deals": {"value": {"deals": [ACCEPTED, UNDETERMINED]}}}
OUTCOMES: Any = {"one": {"value": WON}, "many": {"value": {"outcomes": [WON, LOST]}}}
