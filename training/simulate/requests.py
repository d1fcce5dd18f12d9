"""The simulated requests: what is asked, when, by whom, and who answers it."""

from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np

from training.simulate.answers import Answers, draw_answers
from training.simulate.catalog import CATEGORIES, INDUSTRIES, REPEAT_SHARE, SELLERS, SOURCES
from training.simulate.draws import Bools, Floats, Ints, Moments, chance, known, pick, yes
from training.simulate.firm import (
    ClientFacts,
    draw_client_facts,
    draw_companies,
    draw_optimism,
)
from training.simulate.money import Quote, draw_price, draw_quote

DAYS_A_YEAR = 365.25
BUSY_SINCE_YEAR_START = 0.67  # of a year: the weeks before the heating season
GROWTH_A_YEAR = 0.12


@dataclass(frozen=True, slots=True)
class Calendar:
    """When each request came; `years` from the start, `season` 1 busiest, -1 slackest."""

    received_at: Moments
    years: Floats
    season: Floats


@dataclass(frozen=True, slots=True)
class Way:
    """How each request came in; some of it depends on whether the client already buys here."""

    funnel: Ints
    source_if_new: Ints
    source_if_customer: Ints
    trial_if_new: Floats

    def source(self, customer: Bools) -> Ints:
        """Return the source of each request, given which clients already buy here."""
        return np.where(customer, self.source_if_customer, self.source_if_new)

    def trial(self, customer: Bools) -> Floats:
        """Return whether each is a trial order: a customer's never is."""
        return np.where(customer, 0.0, self.trial_if_new)


@dataclass(frozen=True, slots=True)
class Requests:
    """Every fact of every request as the CRM knows it, in order of time."""

    calendar: Calendar
    company: Ints
    client: ClientFacts
    customer_at_start: Bools
    category: Ints
    in_nomenclature: Floats  # as given; unknown is NaN
    answers: Answers
    quote: Quote
    way: Way
    seller: Ints
    refused: Bools  # turned away as leads: they never became deals


def draw_requests(rng: np.random.Generator, *, count: int, refused: int, start: date, end: date) -> Requests:
    """Draw a firm and the requests that reach it from `start` to the day before `end`.

    `count` of them become deals, `refused` more are turned away as leads.
    """
    count += refused
    companies = draw_companies(rng, deals=count)
    optimism = draw_optimism(rng)
    calendar = _draw_calendar(rng, count=count, start=start, end=end)
    company = pick(rng, companies.popularity, count)
    category = _draw_categories(rng, calendar.years)
    price = draw_price(rng, companies.size[company], category)
    seller = _draw_sellers(rng, price.amount)
    client = draw_client_facts(rng, companies, company)
    in_nomenclature = _draw_nomenclature(rng, category)
    return Requests(
        calendar=calendar,
        company=company,
        client=client,
        customer_at_start=companies.customer_at_start[company],
        category=category,
        in_nomenclature=in_nomenclature,
        answers=draw_answers(rng, companies.turnover_rub[company], price),
        quote=draw_quote(rng, price, optimism[seller]),
        way=_draw_way(rng, category),
        seller=seller,
        refused=_draw_refused(rng, client, supplied(in_nomenclature, category), refused),
    )


def supplied(in_nomenclature: Floats, category: Ints) -> Floats:
    """Return whether the firm supplies it: as given, else as the product category says."""
    by_category = np.array([level.supplied for level in CATEGORIES])[category]
    return np.where(np.isnan(in_nomenclature), by_category, in_nomenclature)


def _draw_refused(rng: np.random.Generator, client: ClientFacts, fits: Floats, refused: int) -> Bools:
    """Turn away the requests that fit least, by the eye of whoever answered the telephone."""
    targets = np.array([level.target for level in INDUSTRIES] + [False])[client.industry]
    liking = fits + 0.5 * targets + 0.8 * rng.random(fits.size)
    turned_away = np.zeros(fits.size, dtype=np.bool_)
    turned_away[np.argsort(liking, kind="stable")[:refused]] = True
    return turned_away


def _draw_calendar(rng: np.random.Generator, *, count: int, start: date, end: date) -> Calendar:
    days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D"))
    elapsed = np.arange(days.size) / DAYS_A_YEAR
    of_year = (days - days.astype("datetime64[Y]")).astype(np.float64) / DAYS_A_YEAR
    season = np.cos(2.0 * np.pi * (of_year - BUSY_SINCE_YEAR_START))
    working = np.where(np.is_busday(days), 1.0, 0.06)
    day = pick(rng, (1.0 + GROWTH_A_YEAR * elapsed) * (1.0 + 0.25 * season) * working, count)
    minute = rng.integers(9 * 60, 18 * 60, count)
    received_at = np.sort(days[day].astype("datetime64[m]") + minute.astype("timedelta64[m]"))
    place = (received_at.astype("datetime64[D]") - days[0]).astype(np.int64)
    return Calendar(received_at=received_at, years=elapsed[place], season=season[place])


def _draw_categories(rng: np.random.Generator, years: Floats) -> Ints:
    weights = np.array([level.weight for level in CATEGORIES])
    drift = np.array([level.drift for level in CATEGORIES])
    edges = np.cumsum(weights * np.exp(np.outer(years, drift)), axis=1)
    edges /= edges[:, -1:]
    return cast("Ints", (rng.random((years.size, 1)) > edges).sum(axis=1))


def _draw_sellers(rng: np.random.Generator, amount: Floats) -> Ints:
    """Hand out the requests: the first sellers grab the small ones, the last wait for the large."""
    rank = np.argsort(np.argsort(amount, kind="stable"), kind="stable") / amount.size
    taste = np.clip(0.75 * rank + 0.4 * rng.random(amount.size) - 0.1, 0.0, 0.999)
    return (taste * SELLERS).astype(np.int64)


def _draw_nomenclature(rng: np.random.Generator, category: Ints) -> Floats:
    by_category = np.array([level.supplied for level in CATEGORIES])[category]
    odd = chance(rng, 0.05, category.size)  # a spare part, a special
    return known(rng, np.where(odd, ~by_category, by_category).astype(np.float64), 0.85)


def _draw_way(rng: np.random.Generator, category: Ints) -> Way:
    count = category.size
    is_service = np.array([level.code == "service" for level in CATEGORIES])[category]
    source = pick(rng, [level.weight for level in SOURCES], count)
    returned = chance(rng, REPEAT_SHARE, count)
    return Way(
        funnel=yes(rng, np.where(is_service, 0.9, 0.03), count).astype(np.int64),
        source_if_new=source,
        source_if_customer=np.where(returned, len(SOURCES) - 1, source),
        trial_if_new=known(rng, yes(rng, 0.2, count), 0.75),
    )
