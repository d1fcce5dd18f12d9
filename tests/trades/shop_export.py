"""The export of a shop system that sells to shops, drawn with a signal in the facts of its own trade alone."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

FIRST = datetime(2024, 1, 8, 9, tzinfo=UTC)
GROUPS = ("garden_centre", "Geschenke", "furniture", "hotels")
CATEGORIES = ("Garten", "kitchenware", "seasonal goods", "Elektronik")
CHANNELS = {"shop": 0.3, "EDI": 0.9, "trade fair": 0.0, "telephone": -0.5, "marketplace": -1.2}
DAYS_A_QUOTE = 1.0


def write_shop_export(file: Path, *, quotes: int = 500, seed: int = 1) -> None:
    """Write so many quotes, one a day; all but the newest few have ended."""
    rows = list(_quotes(quotes, np.random.default_rng(seed)))
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def _quotes(quotes: int, rng: np.random.Generator) -> Iterator[dict[str, str]]:
    for number in range(quotes):
        quoted_at = FIRST + timedelta(days=number * DAYS_A_QUOTE)
        is_valid, returns = bool(rng.random() < 0.7), bool(rng.random() < 0.3)
        outlets, idle = int(np.ceil(rng.lognormal(1.2, 0.8))), int(rng.integers(1, 180))
        channel = str(rng.choice(list(CHANNELS)))
        total = float(np.round(rng.lognormal(7.4, 0.5), 2))
        cost = round(total * float(rng.uniform(0.68, 0.82)), 2)
        log_odds = 0.2 + 1.8 * is_valid - 1.8 * returns + 0.9 * np.log(outlets / 4) - idle / 60 + CHANNELS[channel]
        is_won = bool(rng.random() < 1 / (1 + np.exp(-log_odds)))
        is_open = number >= quotes - 10
        closed_at = quoted_at + timedelta(days=int(rng.integers(2, 20)))
        state = "quoted" if is_open else str(rng.choice(["shipped", "paid"] if is_won else ["cancelled", "expired"]))
        yield {
            "quote_number": f"Q-{number:05}",
            "quoted_at": f"{quoted_at:%d.%m.%Y %H:%M}",
            "customer_number": f"K-{int(rng.integers(1, 120)):03}",
            "customer_group": str(rng.choice(GROUPS, p=[0.4, 0.3, 0.2, 0.1])),
            "shipping_region": str(rng.choice(["BY", "NW", "BE", "n/a"])),
            "returning_customer": str(rng.choice(["yes", "no"])),
            "main_category": str(rng.choice(CATEGORIES, p=[0.4, 0.3, 0.25, 0.05])),
            "basket_final": str(rng.choice(["final", "draft", ""])),
            "credit_line_free": str(rng.choice(["yes", "no", ""])),
            "credit_line": _money(float(rng.integers(1, 40)) * 500),
            "wanted_by": f"{quoted_at + timedelta(days=int(rng.integers(2, 60))):%d.%m.%Y}",
            "express": str(rng.choice(["yes", "no"], p=[0.2, 0.8])),
            "contact_owner": str(rng.choice(["yes", "no", ""])),
            "contact_shop_manager": str(rng.choice(["yes", "no", ""])),
            "net_total": _money(total),
            "net_purchase_price": _money(cost),
            "currency": "EUR",
            "utm_source": str(rng.choice(["newsletter", "fair", "search"])),
            "account_manager": f"AM-{int(rng.integers(1, 6))}",
            "order_type": str(rng.choice(["regular", "sample"], p=[0.9, 0.1])),
            "purchases_12m_k": f"{rng.lognormal(3.8, 0.7):.1f}".replace(".", ","),
            "outlets": str(outlets),
            "days_since_order": str(idle),
            "vat_status": "pending" if rng.random() < 0.1 else "valid" if is_valid else "invalid",
            "return_rate_class": "high" if returns else "normal",
            "channel": channel,
            "season_start": f"{quoted_at + timedelta(days=int(rng.integers(5, 150))):%d.%m.%Y}",
            "state": state,
            "closed_at": "" if is_open else f"{closed_at:%d.%m.%Y}",
            "contribution": _money(round((total - cost) * float(rng.uniform(0.8, 1.1)), 2))
            if is_won and not is_open
            else "",
        }


def _money(amount: float) -> str:
    """Write money as the Germans do: 1.234,50."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
