"""The simulated firm: what its export looks like, what is true of it, and how hard it is."""

import hashlib
import io
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.simulate import Simulated, simulate
from training.simulate.hardness import measure

FLOOR_RUB = 5000.0
FROZEN_DEALS, FROZEN_SEED = 300, 20
FROZEN_SHA256 = "de6ad8925655fbcc8a23c65cf0a3a94569d1e5ef8843de23768b47664d28ca96"
HEADERS = [
    "ID сделки",
    "Дата",
    "Стадия",
    "Компания ID",
    "Отрасль",
    "Оборот компании млн руб",
    "Оборот группы млн руб",
    "Пар т/ч",
    "Регион",
    "Сотрудников",
    "Наш клиент",
    "Категория товара",
    "По номенклатуре",
    "Потребность определена",
    "Покрытие потребности %",
    "Бюджет выделен",
    "Сумма бюджета",
    "Дата поставки",
    "Срочно",
    "ЛПР экономический",
    "ЛПР технический",
    "ЛПР пользователь",
    "Сумма",
    "Себестоимость",
    "Прибыль план",
    "Источник",
    "Воронка",
    "Продавец",
    "Пробный заказ",
    "Перспектива прибыли",
    "Дата закрытия",
    "Результат",
    "Прибыль факт",
]


@pytest.fixture(scope="module")
def firm() -> Simulated:
    return simulate(deals=10_000, seed=1)


@pytest.fixture(scope="module")
def closed(firm: Simulated) -> pd.DataFrame:
    """Return the closed deals with their outcomes and the truth beside them."""
    deals = firm.facts.merge(firm.truth, left_on="ID сделки", right_on="deal_id", validate="1:1")
    deals = deals[deals["Результат"] != ""]
    won = deals["Результат"] == "успех"
    return deals.assign(won=won, profitable=won & (deals["Прибыль факт"] >= FLOOR_RUB))


def exported(simulated: Simulated, folder: Path) -> bytes:
    simulated.write_csv(folder / "export.csv")
    return (folder / "export.csv").read_bytes()


def test_the_export_is_frozen_to_the_byte(tmp_path: Path) -> None:
    export = exported(simulate(deals=FROZEN_DEALS, seed=FROZEN_SEED), tmp_path)

    assert hashlib.sha256(export).hexdigest() == FROZEN_SHA256


def test_the_same_seed_gives_the_same_history_and_another_seed_another() -> None:
    first, again, other = (simulate(deals=50, seed=seed) for seed in (7, 7, 8))

    pd.testing.assert_frame_equal(first.facts, again.facts)
    pd.testing.assert_frame_equal(first.truth, again.truth)
    assert not first.facts["Сумма"].equals(other.facts["Сумма"])


def test_the_export_is_written_as_a_russian_crm_writes_it(tmp_path: Path) -> None:
    simulated = simulate(deals=200, seed=3)

    lines = exported(simulated, tmp_path).decode("cp1251").split("\r\n")

    assert lines[0].split(";") == HEADERS
    assert lines[-1] == ""
    table = pd.read_csv(io.StringIO("\n".join(lines)), sep=";", dtype=str, keep_default_na=False)
    assert len(table) == len(simulated.facts)
    assert table["Дата"].str.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:\d\d").all()
    assert table["Сумма"].str.fullmatch(r"(\d+,\d\d)?").all()
    assert table["Пар т/ч"].str.fullmatch(r"(\d+,\d)?").all()
    assert set(table["Бюджет выделен"]) == {"да", "нет", "", "не известно"}
    assert set(table["Результат"]) == {"успех", "провал", ""}
    assert set(table["Стадия"]) == {"сделка", "лид"}
    amounts = table["Сумма"].str.replace(",", ".").replace("", "nan").astype(float)
    np.testing.assert_allclose(amounts, simulated.facts["Сумма"])


def test_the_truth_is_kept_apart_and_covers_every_deal_but_no_refused_lead(firm: Simulated, tmp_path: Path) -> None:
    firm.write_truth(tmp_path / "truth.csv")

    truth = pd.read_csv(tmp_path / "truth.csv")

    deals = firm.facts[firm.facts["Стадия"] == "сделка"]
    assert truth["deal_id"].tolist() == deals["ID сделки"].tolist()
    assert len(truth) == 10_000
    assert truth["p_true"].between(0.0, 1.0).all()
    assert (truth["p_true"] <= truth["p_won_true"]).all()
    assert not set(truth.columns) & set(firm.facts.columns)


def test_refused_leads_and_open_deals_have_no_outcome(firm: Simulated) -> None:
    facts = firm.facts
    leads, still_open = facts["Стадия"] == "лид", (facts["Стадия"] == "сделка") & (facts["Результат"] == "")

    assert leads.sum() == 600
    assert 100 < still_open.sum() < 800
    assert facts.loc[leads | still_open, ["Дата закрытия", "Прибыль факт"]].isna().all(axis=None)
    assert facts.loc[still_open, "Дата"].min() > pd.Timestamp("2024-12-31")


def test_history_lies_within_the_period_asked_for() -> None:
    facts = simulate(deals=300, seed=2, start=date(2020, 3, 1), end=date(2021, 3, 1)).facts

    assert facts["Дата"].is_monotonic_increasing
    assert facts["Дата"].min() >= pd.Timestamp("2020-03-01")
    assert facts["Дата закрытия"].max() < pd.Timestamp("2021-03-01")
    assert (facts["Дата закрытия"].dropna() > facts.loc[facts["Дата закрытия"].notna(), "Дата"]).all()


