"""A problem says what to do: what is needed, what came by its kind, and where; never what was sent."""

import pytest

from mlscore.scoring.policy import default_document
from mlscore.texts import catalogue
from tests.api.calling import AAA, ENGLISH, JSON, RUSSIAN

MARK = "zq7xw"


def detail_of(crm, path, body, headers=ENGLISH):
    response = crm.post_bytes(path, body, {**JSON, **headers})
    said = response.json()
    assert MARK not in response.text
    return said["errors"][0]["detail"] if "errors" in said else said["detail"]


@pytest.mark.parametrize(
    ("body", "english", "russian"),
    [
        (b'{"deal_id": "D-1",}', "a comma too many before line 1, column 19", "лишняя запятая"),
        (b'{"deal_id": "D-1",\n"amount": NaN}', "(line 2, column 11): send null", "присылайте null"),
        (b'{"amount": -Infinity}', "NaN and Infinity are not JSON", "NaN и Infinity не JSON"),
        (b'{"deal_id": "zq7xw', "ends too early, at line 1, column 18", "обрывается в строке 1"),
        (b"{'deal_id': 'zq7xw'}", "see line 1, column 2", "ошибка в строке 1, столбце 2"),
        ('{"deal_id": "сделка"}'.encode("cp1251"), "must be UTF-8", "должно быть в UTF-8"),
        (b'{"deal_id": "zq7xw", "amount": 1, "amount": 2}', "“amount” comes twice", "«amount»"),
        (b'{"deal_id": "D-1", "extra": {"zq7xw": 1, "zq7xw": 2}}', "The same key comes twice", "Один и тот же ключ"),
    ],
)
def test_what_is_no_json_is_told_where_and_why(crm, body, english, russian):
    assert english in detail_of(crm, "/v1/score", body)
    assert russian in detail_of(crm, "/v1/score", body, RUSSIAN)


@pytest.mark.parametrize(
    ("path", "body", "meant"),
    [
        ("/v1/score", {"deal_id": "D-1", "ammount": 5}, "amount"),
        ("/v1/score?dryrun=true", {"deal_id": "D-1"}, "dry_run"),
        ("/v1/score/batch", {"deal": []}, "deals"),
        ("/v1/score/batch", {"deals": [{"deal_id": "D-1", "steamTph": 5}]}, "steam_tph"),
        ("/v1/outcomes", {"deal_id": "D-1", "status": "won", "realized_profit": 5}, "realised_profit"),
        ("/v1/outcomes", [{"deal_id": "D-1", "status": "won", "closedAt": None}], "closed_at"),
        ("/v1/events", {"id": "e", "type": "deal.changed", "data": {"deal": {"deal_id": "D", "asap_": 1}}}, "asap"),
    ],
)
def test_a_name_like_one_of_ours_is_answered_with_ours_at_every_door(crm, path, body, meant):
    said = {words: crm.post(path, body, headers={"Accept-Language": words}).text for words in ("en", "ru")}
    assert f"Did you mean {meant}?" in said["en"]
    assert f"Возможно, имелось в виду {meant}?" in said["ru"]


def test_a_name_like_none_of_ours_stays_out_of_every_sentence(crm):
    [fault] = crm.post("/v1/score", {"deal_id": "D-1", "zq7xw": 5}).json()["errors"]
    assert fault["detail"] == "There is no such field. Remove it or check its spelling."


def test_a_key_twice_is_a_problem_of_its_own(crm):
    response = crm.post_bytes("/v1/score", b'{"deal_id": "D-1", "deal_id": "D-2"}')
    assert (response.status_code, response.json()["code"]) == (400, "repeated_key")


@pytest.mark.parametrize(
    ("fact", "english", "russian"),
    [
        ('"amount": "zq7xw"', "A number is needed, without quotes", "Нужно число без кавычек"),
        ('"amount": "zq7xw"', "What came: text.", "Пришло: текст."),
        ('"steam_tph": true', "A number is needed", "Пришло: true или false."),
        ('"deal_id": 17', 'A text is needed, in quotes, such as "17". What came: number.', "Нужен текст в кавычках"),
        ('"asap": "yes"', "true, false or null is needed", "Нужно true, false или null"),
        ('"delivery_needed_by": 5', 'A date is needed, such as "2026-02-28"', "Нужна дата"),
        ('"as_of": 5', "A moment with its offset is needed", "Нужны дата и время"),
        ('"extra": []', "An object is needed: {...}. What came: list.", "Нужен объект: {...}"),
        ('"extra": {"a": []}', "A number, a text, true, false or null is needed. What came: list.", "Пришло: список"),
        ('"stage": "Deal"', "Use one of: lead, deal.", "Выберите один из: lead, deal."),
        ('"need_coverage": 80', "at most 1.", "не больше 1."),
        ('"steam_tph": -5', "at least 0.", "не меньше 0."),
        ('"amount": -5', "at least 0.", "не меньше 0."),
        ('"delivery_needed_by": "9999-12-31"', "at most 31 Dec 2199.", "не больше 31.12.2199."),
        (f'"industry": "{"a" * 501}"', "at most 500 characters", "не больше 500 знаков"),
        ('"extra": {"boiler_age": 3}', "the policy's custom_facts", "custom_facts правил"),
    ],
)
def test_a_faulty_fact_is_told_what_is_needed(crm, fact, english, russian):
    body = f"{{{fact}}}" if "deal_id" in fact else f'{{"deal_id": "D-1", {fact}}}'
    assert english in detail_of(crm, "/v1/score", body.encode())
    assert russian in detail_of(crm, "/v1/score", body.encode(), RUSSIAN)


