"""The policy in words, tried on the past, and saved as a new version."""

from urllib.parse import urlencode

import pytest

from mlscore.bootstrap import read_pinned_policy
from mlscore.scoring.policy import default_document
from tests.service.looking_back.test_trying import TARGETS
from tests.web.visiting import a_stage, said

FIELDS = {
    "criterion-steam": "3",
    "criterion-turnover": "1000000000",
    "overhead_month": "500000",
    "closed_capacity": "100",
    "floor": "",
    "min_amount": "",
    "urgent_days": "30",
    "mode": "ladder",
    "nontarget": "review",
}


def tried(**changed):
    return urlencode([*{**FIELDS, **changed}.items(), *(("industry", one) for one in sorted(TARGETS))])


@pytest.fixture
def own(tmp_path):
    """Give pages whose policy a test may change."""
    with a_stage(tmp_path, has_deals=True) as opened:
        yield opened


def test_todays_terms_are_said_in_words(stage):
    text = said(stage.signed_in("reads terms", "viewer").get("/policy").text)
    assert "steam capacity above 3 t/h" in text
    assert "at least RUB 5,000: overhead of RUB 500,000 over 100 deals a month" in text
    assert "An attempt costs RUB 2,500" in text


def test_todays_terms_tried_change_nothing(stage):
    assert "nothing would change" in said(stage.signed_in("tries today", "viewer").get(f"/policy?{tried()}").text)


def test_a_higher_floor_is_tried_on_every_closed_deal(stage):
    past = stage.office.looking_back.past(stage.firm)
    text = said(stage.signed_in("tries a floor", "viewer").get(f"/policy?{tried(floor='9 000,00 ₽')}").text)
    before = sum(one is True for one in past.by_rule)
    fewer = [row for row, one in enumerate(past.by_rule) if one is True and past.judged.economy.profit[row] < 900_000]
    assert f"and {before - len(fewer)} would be worked (today {before})" in text
    profit = sum(past.profit[row] for row in fewer)
    assert f"would not be worked any more {len(fewer)}" in text
    assert f"RUB {round(profit / 100):,}" in text
    assert "economics.floor — 9000" in text


def test_a_number_that_is_none_and_a_term_that_will_not_do_are_told(stage):
    reader = stage.signed_in("types wrongly", "viewer")
    assert "“three” is no number" in said(reader.get(f"/policy?{tried(**{'criterion-steam': 'three'})}").text)
    assert "closed_capacity" in said(reader.get(f"/policy?{tried(closed_capacity='0')}").text)


def test_what_was_tried_is_saved_as_a_version_with_a_reason_and_new_words(own):
    manager = own.signed_in("changes terms", "manager")
    sent = manager.send(
        "/policy",
        tried=tried(**{"criterion-steam": "2,5"}),
        why="Smaller boilers pay.",
        **{"text_en-steam": "steam above 2.5 t/h", "text_ru-steam": "пар больше 2,5 т/ч"},
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/policy?saved=2")
    page = said(manager.get("/policy?saved=2").text)
    assert "Version 2 is in force." in page
    assert "steam above 2.5 t/h" in page
    newest = own.application.policies.current(own.firm)
    assert (newest.applied_by, newest.why) == ("changes terms", "Smaller boilers pay.")
    assert "criteria.steam.value 3 2.5" in said(manager.get("/policy?compare=2").text)
    assert "policy changed" in said(own.signed_in("checks", "admin").get("/audit").text)


def test_without_a_reason_or_with_a_faulty_term_nothing_is_saved(own):
    manager = own.signed_in("forgets", "manager")
    assert "Give a reason" in said(manager.send("/policy", tried=tried(floor="7000"), why=" ").text)
    assert manager.send("/policy", tried=tried(closed_capacity="0"), why="x").status_code == 422
    assert own.application.policies.current(own.firm).version == 1


def test_a_viewer_is_offered_no_form_to_save(stage):
    address = f"/policy?{tried(floor='7000')}"
    assert "Save as a new version" in stage.signed_in("may save", "manager").get(address).text
    assert "Save as a new version" not in stage.signed_in("may try", "viewer").get(address).text


def test_where_a_file_pins_the_policy_it_is_read_only(own, tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(default_document(), encoding="utf-8")
    policies = own.application.policies
    policies._pinned = read_pinned_policy(file, at=own.application.clock())  # noqa: SLF001 - as a start with the setting does
    manager = own.signed_in("is pinned", "manager")
    page = manager.get(f"/policy?{tried(floor='7000')}").text
    assert "A file pins the policy" in said(page)
    assert "Save as a new version" not in page
    assert manager.send("/policy", tried=tried(floor="7000"), why="x").status_code == 422