def test_outcomes_follow_the_true_chances(closed: pd.DataFrame) -> None:
    band = pd.cut(closed["p_true"], np.linspace(0.0, 1.0, 11), include_lowest=True)
    seen = closed.groupby(band, observed=True).agg(
        rate=("profitable", "mean"), true=("p_true", "mean"), count=("p_true", "size")
    )
    noise = np.sqrt(seen["true"] * (1.0 - seen["true"]) / seen["count"])

    assert (abs(seen["rate"] - seen["true"]) < 4.0 * noise).all()
    assert closed["won"].mean() == pytest.approx(closed["p_won_true"].mean(), abs=0.02)


def test_realised_profit_follows_the_true_expectation(closed: pd.DataFrame) -> None:
    realised = closed["Прибыль факт"].fillna(0.0)
    difference = realised - closed["expected_profit_true"]

    assert abs(difference.mean()) < 4.0 * difference.std() / np.sqrt(len(closed))
    assert closed.loc[~closed["won"], "Прибыль факт"].isna().all()


def test_small_deals_win_more_often_and_yet_earn_less_than_the_floor(closed: pd.DataFrame) -> None:
    small, large = closed[closed["Сумма"] < 15_000], closed[closed["Сумма"] > 60_000]

    assert small["won"].mean() > large["won"].mean() + 0.1
    assert small["profitable"].mean() < large["profitable"].mean() - 0.2
    assert small.loc[small["won"], "Прибыль факт"].median() < FLOOR_RUB
    assert closed["p_true"].corr(closed["p_won_true"], method="spearman") < 0.7


def test_shares_are_those_of_the_firm_in_the_article(closed: pd.DataFrame) -> None:
    assert 0.30 < closed["profitable"].mean() < 0.45
    assert 0.45 < closed["won"].mean() < 0.60
    profits = closed["Прибыль факт"].dropna()
    assert profits.between(1_000, 60_000).mean() > 0.75
    assert profits.max() > 200_000


def test_what_is_unknown_is_not_unknown_at_random(firm: Simulated) -> None:
    facts = firm.facts
    unknown = ~facts["Бюджет выделен"].isin(["да", "нет"])
    small, poor = facts["Сумма"] < 15_000, facts["Оборот компании млн руб"] < 700

    assert unknown[small].mean() > unknown[~small].mean() + 0.1
    assert unknown[poor].mean() > unknown[~poor].mean() + 0.1


def test_sellers_promise_more_than_amount_less_cost_each_in_his_own_measure(firm: Simulated) -> None:
    facts = firm.facts
    promised = facts["Прибыль план"] / (facts["Сумма"] - facts["Себестоимость"])
    by_seller = promised.groupby(facts["Продавец"]).median()

    assert by_seller.index.str.fullmatch(r"S-\d\d").all()
    assert (by_seller > 0.97).all()
    assert by_seller.max() - by_seller.min() > 0.15


def test_a_client_becomes_ours_only_after_a_deal_is_won(firm: Simulated) -> None:
    facts = firm.facts
    won = facts[facts["Результат"] == "успех"]
    first_bought = facts["Компания ID"].map(won.groupby("Компания ID")["Дата закрытия"].min())

    after = facts[(first_bought < facts["Дата"]) & facts["Наш клиент"].isin(["да", "нет"])]

    assert len(after) > 1_000
    assert (after["Наш клиент"] == "да").all()
    assert (facts["Наш клиент"] == "нет").sum() > 2_000


def test_the_rules_tell_good_deals_from_bad_ones(closed: pd.DataFrame) -> None:
    turnover = closed[["Оборот компании млн руб", "Оборот группы млн руб"]].max(axis=1)
    fire = (closed["Пар т/ч"] > 3) & (turnover > 1_000) & (closed["По номенклатуре"] == "да")
    good = fire & (closed["Прибыль план"] >= FLOOR_RUB)

    assert closed.loc[good, "profitable"].mean() > closed.loc[~good, "profitable"].mean() + 0.25


def test_the_market_drifts(firm: Simulated) -> None:
    facts = firm.facts
    early, late = facts["Дата"] < pd.Timestamp("2023-01-01"), facts["Дата"] >= pd.Timestamp("2025-01-01")
    boilers = facts["Категория товара"] == "паровой котёл"

    assert boilers[early].mean() > 1.15 * boilers[late].mean()


def test_the_history_is_hard_enough_to_tell_models_apart(firm: Simulated) -> None:
    hardness = measure(firm)

    assert hardness.prior - hardness.oracle >= 0.12
    assert hardness.gap(hardness.prior) == pytest.approx(1.0)
    assert hardness.gap(hardness.logistic) >= 0.15
    assert hardness.gap(hardness.default_boosting) >= 0.06


@pytest.mark.parametrize("deals", [1, 2, 17])
def test_a_tiny_history_can_be_drawn(deals: int) -> None:
    assert len(simulate(deals=deals, seed=0).truth) == deals


def test_nothing_to_draw_or_no_time_to_draw_it_in_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        simulate(deals=0, seed=0)
    with pytest.raises(ValueError, match="later end"):
        simulate(deals=5, seed=0, start=date(2024, 1, 2), end=date(2024, 1, 2))