def test_a_deal_of_a_batch_is_told_the_same(crm):
    [result] = crm.post("/v1/score/batch", {"deals": [{"deal_id": "D-1", "amount": "52 000"}]}).json()["results"]
    assert result["problem"]["errors"][0]["detail"].endswith("What came: text.")


def test_too_many_deals_are_told_the_limit(crm):
    response = crm.post("/v1/score/batch", {"deals": [{}] * 1001})
    assert "at most 1,000" in response.json()["errors"][0]["detail"]


def test_an_outcomes_choices_are_named(crm):
    assert "won, lost" in detail_of(crm, "/v1/outcomes", b'{"deal_id": "D-1", "status": "WON"}')


def test_a_custom_fact_is_told_its_kind_and_its_levels(crm):
    declared = """
[[custom_facts]]
name = "fuel"
kind = "category"
levels = ["gas", "oil"]
text_ru = "топливо"
text_en = "fuel"
"""
    crm.apply_policy(default_document() + declared)
    wrong = [detail_of(crm, "/v1/score", b'{"deal_id": "D-1", "extra": {"fuel": %s}}' % v) for v in (b'"coal"', b"1")]
    assert "Use one of: gas, oil." in wrong[0]
    assert wrong[1] == 'A text is needed, in quotes, such as "17". What came: number.'


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("include=foo", "Use one of: next_question, path, reasons."),
        ("dryrun=1", "no such query parameter"),
        ("dry_run=zq7xw", "true or false is needed"),
    ],
)
def test_a_query_is_told_what_it_takes(crm, query, said):
    assert said in detail_of(crm, f"/v1/score?{query}", b'{"deal_id": "D-1"}')


@pytest.mark.parametrize("path", ["/v1/score", "/v1/score/batch"])
@pytest.mark.parametrize("body", [b"[]", b"", b"17"])
def test_a_body_of_another_shape_is_told_which_goes_where(crm, path, body):
    for headers in (ENGLISH, RUSSIAN):
        assert '{"deals": [...]}' in detail_of(crm, path, body, headers)


def test_an_unusable_idempotency_key_is_told_what_it_may_hold(crm):
    key = "ключ".encode()
    response = crm.post("/v1/score", {"deal_id": "D-1"}, {**ENGLISH, "Idempotency-Key": key})
    assert (response.status_code, response.json()["code"]) == (400, "bad_header")
    assert "Idempotency-Key" in response.json()["detail"]
    assert "ASCII" in catalogue("ru")["problem.bad_header"]


def test_an_address_with_a_slash_too_many_is_a_problem_and_no_redirect(crm):
    response = crm.client.post("/v1/score/", json={"deal_id": "D-1"}, headers=crm.key, follow_redirects=False)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_word_that_is_in_no_list_is_flagged_and_one_not_sent_is_not(crm):
    unlisted = {"industry_not_listed", "category_not_listed"}
    flagged = crm.score(industry="птицефабрика", product_category="дирижабль")["rule"]["flags"]
    assert unlisted <= set(flagged)
    for facts in ({}, {"industry": "  "}, {**AAA, "product_category": "steam_trap"}):
        assert not unlisted & set(crm.score(**facts)["rule"]["flags"])


def test_a_delivery_date_that_has_passed_is_said_to_have(crm):
    def urgency(**facts):
        reasons = crm.score(as_of="2026-03-02T10:00:00Z", **facts)["rule"]["reasons"]
        return next(reason for reason in reasons if reason["code"].startswith("rule.urgency"))

    overdue = urgency(delivery_needed_by="2026-03-01")
    assert (overdue["code"], overdue["answer"]) == ("rule.urgency.overdue", True)
    assert "has passed" in overdue["text"]
    assert urgency(delivery_needed_by="2026-03-02")["code"] == "rule.urgency.yes"


@pytest.mark.parametrize(
    ("address", "english", "russian"),
    [
        ("/v1/score?dry_run=zq7xw", "true or false is needed.", "Нужно true или false."),
        ("/v1/scores?limit=zq7xw", "A whole number is needed, in digits.", "Нужно целое число, цифрами."),
    ],
)
def test_a_query_is_told_what_a_query_can_say(crm, address, english, russian):
    ask = crm.get if address.startswith("/v1/scores") else lambda path, **more: crm.post(path, {"deal_id": "D"}, **more)
    assert [fault["detail"] for fault in ask(address).json()["errors"]] == [english]
    assert [fault["detail"] for fault in ask(address, headers=RUSSIAN).json()["errors"]] == [russian]
