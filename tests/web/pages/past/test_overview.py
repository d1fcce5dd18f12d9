"""The overview says what was worked out, and leads to the deals behind it."""

import csv

from mlscore.service.looking_back.overview import overview_of
from tests.web.visiting import said


def overview_on(stage):
    past = stage.office.looking_back.past(stage.firm)
    return past, overview_of(past)


def rows(browser, query):
    return list(csv.reader(browser.get(f"/overview?{query}").text.lstrip("\ufeff").splitlines()))[1:]


def test_it_says_where_the_newest_month_stands_against_the_floor(stage):
    past, found = overview_on(stage)
    month, floor = found.months[-1], past.policy.economics.floor_profit
    text = said(stage.signed_in("looks over", "viewer").get("/overview").text)
    assert f"a won deal brought RUB {round(month.a_won_deal / 100):,} on average, above the floor" in text
    assert f"{month.below_floor} of {month.won} won deals stayed below it" in text
    assert f"Floor RUB {floor // 100:,}" in text
    assert f"Cost of an attempt RUB {round(past.policy.economics.cost_per_worked_deal / 100):,}" in text


def test_every_month_and_what_stayed_below_the_floor_lead_to_their_deals(stage):
    _, found = overview_on(stage)
    reader = stage.signed_in("follows months", "viewer")
    for month in found.months:
        assert f"?month={month.name}#deals" in reader.get("/overview").text
        assert len(rows(reader, f"format=csv&month={month.name}")) == month.closed
        assert len(rows(reader, f"format=csv&month={month.name}&standing=below")) == month.below_floor


def test_the_trap_has_its_money_and_its_deals(stage):
    _, found = overview_on(stage)
    reader = stage.signed_in("sees the trap", "viewer")
    text = said(reader.get("/overview").text)
    for name, side in (("pushed_up", found.pushed_up), ("passed_over", found.passed_over)):
        assert f"Profit RUB {round(side.profit / 100):,}" in text
        assert len(rows(reader, f"format=csv&trap={name}")) == side.deals


def test_sellers_are_a_table_of_their_own_and_a_file(stage):
    _, found = overview_on(stage)
    reader = stage.signed_in("counts sellers", "viewer")
    told = rows(reader, "sellers-format=csv")
    assert [(row[0], float(row[3])) for row in told] == [(one.name, one.profit / 100) for one in found.sellers]
    by_name = rows(reader, "sellers-format=csv&sellers-sort=name")
    assert [row[0] for row in by_name] == sorted(one.name for one in found.sellers)


def test_a_seller_does_not_see_the_firms_money(stage):
    assert stage.signed_in("sells only", "seller", "S-1").get("/overview").status_code == 403


def test_before_a_deal_closes_the_floor_is_shown_and_what_to_do(bare):
    text = said(bare.signed_in("is new", "viewer").get("/overview").text)
    assert "A won deal has to bring RUB 5,000" in text
    assert "mlscore history import" in text
