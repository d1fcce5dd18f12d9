"""The target list says what was derived, and leads to the deals and to the time machine."""

import csv

from mlscore.service.looking_back.targets import targets_of
from tests.web.visiting import said


def rows(browser, query):
    return list(csv.reader(browser.get(f"/targets?{query}").text.lstrip("\ufeff").splitlines()))[1:]


def test_every_industry_has_its_money_and_its_deals(stage):
    found = targets_of(stage.office.looking_back.past(stage.firm))
    reader = stage.signed_in("derives", "viewer")
    told = {row[0]: row for row in rows(reader, "industries-format=csv")}
    for one in found.industries:
        assert float(told[one.code or ""][4]) == one.net / 100
        if one.code and one.deals:
            assert len(rows(reader, f"format=csv&industry={one.code}")) == one.deals


def test_what_is_advised_is_said_first(stage):
    found = targets_of(stage.office.looking_back.past(stage.firm))
    text = said(stage.signed_in("reads advice", "viewer").get("/targets").text)
    changes = [one for one in found.industries if one.advice in {"add", "drop"}]
    assert ("leaving the list as it is" in text) is (not changes)


def test_a_limit_is_shown_beside_todays(stage):
    text = said(stage.signed_in("reads limits", "viewer").get("/targets").text)
    assert "Steam capacity, t/h known of 20 deals 3 —" in text


def test_before_a_deal_closes_it_says_what_to_do(bare):
    assert "mlscore history import" in said(bare.signed_in("is new", "viewer").get("/targets").text)
