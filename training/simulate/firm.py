"""The simulated firm's clients and sellers: numbered, never named."""

from dataclasses import dataclass
from typing import cast

import numpy as np

from training.simulate.catalog import INDUSTRIES, OPTIMISM_MAX, REGIONS, SELLERS
from training.simulate.draws import Bools, Floats, Ints, chance, known, pick

DEALS_A_COMPANY = 2.2
IN_A_GROUP = 0.3
CUSTOMERS_AT_START = 0.12


@dataclass(frozen=True, slots=True)
class Companies:
    """The clients as they are, one element each; `size` is latent, in standard deviations."""

    industry: Ints
    size: Floats
    steam_tph: Floats
    turnover_rub: Floats
    group_turnover_rub: Floats  # NaN outside a group
    region: Ints
    employees: Floats
    customer_at_start: Bools
    popularity: Floats  # share of requests, summing to 1


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """The client of each request as the CRM knows it: unknown is NaN, or -1 for a level."""

    industry: Ints
    unmapped: Bools  # an industry is written, but in words that no list knows
    turnover_rub: Floats
    group_turnover_rub: Floats
    steam_tph: Floats
    region: Ints
    employees: Floats
    customer_known: Bools


def draw_companies(rng: np.random.Generator, *, deals: int) -> Companies:
    """Draw enough clients for `deals` requests, the first few asking the most often."""
    count = max(8, round(deals / DEALS_A_COMPANY))
    industry = pick(rng, [level.weight for level in INDUSTRIES], count)
    size = rng.standard_normal(count) + np.array([level.size for level in INDUSTRIES])[industry]
    steam = np.array([level.steam for level in INDUSTRIES])[industry]
    steam_tph = 3.6 * np.exp(steam + 0.45 * size + 0.65 * rng.standard_normal(count))
    turnover_rub = 1.1e9 * np.exp(0.85 * size + 0.45 * rng.standard_normal(count))
    in_a_group = chance(rng, IN_A_GROUP, count)
    group = turnover_rub * (1.2 + 5.0 * rng.random(count))
    employees = 160.0 * np.exp(0.8 * size + 0.5 * rng.standard_normal(count))
    return Companies(
        industry=industry,
        size=size,
        steam_tph=np.round(np.clip(steam_tph, 0.1, 120.0), 1),
        turnover_rub=np.round(turnover_rub, -6),
        group_turnover_rub=np.where(in_a_group, np.round(group, -6), np.nan),
        region=pick(rng, [region.weight for region in REGIONS], count),
        employees=np.ceil(employees),
        customer_at_start=chance(rng, CUSTOMERS_AT_START, count),
        popularity=_zipf(count),
    )


def draw_client_facts(rng: np.random.Generator, companies: Companies, company: Ints) -> ClientFacts:
    """Draw what is known of each request's client: small companies publish less."""
    count = company.size
    shy = np.where(companies.size[company] < 0.0, 0.2, 0.08)
    unmapped = chance(rng, 0.02, count)
    hidden = unmapped | chance(rng, 0.04, count)
    return ClientFacts(
        industry=np.where(hidden, -1, companies.industry[company]),
        unmapped=unmapped,
        turnover_rub=known(rng, companies.turnover_rub[company], 1.0 - shy),
        group_turnover_rub=known(rng, companies.group_turnover_rub[company], 0.8),
        steam_tph=known(rng, companies.steam_tph[company], 0.97 - 1.3 * shy),
        region=np.where(chance(rng, 0.02, count), -1, companies.region[company]),
        employees=known(rng, companies.employees[company], 0.85),
        customer_known=chance(rng, 0.94, count),
    )


def draw_optimism(rng: np.random.Generator) -> Floats:
    """Draw how much more profit each seller promises than amount less cost, as a share.

    Those who live on small deals (the first) promise the most.
    """
    taste = 1.0 - np.arange(SELLERS) / (SELLERS - 1)
    return cast("Floats", np.round(OPTIMISM_MAX * (0.5 * taste + 0.5 * rng.random(SELLERS)), 3))


def _zipf(count: int) -> Floats:
    weights = (np.arange(count) + 8.0) ** -0.6
    return cast("Floats", weights / weights.sum())
