"""Another policy is tried in the document itself, whose other words stay as they were."""

from dataclasses import replace
from decimal import Decimal

import pytest

from mlscore.scoring.deal import Deals
from mlscore.scoring.policy import default_document, default_policy, read_policy_text
from mlscore.service.looking_back.trying import Asked, differences, try_on, with_changes, with_texts
from tests.builders import a_good_deal
from tests.service.looking_back.builders import a_past

TARGETS = frozenset(one.code for one in default_policy().industries if one.target)
TODAY = Asked(
    economics={"overhead_month": Decimal(500_000), "closed_capacity": Decimal(100), "floor": None, "min_amount": None},
    mode="ladder",
    urgent_days=Decimal(30),
    nontarget="review",
    criteria={"steam": Decimal(3), "turnover": Decimal(1_000_000_000)},
    industries=TARGETS,
)


def changed(**asked):
    return with_changes(default_document(), replace(TODAY, **asked))


def test_asking_for_todays_terms_leaves_every_letter_as_it_was():
    assert changed() == default_document()


@pytest.mark.parametrize(
    ("asked", "key", "was", "is_now"),
    [
        ({"mode": "count"}, "grading.mode", "ladder", "count"),
        ({"urgent_days": Decimal(45)}, "grading.urgent_days", 30, 45),
        ({"nontarget": "reject"}, "nontarget_client_request", "review", "reject"),
        ({"criteria": {"steam": Decimal("2.5")}}, "criteria.steam.value", 3, 2.5),
        ({"industries": TARGETS - {"dairy"}}, "industries.dairy.target", True, False),
        ({"economics": {"floor": Decimal(7_000)}}, "economics.floor", None, 7_000),
    ],
)
def test_one_term_changes_and_its_comment_stays(asked, key, was, is_now):
    document = changed(**asked)
    assert differences(default_document(), document) == [(key, was, is_now)]
    assert document.count("#") == default_document().count("#")
    read_policy_text(document)


def test_a_term_left_out_is_taken_out():
    pinned = changed(economics={"floor": Decimal(7_000)})
    assert with_changes(pinned, replace(TODAY, economics={"floor": None})).count(
        "floor = "
    ) == default_document().count("floor = ")
    assert differences(pinned, with_changes(pinned, TODAY)) == [("economics.floor", 7_000, None)]


def test_a_criterion_is_said_in_other_words_unless_none_are_given():
    document = with_texts(default_document(), {("steam", "text_en"): "above 2.5 t/h", ("steam", "text_ru"): "  "})
    assert differences(default_document(), document) == [
        ("criteria.steam.text_en", "steam capacity above 3 t/h", "above 2.5 t/h")
    ]


def test_closed_deals_are_priced_and_open_ones_counted():
    deals = [a_good_deal(deal_id=f"D-{n}", steam_tph=2.7) for n in range(2)]
    after = read_policy_text(changed(criteria={"steam": Decimal("2.5")}))
    tried = try_on(a_past([9_000, 0], deals=deals), Deals([a_good_deal(steam_tph=2.7), a_good_deal()]), after)
    assert (tried.closed.fire.before, tried.closed.fire.after, tried.closed.fire.gained.won) == (0, 2, 1)
    assert (tried.open.deals, tried.open.fire.gained.deals, tried.open.fire.gained.closed) == (2, 1, 0)
