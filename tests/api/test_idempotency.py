from tests.api.calling import ENGLISH, GOOD

KEY = {**ENGLISH, "Idempotency-Key": "first-try"}
DEAL = {"deal_id": "D-1", **GOOD}


def scores_kept(crm):
    response = crm.get("/v1/deals/D-1/scores")
    return len(response.json()["scores"]) if response.status_code == 200 else 0


def test_a_repeated_request_gets_the_first_answer_byte_for_byte_and_scores_once(crm):
    first, again = (crm.post("/v1/score", DEAL, KEY) for _ in range(2))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert scores_kept(crm) == 1


def test_without_a_key_every_request_is_scored(crm):
    for _ in range(2):
        crm.post("/v1/score", DEAL)
    assert scores_kept(crm) == 2


def test_another_body_path_or_query_under_the_same_key_is_refused(crm):
    crm.post("/v1/score", DEAL, KEY)
    others = [
        crm.post("/v1/score", {**DEAL, "amount": 1}, KEY),
        crm.post("/v1/score?dry_run=true", DEAL, KEY),
        crm.post("/v1/score/batch", DEAL, KEY),
    ]
    assert [(r.status_code, r.json()["code"]) for r in others] == [(422, "key_reused")] * 3


def test_a_fault_of_the_request_is_repeated_as_it_was(crm):
    first, again = (crm.post("/v1/score", {"deal_id": "D-1", "amount": "1"}, KEY) for _ in range(2))
    assert (first.status_code, again.content) == (422, first.content)
    assert again.headers["idempotent-replayed"] == "true"


def test_firms_share_no_idempotency_keys(crm, other_crm):
    ours, theirs = crm.post("/v1/score", DEAL, KEY), other_crm.post("/v1/score", DEAL, KEY)
    assert ours.json()["receipt_id"] != theirs.json()["receipt_id"]


def test_a_key_that_is_no_plain_text_is_refused(crm):
    for key in ("", "a b", "k" * 256):
        response = crm.post("/v1/score", DEAL, {"Idempotency-Key": key})
        assert (response.status_code, response.json()["code"]) == (400, "bad_header")
    assert scores_kept(crm) == 0


def test_outcomes_and_batches_are_repeated_too(crm):
    for path, body in (("/v1/outcomes", {"deal_id": "D-1", "status": "lost"}), ("/v1/score/batch", {"deals": [DEAL]})):
        headers = {**KEY, "Idempotency-Key": f"for {path}".replace(" ", "-")}
        first, again = (crm.post(path, body, headers) for _ in range(2))
        assert (first.status_code, again.content) == (200, first.content)
    assert scores_kept(crm) == 1
