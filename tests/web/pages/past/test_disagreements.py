"""Disagreements: largest money first, a side taken stays beside both answers."""

import csv

import pytest

from mlscore.ports import BriefsAsked
from mlscore.service.looking_back.disagreeing import PARTED, board_of
from mlscore.web.pages.past.disagreements import tab_of
from tests.web.visiting import said

PATH = "/disagreements"


def rows(browser, query=""):
    return list(csv.reader(browser.get(f"{PATH}?format=csv{query}").text.lstrip("\ufeff").splitlines()))[1:]


def open_parted(stage):
    stage.office.briefs.catch_up(stage.firm)
    asked = BriefsAsked(sellers=None, equal={"status": [""], "agreement": PARTED})
    return stage.office.briefs.read(stage.firm, asked, first=0, at_most=1000)


def test_the_open_deal_with_the_largest_money_at_stake_stands_first(stage):
    cost = stage.application.policies.current(stage.firm).policy.economics.cost_per_worked_deal
    expected = sorted((abs(one.expected_profit - cost) / 100 for one in open_parted(stage)), reverse=True)
    stakes = [float(row[5]) for row in rows(stage.signed_in("goes by money", "viewer"))]
    assert stakes == pytest.approx(expected, abs=0.01)
    assert len(stakes) > 5


def test_the_board_says_who_was_right_on_closed_deals_and_each_leads_to_its_deals(stage):
    past = stage.office.looking_back.past(stage.firm)
    rules, model = board_of(past, {}).every
    reader = stage.signed_in("keeps score", "viewer")
    text = said(reader.get(PATH).text)
    assert f"They parted on {rules.deals} closed deals: the rules were right {rules.right} times" in text
    assert f"Following the model would have brought RUB {(model.money - rules.money) / 100:,.0f} more" in text
    assert len(rows(reader, "&tab=closed")) == rules.deals
    assert len(rows(reader, "&tab=closed&right=rules")) == rules.right
    assert len(rows(reader, "&tab=closed&right=model")) == model.right


@pytest.mark.parametrize(
    ("asked", "opened", "closed", "shown"),
    [
        ("", 3, 94, "open"),
        ("", 0, 94, "closed"),
        ("", 0, 0, "open"),
        ("open", 0, 94, "open"),
        ("closed", 3, 0, "closed"),
    ],
)
def test_who_asks_for_no_tab_is_shown_the_first_that_has_deals(asked, opened, closed, shown):
    assert tab_of(asked, {"open": opened, "closed": closed}) == shown


def test_a_manager_takes_a_side_which_stands_on_the_deal_and_in_the_list(stage):
    deal_id = open_parted(stage)[0].deal_id
    before = stage.office.receipts.of_deal(stage.firm, deal_id)
    manager = stage.signed_in("Пётр decides", "manager")
    sent = manager.send(f"/deals/{deal_id}/side", side="rules", why="They never pay.", known="0")
    assert (sent.status_code, sent.headers["location"]) == (303, f"/deals/{deal_id}#side")
    assert "Пётр decides: the rules are right. They never pay." in said(manager.get(f"/deals/{deal_id}").text)
    [row] = [one for one in rows(manager) if one[0] == deal_id]
    assert row[6] == "rules"
    assert stage.office.receipts.of_deal(stage.firm, deal_id) == before


def test_a_side_without_a_reason_or_after_anothers_is_told_on_the_deal(stage):
    deal_id = open_parted(stage)[1].deal_id
    manager = stage.signed_in("decides twice", "manager")
    without = manager.send(f"/deals/{deal_id}/side", side="model", why=" ", known="0")
    assert (without.status_code, "Give a reason" in said(without.text)) == (422, True)
    manager.send(f"/deals/{deal_id}/side", side="model", why="Sure.", known="0")
    late = manager.send(f"/deals/{deal_id}/side", side="rules", why="Surer.", known="0")
    assert (late.status_code, "Somebody else took a side meanwhile" in said(late.text)) == (422, True)
    assert manager.send("/deals/D-999/side", side="rules", why="x", known="0").status_code == 404


def test_a_closed_deal_and_a_viewer_have_no_form(stage):
    deal_id = open_parted(stage)[0].deal_id
    assert 'name="side"' in stage.signed_in("may judge", "manager").get(f"/deals/{deal_id}").text
    viewer = stage.signed_in("may look", "viewer")
    assert 'name="side"' not in viewer.get(f"/deals/{deal_id}").text
    past = stage.office.looking_back.past(stage.firm)
    closed = past.deal_ids[board_of(past, {}).rows[0]]
    assert 'name="side"' not in stage.signed_in("is late", "manager").get(f"/deals/{closed}").text


def test_where_nobody_parted_it_says_so(bare):
    assert "No disagreements" in said(bare.signed_in("is new", "viewer").get(PATH).text)
