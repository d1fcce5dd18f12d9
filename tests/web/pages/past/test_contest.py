"""The page of rules against the model says what the service worked out."""

import csv
import re

from mlscore.service.looking_back.contest import contest_of, gap_of
from tests.web.visiting import said

PATH = "/rules-and-model"


def contest_on(stage):
    past = stage.office.looking_back.past(stage.firm)
    return past, contest_of(past)


def test_it_says_who_is_right_on_which_deals(stage):
    past, contest = contest_on(stage)
    text = said(stage.signed_in("compares", "viewer").get(PATH).text)
    assert f"over the best {contest.worked} of {len(contest.rows)} deals" in text
    assert f"This stands on {len(contest.rows)} closed deals: {contest.live} the model scored live" in text
    gap = gap_of(past, contest.rows, share=contest.worked / len(contest.rows))
    assert gap.leader is None
    assert "Nobody is ahead beyond chance" in text


def test_money_follows_how_many_deals_are_worked(stage):
    _, contest = contest_on(stage)
    reader = stage.signed_in("moves k", "viewer")
    for k in (1, 7, len(contest.rows)):
        text = said(reader.get(f"{PATH}?k={k}").text)
        for name, word in (("rules", "rules"), ("model", "model"), ("oracle", "who knew all"), ("random", "by chance")):
            assert f"{word} RUB {round(contest.curves[name][k] / 100):,}" in text


def test_what_is_asked_beyond_sense_is_answered_with_sense(stage):
    reader = stage.signed_in("asks oddly", "viewer")
    for odd in ("k=0", "k=99999999999", "k=-3", "k=x", "by=nothing", "answers=none"):
        assert reader.get(f"{PATH}?{odd}").status_code == 200


def test_every_cell_leads_to_its_deals(stage):
    _, contest = contest_on(stage)
    reader = stage.signed_in("follows links", "viewer")
    page = reader.get(PATH).text
    for name, cell in contest.comparison.swap.items():
        [address] = re.findall(rf'href="(\?[^"]*agreement={name})#deals"', page) or [None]
        if address is None:
            assert (name, cell.deals) == ("undecided", 0)
            continue
        shown = said(reader.get(PATH + address.replace("&amp;", "&")).text)
        assert (f"of {cell.deals} " in shown) is (cell.deals > 0), name


def test_the_deals_behind_it_are_a_file_too(stage):
    _, contest = contest_on(stage)
    lines = stage.signed_in("takes the file", "viewer").get(f"{PATH}?format=csv&sort=-profit").text.splitlines()
    assert len(lines) == len(contest.rows) + 1
    profits = [float(cells[6]) for cells in csv.reader(lines[1:])]
    assert profits == sorted(profits, reverse=True)


def test_a_seller_does_not_see_what_others_earned(stage):
    assert stage.signed_in("only sells", "seller", "S-1").get(PATH).status_code == 403


def test_with_nothing_to_compare_it_says_what_to_do(bare):
    text = said(bare.signed_in("is new", "viewer").get(PATH).text)
    assert "Nothing to compare yet" in text
    assert "python -m training retrain" in text
