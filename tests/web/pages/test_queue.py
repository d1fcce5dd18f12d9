"""The queue: open deals by the money they are expected to bring, down to what the team can work."""

import csv
import re
from dataclasses import replace
from html import unescape

import pytest

from mlscore.ports import BriefsAsked
from mlscore.scoring.policy import default_document
from mlscore.web.pages.queue import TABS
from tests.fakes import FixedChampions
from tests.web.firm import with_deals
from tests.web.visiting import a_stage, said

COLUMNS = [
    *("Deal", "Company", "Seller", "Answer", "The rules' answer", "Grade", "Next question"),
    *("Probability", "Probability, from", "Probability, to", "Expected profit", "Within the month"),
    *("Known for", "Score age", "Score made"),
]

NAMES = {"accept": "Accept", "ask": "Ask", "refuse": "Refuse", "review": "To a manager", "nurture": "Nurture"}


@pytest.fixture
def narrow(tmp_path):
    """Give the pages of a team that can work five deals a month."""
    with a_stage(tmp_path, has_deals=True) as opened:
        small = default_document().replace("closed_capacity = 100", "worked_capacity = 5\nclosed_capacity = 5")
        opened.application.policies.apply(opened.firm, small, by="a test", why="Few sellers.")
        yield opened


@pytest.fixture
def both(tmp_path):
    """Give the pages of a firm whose rules and model decide together."""
    with a_stage(tmp_path, has_deals=False) as opened:
        together = default_document().replace('decide_by = "rule"', 'decide_by = "both"')
        opened.application.policies.apply(opened.firm, together, by="a test", why="Two know more.")
        with_deals(opened.application)
        yield opened


@pytest.fixture
def unpriced(tmp_path):
    """Give the pages of a firm that has no model yet."""
    with a_stage(tmp_path, has_deals=False) as opened:
        scoring = replace(opened.application.scoring, champions=FixedChampions(None))
        with_deals(replace(opened.application, scoring=scoring))
        yield opened


def open_deals(stage, tab):
    actions = [one.value for one in TABS[tab]]
    asked = BriefsAsked(sellers=None, equal={"status": [""], "action": actions}, sort="expected_profit")
    stage.office.briefs.catch_up(stage.firm)
    return stage.office.briefs.read(stage.firm, asked, first=0, at_most=1000)


def rows_of(browser, query=""):
    text = browser.get(f"/queue?format=csv{query}").text.lstrip("\ufeff")
    return list(csv.reader(text.splitlines()))


def of(name, rows):
    return [row[COLUMNS.index(name)] for row in rows]


def rouble(minor):
    return f"RUB {round(minor / 100):,}"


def test_the_deal_that_is_expected_to_bring_most_stands_first(stage):
    reader = stage.signed_in("works the queue", "viewer")
    [heading, *rows] = rows_of(reader)
    assert heading == COLUMNS
    assert [row[0] for row in rows] == [one.deal_id for one in open_deals(stage, "work")]
    money = [float(one) for one in of("Expected profit", rows) if one]
    assert money == sorted(money, reverse=True)
    assert len(rows) > 5


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_says_how_many_wait_in_it(stage, tab):
    reader = stage.signed_in(f"opens {tab}", "viewer")
    shown = said(reader.get(f"/queue?tab={tab}").text)
    names = {"work": "To work", "ask": "Waiting on an answer", "review": "For review", "nurture": "To nurture"}
    assert f"{names[tab]} {len(open_deals(stage, tab))}" in shown
    assert len(rows_of(reader, f"&tab={tab}")) - 1 == len(open_deals(stage, tab))


def test_a_line_is_drawn_below_what_the_team_can_work(narrow):
    able = narrow.application.policies.current(narrow.firm).policy.economics.deals_worked
    deals = open_deals(narrow, "work")
    assert len(deals) > able
    page = narrow.signed_in("sees the line", "viewer").get("/queue").text
    above, below = page.split('class="line"')
    assert (above.count("/deals/D-"), below.count("/deals/D-")) == (able, len(deals) - able)
    worth, left = (sum(one.expected_profit or 0 for one in some) for some in (deals[:able], deals[able:]))
    told = f"The first {able} are expected to bring {rouble(worth)}; the {len(deals) - able} below the line, "
    assert f"{told}{rouble(left)} more." in said(page).replace(".00", "")
    assert 'class="line"' not in narrow.signed_in("sorts", "viewer").get("/queue?sort=probability").text


def of_the_team(stage, seller):
    """Return a seller's deals above the team's line and below it."""
    able = stage.application.policies.current(stage.firm).policy.economics.deals_worked
    deals = open_deals(stage, "work")
    return [[one for one in some if one.seller_id == seller] for some in (deals[:able], deals[able:])]


