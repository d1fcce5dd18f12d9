"""Forgetting takes what was known of a deal, leaves what was reckoned, and cannot be undone by writing it again."""

import json
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from mlscore.ports import Erased, KeptAnswer
from mlscore.scoring.deal import Deal
from mlscore.scoring.policy import default_policy
from mlscore.store import Store, open_store
from mlscore.store.engine.database import WRITES
from tests.postgres import Postgres
from tests.serving import until
from tests.store.builders import DAY, NOON, a_deal, a_receipt, an_outcome

PERSON = "Иван Петрович, +7 903 000-00-00"
NOTHING = Erased()


def of_person(**facts: object) -> Deal:
    return a_deal("D-1", **{"company_id": "C-1", "request_text": PERSON, **facts})


def answered(store: Store, firm: str, key: str, body: dict) -> None:
    store.ledger.begin(firm, key, request_digest="d", at=NOON)
    said = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    store.ledger.end(firm, key, KeptAnswer(status=200, body=said, content_type="application/json"))


def repeated(store: Store, firm: str, key: str) -> KeptAnswer | None:
    return store.ledger.begin(firm, key, request_digest="d", at=NOON)


def test_the_facts_go_and_the_arithmetic_stays(store: Store, firm: str) -> None:
    receipt = a_receipt(deal=of_person())
    store.receipts.keep(firm, [receipt])
    assert store.forgetting.forget(firm, "D-1", at=NOON + DAY) == Erased(receipts=1, facts=1)
    left = store.receipts.find(firm, receipt.receipt_id)
    assert left is not None
    assert left.answer == receipt.answer
    assert left.deal.request_text is None


def test_what_would_be_erased_is_told_before(store: Store, firm: str) -> None:
    store.receipts.keep(firm, [a_receipt(deal=of_person()), a_receipt(deal=of_person(region="Урал"))])
    answered(store, firm, "once", {"deal_id": "D-1"})
    told = store.forgetting.kept_of(firm, "D-1")
    assert told == Erased(receipts=2, facts=2, answers=1)
    assert store.forgetting.forget(firm, "D-1", at=NOON) == told
    assert store.forgetting.kept_of(firm, "D-1") == Erased(receipts=2)


def test_neither_an_import_nor_a_request_brings_them_back(store: Store, firm: str) -> None:
    old = a_receipt(deal=of_person())
    store.receipts.keep(firm, [old])
    store.forgetting.forget(firm, "D-1", at=NOON)
    new = a_receipt(deal=of_person())
    store.receipts.keep(firm, [old, new])
    assert [one.deal.request_text for one in store.receipts.of_deal(firm, "D-1")] == [None, None]
    assert {one.receipt_id for one in store.receipts.of_deal(firm, "D-1")} == {old.receipt_id, new.receipt_id}


def test_a_deal_may_be_forgotten_before_it_first_comes(store: Store, firm: str) -> None:
    assert store.forgetting.forget(firm, "D-1", at=NOON) == NOTHING
    assert store.forgetting.is_forgotten(firm, "D-1")
    store.receipts.keep(firm, [a_receipt(deal=of_person())])
    assert store.receipts.of_deal(firm, "D-1")[0].deal.request_text is None


def test_others_keep_theirs_in_the_same_batch_and_in_another_firm(store: Store, firm: str) -> None:
    other = f"not {firm}"
    store.forgetting.forget(firm, "D-1", at=NOON)
    both = [a_receipt(deal=of_person()), a_receipt(deal=replace(of_person(), deal_id="D-2"))]
    store.receipts.keep(firm, both)
    store.receipts.keep(other, [a_receipt(deal=of_person())])
    assert store.receipts.of_deal(firm, "D-2")[0].deal.request_text == PERSON
    assert store.receipts.of_deal(other, "D-1")[0].deal.request_text == PERSON
    assert not store.forgetting.is_forgotten(other, "D-1")


def test_an_answer_about_the_deal_alone_is_given_back_to_nobody(store: Store, firm: str) -> None:
    answered(store, firm, "mine", {"deal_id": "D-1", "rule": {}})
    answered(store, firm, "other", {"deal_id": "D-10", "rule": {}})
    store.forgetting.forget(firm, "D-1", at=NOON)
    assert repeated(store, firm, "mine") is None
    assert repeated(store, firm, "other") is not None


def test_an_answer_about_many_deals_loses_only_this_one(store: Store, firm: str) -> None:
    results = [{"index": n, "score": {"deal_id": f"D-{n}", "rule": {"text": PERSON}}} for n in range(3)]
    answered(store, firm, "batch", {"results": results})
    assert store.forgetting.forget(firm, "D-1", at=NOON).answers == 1
    kept = repeated(store, firm, "batch")
    assert kept is not None
    assert json.loads(kept.body)["results"] == [results[0], {"index": 1}, results[2]]


