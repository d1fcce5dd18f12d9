"""What a fact is called may give it away."""

import pytest

from mlscore.scoring.deal import FACTS
from tests.builders import a_policy
from training.leaks.names import known_late, leaks_by_name

LATE = {
    "closing": ["close_date", "closed_at", "date_closed", "days_to_close", "is_won", "lost_reason", "signed_on"],
    "closing, in Russian": ["data_zakrytiya", "дата_закрытия", "Дата закрытия сделки", "prichina_otkaza", "выиграна"],
    "a forecast": ["crm_probability", "win_prob", "forecast_category", "veroyatnost", "Вероятность, %"],
    "the end's figure": ["final_amount", "amount_final", "actual_profit", "realised_margin", "itogovaya_summa", "Факт"],
    "what we wrote back": ["mlscore_grade", "predicted_profit", "receipt_id"],
    "activities": ["activities_count", "number_of_calls", "last_activity", "Количество звонков", "kol_vo_vstrech"],
    "payment": ["payment_days", "paid", "invoice_no", "oplata", "Оплачено", "счёт-фактура"],
    "shipment": ["shipped_tons", "shipment_date", "delivered_on", "data_otgruzki", "Отгружено, шт"],
}
INNOCENT = [
    "partnership", "delivery_terms", "boiler_age", "prepaid_share", "closest_office", "payment_terms", "assigned_at",
    "zakrytyi_tender", "закрытый тендер", "предоплата", "условия оплаты", "срок отгрузки", "contract_length",
    "won_deals_before", "schetchik_para", "расход_пара", "probe_type", "shipping_region", "turnover", "visits_total",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for names in LATE.values() for name in names])
def test_a_fact_known_only_after_closing_is_known_by_its_name(name) -> None:
    assert known_late(name) is not None


@pytest.mark.parametrize("name", [*INNOCENT, *FACTS])
def test_a_fact_of_an_innocent_name_is_not_suspected(name) -> None:
    assert known_late(name) is None


def a_firm_with(name: str, **told: str):
    return a_policy(custom_facts=[{"name": name, "kind": "number", **told}])


def test_a_name_is_refused_and_a_description_is_warned_of() -> None:
    [named] = leaks_by_name(a_firm_with("close_date"))
    [described] = leaks_by_name(a_firm_with("f12", text_ru="Дата закрытия", text_en="a date"))
    assert (named.severity, named.fact) == ("refuse", "close_date")
    assert (described.severity, described.fact) == ("warn", "f12")
    assert "Дата закрытия" in described.sentence


def test_a_fact_innocent_by_name_and_description_is_no_leak() -> None:
    assert list(leaks_by_name(a_firm_with("boiler_age", text_en="The age of the boiler"))) == []
