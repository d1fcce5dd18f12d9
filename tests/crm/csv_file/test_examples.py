"""The mappings and policies shipped as examples read the sets they were written for, row by row."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlscore.crm.csv_file import CsvHistory, read_history
from mlscore.crm.csv_file.mapping import read_mapping
from mlscore.scoring.deal import Status
from mlscore.scoring.policy import Policy, read_policy_text
from mlscore.scoring.policy.document import default_policy
from tests.crm.csv_file.files import NOW, a_file

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
DEMO_HEADER = (
    "ID сделки;Дата;Стадия;Компания ID;Отрасль;Оборот компании млн руб;Оборот группы млн руб;Пар т/ч;Регион;"
    "Сотрудников;Наш клиент;Категория товара;По номенклатуре;Потребность определена;Покрытие потребности %;"
    "Бюджет выделен;Сумма бюджета;Дата поставки;Срочно;ЛПР экономический;ЛПР технический;ЛПР пользователь;Сумма;"
    "Себестоимость;Прибыль план;Источник;Воронка;Продавец;Пробный заказ;Перспектива прибыли;Дата закрытия;"
    "Результат;Прибыль факт\r\n"
)


def policy_of(name: str) -> Policy:
    file = EXAMPLES / name / "policy.toml"
    return read_policy_text(file.read_text(encoding="utf-8")) if file.exists() else default_policy()


def history_of(name: str, file: str) -> CsvHistory:
    folder = os.environ.get("MLSCORE_DATASETS")
    if not folder:
        pytest.skip("MLSCORE_DATASETS is unset: it names the folder of the real data sets")
    mapping = EXAMPLES / name / "mapping.toml"
    return read_history(Path(folder) / file, mapping=mapping, policy=policy_of(name), now=NOW)


def endings(history: CsvHistory) -> Counter[Status | None]:
    return Counter(past.outcome.status if past.outcome else None for past in history.deals)


def test_every_example_has_a_mapping_and_a_policy_without_faults():
    examples = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.name != "bitrix24")  # of a portal
    assert examples == ["adventureworks", "demo", "maven", "salvirt", "shop"]
    for name in examples:
        declared = {fact.name for fact in policy_of(name).custom_facts}
        assert set(read_mapping(EXAMPLES / name / "mapping.toml").extra) == declared


def test_the_demo_reads_a_russian_export(tmp_path):
    rows = [
        (
            "D-1;15.01.2024 10:30;сделка;CL-7;пивоварение;1550,0;;3,8;RU-TA;290;да;паровой котёл;да;не известно;40;нет;"
            "541000,00;25.01.2024 00:00;;да;да;нет;17000,00;10040,50;6959,50;referral;main;S-01;нет;;"
            "19.02.2024 16:00;успех;6500,25"
        ),
        "D-2;16.01.2024 10:30;лид;CL-8;" + ";" * 28,
    ]
    file = a_file(tmp_path, DEMO_HEADER + "\r\n".join(rows) + "\r\n", encoding="cp1251")
    mapping = EXAMPLES / "demo" / "mapping.toml"
    history = read_history(file, mapping=mapping, policy=default_policy(), now=NOW)
    assert history.rejects == ()
    first, second = history.deals
    assert first.deal.as_of == datetime(2024, 1, 15, 7, 30, tzinfo=UTC)
    assert first.deal.annual_turnover_rub == 1_550_000_000
    assert (first.deal.need_coverage, first.deal.need_defined, first.deal.role_user) == (0.4, None, False)
    assert (first.deal.cost, first.outcome.status, first.outcome.realised_profit) == (1_004_050, Status.WON, 650_025)
    assert (second.deal.stage, second.outcome) == ("lead", None)


def test_the_simulated_export_has_the_columns_of_the_demo(tmp_path):
    simulate = pytest.importorskip("training.simulate").simulate
    file = tmp_path / "history.csv"
    simulate(deals=50, seed=7).write_csv(file)
    assert file.read_bytes().decode("cp1251").startswith(DEMO_HEADER)
    mapping = EXAMPLES / "demo" / "mapping.toml"
    history = read_history(file, mapping=mapping, policy=default_policy(), now=NOW)
    assert history.rejects == ()
    assert len(history.deals) == history.read == 53


def test_salvirt_has_365_distinct_undated_deals_with_22_facts():
    history = history_of("salvirt", "salvirt_b2b/Salvirt_B2B_ML_dataset.csv")
    assert (history.read, history.duplicates, history.rejected, len(history.deals)) == (448, 83, 0, 365)
    assert endings(history) == {Status.WON: 173, Status.LOST: 192}
    deals = [past.deal for past in history.deals]
    assert {deal.as_of for deal in deals} == {None}
    assert Counter(deal.budget_allocated for deal in deals).keys() == {True, False, None}
    assert set().union(*(deal.extra for deal in deals)) == {f.name for f in policy_of("salvirt").custom_facts}
    assert policy_of("salvirt").training.label == "won"


def test_adventureworks_has_3616_won_orders_that_close_thirty_days_later():
    history = history_of("adventureworks", "adventureworks_reseller/orders.csv")
    assert (history.read, history.rejected, len(history.deals)) == (3616, 0, 3616)
    assert endings(history) == {Status.WON: 3616}
    floor = policy_of("adventureworks").economics.floor_profit
    assert sum(past.outcome.realised_profit >= floor for past in history.deals) == 2097
    assert {(past.outcome.closed_at.date() - past.deal.as_of.date()).days for past in history.deals} == {30}
    assert sum(past.deal.amount for past in history.deals) == 7_754_857_020
    assert {len(past.deal.extra) for past in history.deals} == {9}


def test_maven_has_8800_opportunities_of_which_2089_are_open():
    history = history_of("maven", "maven_crm/sales_pipeline.csv")
    assert (history.read, history.rejected, len(history.deals)) == (8800, 0, 8800)
    assert endings(history) == {Status.WON: 4238, Status.LOST: 2473, None: 2089}
    assert history.unmatched == {"accounts": 0, "products": 0, "teams": 0}
    deals = [past.deal for past in history.deals]
    assert sum(deal.as_of is None for deal in deals) == 500
    assert sum(deal.product_category == "GTX Pro" for deal in deals) == 1480
    assert all(deal.amount is None and "series" in deal.extra for deal in deals)
    assert sum(deal.company_id is None for deal in deals) == 1425
