"""The simulated history as a CRM would export it: Russian headers, yes / no in words."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.simulate.catalog import (
    CATEGORIES,
    FUNNELS,
    INDUSTRIES,
    REGIONS,
    SOURCES,
    UNMAPPED_INDUSTRIES,
)
from training.simulate.draws import Bools, Floats, Ints, Moments, chance
from training.simulate.history import Fates
from training.simulate.requests import Requests

Texts = NDArray[np.object_]
YES, NO, NOT_KNOWN = "да", "нет", "не известно"
WON, LOST = "успех", "провал"
DEAL, LEAD = "сделка", "лид"
RUB_A_MILLION = 1e6
SAYS_NOT_KNOWN = 0.4  # of the unknown answers; the others are left empty

# How many decimals each number of the export is written with.
DECIMALS = {
    "Оборот компании млн руб": 1,
    "Оборот группы млн руб": 1,
    "Пар т/ч": 1,
    "Сотрудников": 0,
    "Покрытие потребности %": 0,
    "Сумма бюджета": 2,
    "Сумма": 2,
    "Себестоимость": 2,
    "Прибыль план": 2,
    "Перспектива прибыли": 2,
    "Прибыль факт": 2,
}
MOMENTS = ("Дата", "Дата поставки", "Дата закрытия")


def deal_ids(count: int) -> list[str]:
    """Return the numbers of the deals, in order of time."""
    return [f"D-{number:06d}" for number in range(1, count + 1)]


def to_facts(rng: np.random.Generator, requests: Requests, fates: Fates, *, closed: Bools) -> pd.DataFrame:
    """Return one row per request under the export's headers; NaN, NaT or "" is unknown."""
    return pd.DataFrame(
        {
            "ID сделки": deal_ids(closed.size),
            "Дата": requests.calendar.received_at,
            "Стадия": np.where(requests.refused, LEAD, DEAL).astype(object),
            **_client_columns(rng, requests, fates),
            **_request_columns(rng, requests),
            **_money_columns(requests),
            **_way_columns(rng, requests, fates),
            **_outcome_columns(fates, closed),
        }
    )


def write_facts(facts: pd.DataFrame, path: Path) -> None:
    """Write the export: `;` between cells, decimal comma, cp1251, dd.mm.yyyy HH:MM."""
    columns = [_as_text(str(header), facts[header]) for header in facts.columns]
    with path.open("w", encoding="cp1251", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(facts.columns)
        writer.writerows(zip(*columns, strict=True))


def _as_text(header: str, values: "pd.Series[Any]") -> list[str]:
    if header in MOMENTS:
        return _each(values, lambda moment: f"{moment:%d.%m.%Y %H:%M}")
    if header in DECIMALS:
        digits = DECIMALS[header]
        return _each(values, lambda number: f"{number:.{digits}f}".replace(".", ","))
    return [str(value) for value in values]


def _each(values: "pd.Series[Any]", write: Callable[[Any], str]) -> list[str]:
    known = values.notna().tolist()
    return [write(value) if told else "" for value, told in zip(values, known, strict=True)]


def _words(rng: np.random.Generator, answer: Floats) -> Texts:
    """Write an answer as a seller does: an unknown is left empty or said to be unknown."""
    said = chance(rng, SAYS_NOT_KNOWN, answer.size)
    unknown = np.where(said, NOT_KNOWN, "").astype(object)
    told = np.where(answer == 1.0, YES, NO).astype(object)
    return np.where(np.isnan(answer), unknown, told)


def _level(names: list[str], place: Ints) -> Texts:
    """Name each level; -1, the unknown, is the empty text at the end."""
    return np.array([*names, ""], dtype=object)[place]


def _client_columns(rng: np.random.Generator, requests: Requests, fates: Fates) -> dict[str, Texts | Floats]:
    client = requests.client
    industry = _level([level.text for level in INDUSTRIES], client.industry)
    odd = np.array(UNMAPPED_INDUSTRIES, dtype=object)
    odd = odd[rng.integers(0, odd.size, industry.size)]
    customer = np.where(client.customer_known, fates.customer.astype(np.float64), np.nan)
    return {
        "Компания ID": np.array([f"CL-{place + 1:04d}" for place in requests.company], object),
        "Отрасль": np.where(client.unmapped, odd, industry),
        "Оборот компании млн руб": client.turnover_rub / RUB_A_MILLION,
        "Оборот группы млн руб": client.group_turnover_rub / RUB_A_MILLION,
        "Пар т/ч": client.steam_tph,
        "Регион": _level([level.code for level in REGIONS], client.region),
        "Сотрудников": client.employees,
        "Наш клиент": _words(rng, customer),
    }


def _request_columns(rng: np.random.Generator, requests: Requests) -> dict[str, Texts | Floats | Moments]:
    answers = requests.answers
    day = requests.calendar.received_at.astype("datetime64[D]")
    ahead = np.nan_to_num(answers.delivery_days, nan=0.0).astype("timedelta64[D]")
    delivery = (day + ahead).astype("datetime64[m]")
    delivery[np.isnan(answers.delivery_days)] = np.datetime64("NaT")
    return {
        "Категория товара": _level([level.text for level in CATEGORIES], requests.category),
        "По номенклатуре": _words(rng, requests.in_nomenclature),
        "Потребность определена": _words(rng, answers.need_defined),
        "Покрытие потребности %": answers.need_coverage * 100.0,
        "Бюджет выделен": _words(rng, answers.budget_allocated),
        "Сумма бюджета": answers.budget,
        "Дата поставки": delivery.astype("datetime64[s]"),
        "Срочно": _words(rng, answers.asap),
        "ЛПР экономический": _words(rng, answers.role_economic),
        "ЛПР технический": _words(rng, answers.role_technical),
        "ЛПР пользователь": _words(rng, answers.role_user),
    }


def _money_columns(requests: Requests) -> dict[str, Floats]:
    quote = requests.quote
    return {
        "Сумма": quote.amount,
        "Себестоимость": quote.cost,
        "Прибыль план": quote.profit_stated,
    }


def _way_columns(rng: np.random.Generator, requests: Requests, fates: Fates) -> dict[str, Texts | Floats]:
    way = requests.way
    return {
        "Источник": _level([level.code for level in SOURCES], way.source(fates.customer)),
        "Воронка": _level(list(FUNNELS), way.funnel),
        "Продавец": np.array([f"S-{place + 1:02d}" for place in requests.seller], object),
        "Пробный заказ": _words(rng, way.trial(fates.customer)),
        "Перспектива прибыли": requests.quote.prospects,
    }


def _outcome_columns(fates: Fates, closed: Bools) -> dict[str, Texts | Floats | Moments]:
    closed_at = np.where(closed, fates.closed_at, np.datetime64("NaT"))
    result = np.where(fates.won, WON, LOST).astype(object)
    return {
        "Дата закрытия": closed_at.astype("datetime64[s]"),
        "Результат": np.where(closed, result, "").astype(object),
        "Прибыль факт": np.where(closed & fates.won, fates.realised_profit_rub, np.nan),
    }
