"""The queue: open deals by the money they are expected to bring, down to what the team can work."""

import csv
import re

import pytest

from mlscore.ports import BriefsAsked
from mlscore.scoring.policy import default_document
from mlscore.web.pages.queue import TABS
from tests.web.visiting import a_stage, said

COLUMNS = "Deal,Seller,Answer,Grade,Next question,Probability,Expected profit,Known for,Scored"


@pytest.fixture
def narrow(tmp_path):
    """Give the pages of a team that can work five deals a month."""
    with a_stage(tmp_path, has_deals=True) as opened:
        small = default_document().replace("closed_capacity = 100", "worked_capacity = 5\nclosed_capacity = 5")
        opened.application.policies.apply(opened.firm, small, by="a test", why="Few sellers.")
        yield opened


def open_deals(stage, tab):
    actions = [one.value for one in TABS[tab]]
    asked = BriefsAsked(sellers=None, equal={"status": [""], "action": actions}, sort="expected_profit")
    stage.office.briefs.catch_up(stage.firm)
    return stage.office.briefs.read(stage.firm, asked, first=0, at_most=1000)


def rows_of(browser, query=""):
    text = browser.get(f"/queue?format=csv{query}").text.lstrip("\ufeff")
    return list(csv.reader(text.splitlines()))


def test_the_deal_that_is_expected_to_bring_most_stands_first(stage):
    reader = stage.signed_in("works the queue", "viewer")
    [heading, *rows] = rows_of(reader)
    assert ",".join(heading) == COLUMNS
    assert [row[0] for row in rows] == [one.deal_id for one in open_deals(stage, "work")]
    money = [float(row[6]) for row in rows if row[6]]
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
    worth = round(sum(one.expected_profit or 0 for one in deals[:able]) / 100)
    assert f"The first {able} are expected to bring RUB {worth:,}" in said(page).replace(".00", "")
    assert 'class="line"' not in narrow.signed_in("sorts", "viewer").get("/queue?sort=probability").text


def test_the_next_question_is_asked_in_words(stage):
    asked = next(one for one in open_deals(stage, "ask") if one.next_fact)
    shown = said(stage.signed_in("asks", "viewer").get(f"/queue?tab=ask&q={asked.deal_id}").text)
    words = stage.signed_in("reads", "viewer").get(f"/deals/{asked.deal_id}").text
    [question] = re.findall(r'class="question">([^<]+)<', words)
    assert question in shown


def test_a_score_by_an_earlier_policy_says_so(narrow):
    assert "by an earlier policy" in said(narrow.signed_in("is careful", "viewer").get("/queue").text)


def test_a_score_of_today_does_not(stage):
    assert "by an earlier" not in said(stage.signed_in("is at ease", "viewer").get("/queue").text)


def test_a_seller_has_a_queue_of_his_own(stage):
    rows = rows_of(stage.signed_in("sells for one", "seller", "S-1"))
    assert {row[1] for row in rows[1:]} == {"S-1"}
    assert len(rows) - 1 == sum(one.seller_id == "S-1" for one in open_deals(stage, "work"))


def test_without_open_deals_it_says_what_to_do(bare):
    shown = said(bare.signed_in("is new", "viewer").get("/queue").text)
    assert "No open deals" in shown
    assert "mlscore keys create crm" in shown