def test_how_it_ended_stays_and_the_closed_deal_knows_no_facts(store: Store, firm: str) -> None:
    store.receipts.keep(firm, [a_receipt(deal=of_person(region="Урал"))])
    store.outcomes.record(firm, [an_outcome("D-1")], at=NOON)
    store.forgetting.forget(firm, "D-1", at=NOON)
    [closed] = store.closed.in_brief(firm)
    assert (closed.outcome.realised_profit, closed.deal.region) == (1_200_000, None)


def test_a_track_record_in_memory_is_made_anew(store: Store, firm: str) -> None:
    policy = default_policy()
    store.receipts.keep(firm, [a_receipt(deal=of_person(region="Урал"))])
    store.outcomes.record(firm, [an_outcome("D-1")], at=NOON)
    before = store.track_records.of(firm, policy)
    store.forgetting.forget(firm, "D-1", at=NOON)
    store.track_records.hear(firm)
    assert store.track_records.of(firm, policy) is not before


def test_forgetting_again_does_no_harm(store: Store, firm: str) -> None:
    store.receipts.keep(firm, [a_receipt(deal=of_person())])
    store.forgetting.forget(firm, "D-1", at=NOON)
    assert store.forgetting.forget(firm, "D-1", at=NOON + DAY) == Erased(receipts=1)


def test_only_answers_that_name_the_deal_are_read_and_nobody_waits_while_they_are_looked_for(
    store: Store, firm: str
) -> None:
    for key, body in {"mine": {"deal_id": "D-1"}, "other": {"deal_id": "D-2", "company_id": "D-1"}}.items():
        answered(store, firm, key, body)
    engine, looking, erasing = store.database.engine, [], []

    def note(connection: Connection, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "FROM ledger" in statement:
            (erasing if connection.get_execution_options().get(WRITES) else looking).append(f"{statement} {parameters}")

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert store.forgetting.forget(firm, "D-1", at=NOON).answers == 1
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [re.search("instr|position", said) is not None for said in looking] == [True]
    assert ["'mine'" in said for said in erasing] == [True, True], "read anew, and deleted"
    assert repeated(store, firm, "other") is not None


def test_facts_that_are_being_kept_meanwhile_are_waited_for_and_go_too(postgres: Postgres) -> None:
    with postgres.fresh_database() as url, closing(open_store(url)) as store, ThreadPoolExecutor(1) as pool:
        store.migrate()
        receipt, forgetting = a_receipt(deal=of_person()), list[Future[Erased]]()

        def forget_meanwhile(_connection: Connection) -> None:
            forgetting.append(pool.submit(store.forgetting.forget, "main", "D-1", at=NOON))
            until(lambda: forgetting[0].done() or is_waited_for(store))

        event.listen(store.database.engine, "commit", forget_meanwhile, once=True)
        store.receipts.keep("main", [receipt])
        assert forgetting[0].result() == Erased(receipts=1, facts=1)
        assert store.receipts.find("main", receipt.receipt_id).deal.request_text is None


@pytest.mark.parametrize("erase", ["forget", "retention"])
def test_not_a_byte_of_it_is_left_in_the_file(tmp_path: Path, erase: str) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'mlscore.db'}")
    store.migrate()
    # Long, so that it lies on pages of its own too.
    store.receipts.keep("main", [a_receipt(deal=of_person(request_text=f"{PERSON} " * 500))])
    answered(store, "main", "once", {"deal_id": "D-1", "text": PERSON})
    assert found_in(tmp_path, PERSON)
    acts: dict[str, Callable[[], object]] = {
        "forget": lambda: store.forgetting.forget("main", "D-1", at=NOON),
        "retention": lambda: (
            store.ledger.begin("main", "later", request_digest="d", at=NOON + 31 * DAY),
            store.retention.drop("main", before=NOON + DAY),
        ),
    }
    acts[erase]()
    left = found_in(tmp_path, PERSON)
    store.close()
    assert not left


def is_waited_for(store: Store) -> bool:
    """Tell whether somebody waits for a lock of a PostgreSQL database."""
    waiting = text("SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
                   "WHERE locktype = 'advisory' AND NOT granted AND d.datname = current_database()")  # fmt: skip
    with store.database.reading() as connection:
        return bool(connection.scalar(waiting))


def found_in(folder: Path, text: str) -> list[str]:
    return [path.name for path in folder.iterdir() if text.encode() in path.read_bytes()]
