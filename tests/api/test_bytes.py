"""Whatever bytes come, the answer is a problem that says what to do, never a fault of ours and never what was sent."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import FACTS
from tests.api.calling import JSON, faults_of

MARK = "zq7xw"
"""Sent inside values; it must come back nowhere."""


def a_deal_with(fragment: str) -> bytes:
    return f'{{"deal_id": "{MARK}", {fragment}}}'.encode()


NOT_JSON = {
    "truncated": b'{"deal_id": "' + MARK.encode(),
    "NaN": a_deal_with('"amount": NaN'),
    "Infinity": a_deal_with('"steam_tph": Infinity'),
    "minus Infinity": a_deal_with('"amount": -Infinity'),
    "a lone surrogate": a_deal_with('"industry": "\\ud800"'),
    "a lone surrogate as a name": a_deal_with('"\\ud800": 1'),
    "nested 100 000 deep": b'{"deal_id":' + b"[" * 100_000,
    "nested 100 000 objects deep": b'{"a":' * 100_000,
    "a number of 5 000 digits": a_deal_with('"employees": ' + "7" * 5_000),
    "latin-1": '{"deal_id": "caf\xe9"}'.encode("latin-1"),
    "utf-16": '{"deal_id": "D-1"}'.encode("utf-16"),
    "a comment": b'{"deal_id": "D-1"} // ' + MARK.encode(),
    "two documents": b'{"deal_id": "D-1"}{"deal_id": "D-2"}',
    "a trailing comma": b'{"deal_id": "D-1",}',
    "single quotes": b"{'deal_id': 'D-1'}",
    "NUL alone": b"\x00",
    "a raw control character in a text": b'{"deal_id": "a\x01b"}',
    "gzip": b"\x1f\x8b\x08\x00",
}

FAULTY = {
    "nothing": (b"", ("", "missing")),
    "null": (b"null", ("", "wrong_type")),
    "a null id": (b'{"deal_id": null}', ("/deal_id", "wrong_type")),
    "a list": (b"[]", ("", "wrong_type")),
    "a text": (b'"zq7xw"', ("", "wrong_type")),
    "no deal_id": (b"{}", ("/deal_id", "missing")),
    "an unknown field": (a_deal_with('"steam": 1'), ("/steam", "extra_forbidden")),
    "a field nobody would name so": (a_deal_with(f'"<b>{MARK}</b>": 1'), ("/…", "extra_forbidden")),
    "1e999": (a_deal_with('"amount": 1e999'), ("/amount", "not_finite")),
    "1e999 as a number": (a_deal_with('"steam_tph": 1e999'), ("/steam_tph", "not_finite")),
    "1e308 as money": (a_deal_with('"amount": 1e308'), ("/amount", "out_of_range")),
    "1e308 as a number": (a_deal_with('"employees": 1e308'), ("/employees", "out_of_range")),
    "a number of 400 digits": (a_deal_with('"employees": ' + "7" * 400), ("/employees", "wrong_type")),
    "money of 400 digits": (a_deal_with('"amount": ' + "7" * 400), ("/amount", "out_of_range")),
    "more than two decimals": (a_deal_with('"amount": 1.005'), ("/amount", "money_decimals")),
    "money beyond a trillion": (a_deal_with('"amount": 1000000000001'), ("/amount", "out_of_range")),
    "a negative amount": (a_deal_with('"amount": -1'), ("/amount", "out_of_range")),
    "a negative capacity": (a_deal_with('"steam_tph": -0.1'), ("/steam_tph", "out_of_range")),
    "a share above one": (a_deal_with('"need_coverage": 60'), ("/need_coverage", "out_of_range")),
    "a number in quotes": (a_deal_with('"steam_tph": "1.5"'), ("/steam_tph", "wrong_type")),
    "money in quotes": (a_deal_with('"amount": "1.5"'), ("/amount", "wrong_type")),
    "true for a number": (a_deal_with('"steam_tph": true'), ("/steam_tph", "wrong_type")),
    "true for money": (a_deal_with('"amount": true'), ("/amount", "wrong_type")),
    "1 for yes": (a_deal_with('"asap": 1'), ("/asap", "wrong_type")),
    "yes in quotes": (a_deal_with('"asap": "yes"'), ("/asap", "wrong_type")),
    "a number for a text": (a_deal_with('"industry": 7'), ("/industry", "wrong_type")),
    "a NUL in a text": (a_deal_with('"industry": "a\\u0000b"'), ("/industry", "bad_text")),
    "a text too long": (a_deal_with(f'"industry": "{MARK * 200}"'), ("/industry", "too_long")),
    "a stage nobody knows": (a_deal_with(f'"stage": "{MARK}"'), ("/stage", "bad_choice")),
    "a currency of four letters": (a_deal_with('"currency": "RUBL"'), ("/currency", "invalid")),
    "a moment without an offset": (a_deal_with('"as_of": "2026-03-02T10:00:00"'), ("/as_of", "naive_time")),
    "a moment in the future": (a_deal_with('"as_of": "2199-03-02T10:00:00Z"'), ("/as_of", "future_time")),
    "a moment before there were deals": (a_deal_with('"as_of": "0001-01-01T00:00:00Z"'), ("/as_of", "out_of_range")),
    "a day for a moment": (a_deal_with('"as_of": "2026-03-02"'), ("/as_of", "bad_date")),
    "a moment that is none": (a_deal_with('"as_of": "2026-02-30T10:00:00Z"'), ("/as_of", "bad_date")),
    "an offset that is none": (a_deal_with('"as_of": "2026-03-02T10:00:00+99:99"'), ("/as_of", "bad_date")),
    "epoch seconds": (a_deal_with('"as_of": 1767225600'), ("/as_of", "wrong_type")),
    "a day as people write it": (
        a_deal_with('"delivery_needed_by": "02.03.2026"'),
        ("/delivery_needed_by", "bad_date"),
    ),
    "a day that is none": (a_deal_with('"delivery_needed_by": "2026-02-30"'), ("/delivery_needed_by", "bad_date")),
    "a day out of time": (a_deal_with('"delivery_needed_by": "9999-12-31"'), ("/delivery_needed_by", "out_of_range")),
    "a list for a custom fact": (a_deal_with('"extra": {"a": []}'), ("/extra", "wrong_type")),
    "a list for custom facts": (a_deal_with('"extra": []'), ("/extra", "wrong_type")),
    "an infinite custom fact": (a_deal_with('"extra": {"a": -1e999}'), ("/extra", "out_of_range")),
    "an id with a slash": (b'{"deal_id": "a/b"}', ("/deal_id", "bad_text")),
    "an id of one dot": (b'{"deal_id": "."}', ("/deal_id", "bad_text")),
    "an id with a line break": (b'{"deal_id": "a\\nb"}', ("/deal_id", "bad_text")),
    "an id with a blank at its end": (b'{"deal_id": "a "}', ("/deal_id", "bad_text")),
    "an id turned right to left": ('{"deal_id": "a\u202eb"}'.encode(), ("/deal_id", "bad_text")),
    "an empty id": (b'{"deal_id": ""}', ("/deal_id", "too_short")),
    "an id of 129 letters": (b'{"deal_id": "' + b"a" * 129 + b'"}', ("/deal_id", "too_long")),
    "an id of 64 KB": (b'{"deal_id": "' + b"a" * 65_536 + b'"}', ("/deal_id", "too_long")),
    "a number for an id": (b'{"deal_id": 17}', ("/deal_id", "wrong_type")),
}

TAKEN = {
    "minus zero": (a_deal_with('"amount": -0'), {"profit_if_won": None}),
    "minus zero point zero": (a_deal_with('"profit_if_won": -0.0'), {"profit_if_won": 0}),
    "a byte order mark": (b"\xef\xbb\xbf" + a_deal_with('"profit_if_won": 7'), {"profit_if_won": 7}),
    "an exponent": (a_deal_with('"profit_if_won": 1.25e3'), {"profit_if_won": 1250}),
    "a trillion": (a_deal_with('"profit_if_won": 999999999999.99'), {"profit_if_won": 999999999999.99}),
    "minus a trillion": (a_deal_with('"profit_if_won": -1000000000000'), {"profit_if_won": -(10**12)}),
    "a blank text": (a_deal_with('"industry": "  ", "profit_if_won": 1'), {"profit_if_won": 1}),
    "every null": (
        a_deal_with(", ".join(f'"{name}": null' for name in FACTS)),
        {"profit_if_won": None},
    ),
    "four-byte letters": ('{"deal_id": "сделка🔥", "profit_if_won": 1}'.encode(), {"profit_if_won": 1}),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
@pytest.mark.parametrize("path", ["/v1/score", "/v1/score/batch", "/v1/outcomes"])
def test_what_is_not_json_is_refused_as_such(crm, path, body):
    response = crm.post_bytes(path, body)
    assert (response.status_code, response.json()["code"]) == (400, "not_json")
    assert MARK not in response.text


@pytest.mark.parametrize(("body", "fault"), FAULTY.values(), ids=FAULTY)
def test_a_faulty_deal_is_refused_where_it_is_wrong(crm, body, fault):
    response = crm.post_bytes("/v1/score", body)
    assert (response.status_code, faults_of(response)) == (422, [fault])
    assert MARK not in response.text


@pytest.mark.parametrize(("body", "expected"), TAKEN.values(), ids=TAKEN)
def test_what_is_odd_but_clear_is_taken(crm, body, expected):
    response = crm.post_bytes("/v1/score", body)
    assert response.status_code == 200, response.text
    economics = response.json()["rule"]["economics"]
    assert {name: economics[name] for name in expected} == expected


def test_every_fault_is_told_at_once_but_no_more_than_fifty(crm):
    two = crm.post("/v1/score", {"deal_id": "D-1", "amount": "1", "asap": 1})
    assert faults_of(two) == [("/asap", "wrong_type"), ("/amount", "wrong_type")]
    many = crm.post("/v1/score", {"deal_id": "D-1", **{f"f{n}": 1 for n in range(500)}})
    assert len(faults_of(many)) == 50


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "nonsense"]
)
def test_a_body_of_another_type_is_refused(crm, media_type):
    response = crm.post_bytes("/v1/score", b'{"deal_id": "D-1"}', {"Content-Type": media_type})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_a_charset_beside_the_type_is_fine(crm):
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert crm.post_bytes("/v1/score", b'{"deal_id": "D-1"}', headers).status_code == 200


@pytest.mark.parametrize(
    ("path", "size"), [("/v1/score", 8_000_000), ("/v1/score", 1_000_001), ("/v1/score/batch", 4_000_001)]
)
def test_a_body_too_large_is_refused(crm, path, size):
    filler = b" " * (size - 18)
    response = crm.post_bytes(path, b'{"deal_id": "D-1"}' + filler)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_body_too_large_is_refused_though_its_length_was_not_told(crm):
    response = crm.client.post("/v1/score", content=iter([b" " * 500_000] * 3), headers={**crm.key, **JSON})
    assert response.status_code == 413


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/v1/score", 405), ("DELETE", "/v1/policy", 405), ("GET", "/v1/nothing", 404), ("GET", "/nothing", 404),
    ("GET", "/v1/", 404), ("POST", "/health/live", 405), ("GET", "//v1/policy", 404),
])  # fmt: skip
def test_an_address_or_a_method_that_is_not_there_is_a_problem_too(crm, method, path, status):
    response = crm.client.request(method, path, headers=crm.key)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


def test_a_wrong_method_is_told_the_right_one(crm):
    refused = crm.client.get("/v1/score", headers=crm.key)
    assert (refused.headers["allow"], refused.json()["detail"][-9:]) == ("POST", "Use POST.")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("as_of", "2026-03-02", "This is no moment. Write the day, the time and the offset"),
        ("delivery_needed_by", "02.03.2026", "This is no day. Write it as 2026-02-28"),
        ("deal_id", "17/2", "none of / \\ ? # %"),
        ("currency", "roubles", "Three letters of ISO 4217"),
    ],
)
def test_a_form_that_is_wrong_is_told_the_right_one(crm, field, value, told):
    [fault] = crm.post("/v1/score", {"deal_id": "D-17", field: value}).json()["errors"]
    assert told in fault["detail"]


def test_a_cursor_or_an_event_id_that_is_none_is_told_what_one_is(crm):
    [cursor] = crm.get("/v1/scores?since=yesterday").json()["errors"]
    assert cursor["detail"].startswith("This is no cursor. Send `next`")
    event = {"id": "deal 17", "type": "deal.changed", "data": {"deal": {"deal_id": "D-17"}}}
    [its_id] = crm.post("/v1/events", event).json()["errors"]
    assert (its_id["pointer"], "visible ASCII" in its_id["detail"]) == ("/id", True)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300))
@pytest.mark.parametrize("path", ["/v1/score", "/v1/outcomes"])
def test_no_bytes_make_a_fault_of_ours(crm, path, body):
    assert crm.post_bytes(path, body).status_code < 500


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deal=st.dictionaries(st.sampled_from([*FACTS, "as_of", "extra"]) | st.text(max_size=8), JSON_VALUES, max_size=4))
def test_no_values_make_a_fault_of_ours(crm, deal):
    body = json.dumps({"deal_id": "D-1", **deal}).encode("utf-8", "replace")
    assert crm.post_bytes("/v1/score?dry_run=true", body).status_code in {200, 400, 422}
