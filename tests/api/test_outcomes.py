import pytest

from tests.api.calling import faults_of

WON = {"deal_id": "D-1", "status": "won", "closed_at": "2026-04-11T16:00:00+03:00", "realised_profit": 9_400.5}


def test_an_outcome_is_recorded_and_said_back(crm):
    said = crm.post("/v1/outcomes", WON).json()
    assert said | {"recorded_at": ""} == {
        "deal_id": "D-1",
        "status": "won",
        "closed_at": "2026-04-11T13:00:00Z",
        "realised_profit": 9400.5,
        "version": 1,
        "recorded_at": "",
        "scored": False,
    }


def test_an_outcome_that_changes_is_a_further_version_and_a_repeated_one_is_none(crm):
    reports = [WON, WON, {**WON, "realised_profit": -120}, {"deal_id": "D-1", "status": "lost"}]
    assert [crm.post("/v1/outcomes", report).json()["version"] for report in reports] == [1, 1, 2, 3]


@pytest.mark.parametrize("wrap", [list, lambda outcomes: {"outcomes": outcomes}], ids=["a list", "by name"])
def test_many_outcomes_are_recorded_each_in_its_place(crm, wrap):
    lost = {"deal_id": "D-2", "status": "lost"}
    faulty = {"deal_id": "D-3", "status": "stolen"}
    ahead = {"deal_id": "D-4", "status": "lost", "closed_at": "2199-01-01T00:00:00Z"}
    first, second, third, fourth = crm.post("/v1/outcomes", wrap([WON, faulty, lost, ahead])).json()["results"]
    assert (first["outcome"]["deal_id"], third["outcome"]["deal_id"]) == ("D-1", "D-2")
    assert [(f["pointer"], f["code"]) for f in second["problem"]["errors"]] == [("/status", "bad_choice")]
    assert [(f["pointer"], f["code"]) for f in fourth["problem"]["errors"]] == [("/closed_at", "future_time")]


@pytest.mark.parametrize(
    ("body", "where"), [([WON, WON], "/1/deal_id"), ({"outcomes": [WON, WON]}, "/outcomes/1/deal_id")]
)
def test_a_deal_twice_among_outcomes_is_refused_for_nobody_could_tell_which_is_later(crm, body, where):
    response = crm.post("/v1/outcomes", body)
    assert (response.status_code, faults_of(response)) == (422, [(where, "duplicate_deal_id")])


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"deal_id": "D-1"}, ("/status", "missing")),
        ({**WON, "closed_at": "2026-04-11T16:00:00"}, ("/closed_at", "naive_time")),
        ({**WON, "closed_at": "2199-04-11T16:00:00Z"}, ("/closed_at", "future_time")),
        ({**WON, "realised_profit": 0.001}, ("/realised_profit", "money_decimals")),
        ({**WON, "margin": 3}, ("/margin", "extra_forbidden")),
        ({"outcomes": {}}, ("/outcomes", "wrong_type")),
        ({"outcomes": [], **WON}, ("/deal_id", "extra_forbidden")),
        ("won", ("", "wrong_type")),
        (17, ("", "wrong_type")),
    ],
)
def test_a_faulty_outcome_is_refused_where_it_is_wrong(crm, body, fault):
    response = crm.post("/v1/outcomes", body)
    assert response.status_code == 422
    assert fault in faults_of(response)


def test_outcomes_reach_the_history_of_the_companys_next_deal(crm):
    old = {"deal_id": "D-0", "company_id": "C-1", "as_of": "2020-01-01T00:00:00Z"}
    crm.score(**old)
    for n in range(1, 4):
        crm.score(deal_id=f"D-{n}", company_id="C-1", as_of="2026-01-10T00:00:00Z")
        outcome = {"closed_at": "2026-02-01T00:00:00Z", "realised_profit": 12_000}
        crm.post("/v1/outcomes", {"deal_id": f"D-{n}", "status": "won", **outcome})
    [*_, newest] = [crm.score(deal_id="D-9", company_id="C-1")]
    kept = crm.application.scoring.find(crm.firm, newest["receipt_id"]).deal
    assert (kept.won_deals_24m, kept.median_profit_24m, kept.small_exceptions_6m) == (3, 1_200_000, 0)


def test_an_outcome_says_whether_its_deal_was_ever_scored(crm, other_crm):
    crm.score()
    assert crm.post("/v1/outcomes", WON).json()["scored"] is True
    results = crm.post("/v1/outcomes", [WON, {"deal_id": "D-2", "status": "lost"}]).json()["results"]
    assert [result["outcome"]["scored"] for result in results] == [True, False]
    assert other_crm.post("/v1/outcomes", WON).json()["scored"] is False


def test_a_lost_deal_with_a_profit_is_refused(crm):
    response = crm.post("/v1/outcomes", {"deal_id": "D-1", "status": "lost", "realised_profit": 100})
    assert (response.status_code, faults_of(response)) == (422, [("/realised_profit", "lost_with_profit")])


def test_a_deal_that_is_open_again_is_told_as_such_without_an_end(crm):
    crm.score()
    crm.post("/v1/outcomes", WON)
    answer = crm.post("/v1/outcomes", {"deal_id": WON["deal_id"], "status": "reopened"}).json()
    assert (answer["version"], answer["status"], answer["closed_at"]) == (2, "reopened", None)
    refused = crm.post("/v1/outcomes", {**WON, "status": "reopened"})
    assert (refused.status_code, faults_of(refused)[0]) == (422, ("/closed_at", "reopened_with_end"))


def test_a_deal_closed_before_it_was_first_scored_is_recorded(crm):
    crm.score(as_of="2026-03-01T00:00:00Z")
    early = {**WON, "closed_at": "2026-02-01T00:00:00Z"}
    assert crm.post("/v1/outcomes", early).json()["closed_at"] == "2026-02-01T00:00:00Z"
