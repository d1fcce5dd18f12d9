"""What is sent is data: texts of every kind are stored and said as they came, and are never part of a statement."""

import ast
import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

import mlscore.store
from mlscore.scoring.deal import FACTS, Kind
from mlscore.store.tables import metadata
from tests.api.calling import faults_of

INJECTIONS = [
    "'; DROP TABLE receipts; --",
    '" OR ""="',
    "1' OR '1'='1",
    "') UNION SELECT digest FROM keys --",
    "%' AND 1=0 UNION SELECT NULL--",
    "$$; SELECT pg_sleep(10); $$",
    "%s %(deal_id)s :deal_id ? {deal_id} {0}",
    "\\'; --",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "{{ 7 * 7 }} ${7*7} #{7*7}",
    "../../etc/passwd",
]
TEXTS = sorted(name for name, fact in FACTS.items() if fact.kind is Kind.TEXT and name not in {"stage", "currency"})
ODD = {
    "composed": unicodedata.normalize("NFC", "Йодированный café"),
    "decomposed": unicodedata.normalize("NFD", "Йодированный café"),
    "right to left": "מחיר \u202eabc",
    "four bytes": "🔥 котёл 𝕏",
    "zero width": "a\u200bb\ufeffc",
    "control": "a\tb\nc\x01d",
}


def counts(crm) -> dict[str, int]:
    with crm.store.database.reading() as connection:
        return {name: connection.scalar(select(func.count()).select_from(t)) for name, t in metadata.tables.items()}


@pytest.mark.parametrize("said", INJECTIONS)
def test_a_statement_in_any_text_is_stored_as_it_came(crm, said):
    before = counts(crm)
    receipt = crm.score(**dict.fromkeys(TEXTS, said))
    known = crm.application.scoring.of_deal(crm.firm, "D-1")[0].deal
    assert {getattr(known, name) for name in TEXTS} == {said}
    assert crm.get(f"/v1/scores/{receipt['receipt_id']}").status_code == 200
    after = counts(crm)
    assert {name for name in after if after[name] < before[name]} == set()


@pytest.mark.parametrize("said", INJECTIONS)
def test_a_statement_in_an_address_finds_nothing(crm, said):
    crm.score()
    for path in ("/v1/scores/{}", "/v1/deals/{}/scores"):
        answer = crm.client.get(path.format(quote(said, safe="")), headers=crm.key)
        assert answer.status_code in {404, 422}, answer.text


@pytest.mark.parametrize("said", INJECTIONS)
def test_a_statement_in_a_header_is_no_key(crm, said):
    for headers in ({"Authorization": f"Bearer {said}"}, {**crm.key, "Accept-Language": said}):
        assert crm.client.get("/v1/policy", headers=headers).status_code in {200, 401}
    assert crm.client.post(
        "/v1/score", json={"deal_id": "D-1"}, headers={**crm.key, "Idempotency-Key": said}
    ).status_code in {200, 400}


@pytest.mark.parametrize("said", ODD.values(), ids=ODD)
def test_letters_of_every_kind_come_back_as_they_went(crm, said):
    crm.score(request_text=said, region=said)
    known = crm.application.scoring.of_deal(crm.firm, "D-1")[0].deal
    assert (known.request_text, known.region) == (said, said)


@pytest.mark.parametrize("said", ["a\x00b", "\ud800", "a\udfffb"])
def test_what_is_no_text_is_refused(crm, said):
    body = b'{"deal_id": "D-1", "region": "%s"}' % said.encode("unicode-escape").replace(b"\\x00", b"\\u0000")
    answer = crm.post_bytes("/v1/score", body)
    assert answer.status_code in {400, 422}
    if answer.status_code == 422:
        assert faults_of(answer) == [("/region", "bad_text")]


def test_ids_that_look_alike_are_two_ids(crm):
    for deal_id in (ODD["composed"].replace(" ", "-"), ODD["decomposed"].replace(" ", "-")):
        crm.score(deal_id=deal_id)
        assert len(crm.get(f"/v1/deals/{deal_id}/scores").json()["scores"]) == 1


def test_no_statement_of_the_store_is_put_together_from_values():
    built = [
        f"{path.name}:{call.lineno}"
        for path in Path(mlscore.store.__file__).parent.rglob("*.py")
        if "migrations" not in path.parts
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) in {"text", "exec_driver_sql", "literal_column"}
        and not all(isinstance(part, ast.Constant | ast.IfExp) for part in call.args)
    ]
    assert built == []