@pytest.mark.parametrize("role", ["viewer", "seller"])
def test_of_one_sellers_deals_the_line_is_the_teams(narrow, role):
    above, below = of_the_team(narrow, "S-2")
    assert len(above) > 0
    assert len(below) > 0
    reader = narrow.signed_in("looks at one", role, *(["S-2"] if role == "seller" else []))
    page = reader.get("/queue?seller_id=S-2").text
    over, under = page.split('class="line"')
    assert (over.count("/deals/D-"), under.count("/deals/D-")) == (len(above), len(below))
    worth, left = (sum(one.expected_profit or 0 for one in some) for some in (above, below))
    told = f"{len(above)} of them are here, expected to bring {rouble(worth)}; the {len(below)} below the line, "
    assert f"{told}{rouble(left)} more." in said(page).replace(".00", "")
    rows = rows_of(reader, "&seller_id=S-2")[1:]
    assert of("Within the month", rows) == ["yes"] * len(above) + ["no"] * len(below)


def test_tabs_count_and_lead_to_the_deals_a_filter_picks(stage):
    reader = stage.signed_in("filters", "viewer")
    page = reader.get("/queue?seller_id=S-1").text
    asked = [one for one in open_deals(stage, "ask") if one.seller_id == "S-1"]
    assert f"Waiting on an answer {len(asked)}" in said(page)
    [href] = re.findall(r'href="([^"]*tab=ask[^"]*)"', page)
    [_, *rows] = rows_of(reader, "&" + unescape(href).partition("?")[2])
    assert sorted(of("Deal", rows)) == sorted(one.deal_id for one in asked)


def test_clearing_the_filters_stays_in_the_tab(stage):
    page = stage.signed_in("clears", "viewer").get("/queue?tab=ask&seller_id=S-1").text
    assert '<a class="button quiet" href="?tab=ask">' in page


def test_what_was_refused_is_counted_by_links_to_just_those_deals(stage):
    reader = stage.signed_in("asks what was refused", "viewer")
    links = re.findall(r'href="(/deals\?[^"]*action=[^"]*)">(\d+)<', reader.get("/queue?seller_id=S-1").text)
    assert links
    for href, count in links:
        assert f"of {count} " in f"{said(reader.get(unescape(href)).text)} "


def test_before_there_is_a_model_deals_stand_by_their_profit_if_won(unpriced):
    reader = unpriced.signed_in("has no model", "viewer")
    shown = said(reader.get("/queue").text)
    assert "No model has priced these deals yet: they stand by their profit if won." in shown
    assert "expected to bring RUB" not in shown
    profits = [one.profit_if_won for one in open_deals(unpriced, "work")]
    assert profits == sorted(profits, reverse=True)
    assert f"if won {rouble(profits[0])}" in shown.replace(".00", "")


def test_what_rules_alone_would_have_said_stands_beside_an_answer_that_is_not_theirs(both):
    parted = next(one for one in open_deals(both, "review") if one.action != one.verdict)
    reader = both.signed_in("compares", "viewer")
    assert f"rules: {NAMES[parted.verdict]}" in said(reader.get(f"/queue?tab=review&q={parted.deal_id}").text)


def test_the_next_question_is_asked_in_words(stage):
    asked = next(one for one in open_deals(stage, "ask") if one.next_fact)
    shown = said(stage.signed_in("asks", "viewer").get(f"/queue?tab=ask&q={asked.deal_id}").text)
    words = stage.signed_in("reads", "viewer").get(f"/deals/{asked.deal_id}").text
    [question] = re.findall(r'class="question">([^<]+)<', words)
    assert question in shown
    [_, row] = rows_of(stage.signed_in("files", "viewer"), f"&tab=ask&q={asked.deal_id}")[:2]
    assert row[COLUMNS.index("Next question")] == unescape(question)


def test_a_score_by_an_earlier_policy_says_so(narrow):
    assert "by an earlier policy" in said(narrow.signed_in("is careful", "viewer").get("/queue").text)


def test_a_score_of_today_does_not(stage):
    assert "by an earlier" not in said(stage.signed_in("is at ease", "viewer").get("/queue").text)


def test_a_seller_has_a_queue_of_his_own(stage):
    rows = rows_of(stage.signed_in("sells for one", "seller", "S-1"))
    assert {*of("Seller", rows[1:])} == {"S-1"}
    assert len(rows) - 1 == sum(one.seller_id == "S-1" for one in open_deals(stage, "work"))


def test_without_open_deals_it_says_what_to_do(bare):
    shown = said(bare.signed_in("is new", "viewer").get("/queue").text)
    assert "No open deals" in shown
    assert "mlscore keys create crm" in shown
    own = said(bare.signed_in("is a new seller", "seller", "S-1").get("/queue").text)
    assert "No open deals" in own
    assert "mlscore keys create crm" not in own
