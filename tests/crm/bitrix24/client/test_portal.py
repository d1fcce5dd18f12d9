"""What a portal answers is what we find; where it asks us to wait we wait, and its address is told to nobody."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from mlscore.crm.bitrix24.client import Command, Portal, as_map, open_portal
from mlscore.crm.bitrix24.client.bucket import Bucket, Pace
from mlscore.crm.bitrix24.client.portal import BLOCKED_SECONDS, OPERATING_SECONDS, PAGE
from mlscore.outgoing import Allowed
from mlscore.scoring.errors import AddressError, CrmRefusedError, MlscoreError, NotAllowedError, UnreachableError

GOLDEN = Path(__file__).parents[1] / "golden"
SECRET = "https://firm.bitrix24.ru/rest/1/s3cr3t-code/"
NOT_ALLOWED = {"no_auth", "credentials", "expired", "scope", "user", "overload", "portal_deleted", "plan"}


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.at, self.slept = 1_700_000_000.0, list[float]()

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


Reply = tuple[int, object]


def answering(*replies: Reply, time: Time | None = None, patience: float = 60.0) -> tuple[Portal, list[httpx2.Request]]:
    """Give a portal that answers one reply after the other, the last for ever, and what it was asked."""
    asked: list[httpx2.Request] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        status, body = replies[min(len(asked), len(replies) - 1)]
        asked.append(request)
        if isinstance(body, Exception):
            raise body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx2.Response(status, content=content)

    client = httpx2.Client(base_url=SECRET, transport=httpx2.MockTransport(reply))
    clock = time or Time()
    bucket = Bucket(Pace(), monotonic=clock.now, sleep=clock.sleep)
    return Portal(client, "firm.bitrix24.ru", bucket, patience, clock.now, clock.sleep), asked


def golden(name: str) -> Mapping[str, object]:
    document: Mapping[str, object] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return document


def goldens(is_of: Callable[[Mapping[str, object]], bool]) -> list[str]:
    names = [path.stem for path in sorted(GOLDEN.glob("*.json")) if not path.stem.startswith("event_")]
    return [name for name in names if "http" in golden(name) and is_of(golden(name))]


def is_good(document: Mapping[str, object]) -> bool:
    return "result" in document["answer"] and document["method"] != "batch"


@pytest.mark.parametrize("name", goldens(is_good))
def test_every_documented_result_is_found_and_asked_for_as_documented(name: str) -> None:
    document = golden(name)
    portal, asked = answering((200, document["answer"]))
    found = portal.call(str(document["method"]), document["request"])
    assert found == document["answer"]["result"]
    assert json.loads(asked[0].content) == document["request"]
    assert asked[0].url.path.endswith(f"/{document['method']}")


@pytest.mark.parametrize("name", goldens(lambda d: "error" in d["answer"]))
def test_every_documented_refusal_says_what_it_is(name: str) -> None:
    document = golden(name)
    portal, asked = answering((document["http"], document["answer"]), patience=30.0)
    with pytest.raises(MlscoreError) as refused:
        portal.call(str(document["method"]), document["request"])
    kind = name.removeprefix("fault_")
    if kind in NOT_ALLOWED:
        assert isinstance(refused.value, NotAllowedError)
    elif kind in {"query_limit", "operation_time", "internal", "unexpected"}:
        assert isinstance(refused.value, UnreachableError)
    else:
        assert isinstance(refused.value, CrmRefusedError)
        code = document["answer"]["error"]
        assert refused.value.params["reason"] == code or not code
    is_tried_again = kind in {"query_limit", "internal", "unexpected"}
    assert (len(asked) > 1) == is_tried_again
    assert "s3cr3t" not in f"{refused.value!s}{refused.value!r}{refused.value.params}{portal!r}"


def test_an_old_method_that_only_says_not_found_is_refused_by_the_new_ones_code() -> None:
    portal, _ = answering((400, {"error": "", "error_description": "Not found"}))
    with pytest.raises(CrmRefusedError) as refused:
        portal.call("crm.deal.get", {"id": 1})
    assert refused.value.params["reason"] == "NOT_FOUND"


@pytest.mark.parametrize("name", [n for n in goldens(lambda d: d["method"] == "batch") if golden(n)["http"] == 200])
def test_a_batch_gives_what_each_command_found_or_why_not(name: str) -> None:
    document = golden(name)
    whole = document["answer"]["result"]
    commands = {one: Command("profile") for one in document["request"]["cmd"]}
    results, errors = as_map(whole["result"]), as_map(whole["result_error"])
    if len(results) + len(errors) < len(commands):  # halted: the rest was never tried
        commands = {one: commands[one] for one in commands if one in results or one in errors}
    portal, _ = answering((200, document["answer"]))
    found = portal.batch(commands)
    assert list(found) == list(commands)
    for one in commands:
        if one in errors:
            assert isinstance(found[one], CrmRefusedError)
            assert found[one].params["reason"] == errors[one]["error"]
        else:
            assert found[one] == results[one]


def test_a_batch_is_written_as_documented() -> None:
    document = golden("batch")
    commands = {
        "get_deal": Command("crm.item.get", {"entityTypeId": 2, "id": 13142}),
        "get_rows": Command(
            "crm.item.productrow.list",
            {"filter": {"=ownerType": "D", "=ownerId": "$result[get_deal][item][id]"}, "order": {"price": "desc"}},
        ),
    }
    portal, asked = answering((200, document["answer"]))
    portal.batch(commands)
    assert json.loads(asked[0].content) == document["request"]


def test_what_stands_in_a_command_survives_php() -> None:
    written = Command("m", {"fields": {"UF_CRM_X": "a&b=c d/я", "yes": True, "list": [1, 2], "none": None}}).written()
    assert written == "m?fields[UF_CRM_X]=a%26b%3Dc%20d%2F%D1%8F&fields[yes]=1&fields[list][0]=1&fields[list][1]=2"


def test_more_than_fifty_commands_go_in_several_batches() -> None:
    def whole(names: range) -> dict[str, object]:
        return {"result": {"result": {f"c{n}": n for n in names}, "result_error": [], "result_time": []}}

    portal, asked = answering((200, whole(range(50))), (200, whole(range(50, 70))))
    found = portal.batch({f"c{n}": Command("profile") for n in range(70)})
    assert found == {f"c{n}": n for n in range(70)}
    assert [len(json.loads(one.content)["cmd"]) for one in asked] == [50, 20]


def test_only_what_a_batch_had_no_time_for_is_asked_again() -> None:
    busy = {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}
    first = {"result": {"result": {"a": 1}, "result_error": {"b": busy}}}
    portal, asked = answering((200, first), (200, {"result": {"result": {"b": 2}, "result_error": []}}))
    assert portal.batch({"a": Command("x"), "b": Command("y")}) == {"a": 1, "b": 2}
    assert list(json.loads(asked[1].content)["cmd"]) == ["b"]
    assert portal.backed_off == {"QUERY_LIMIT_EXCEEDED": 1}


BUSY = (503, {"error": "QUERY_LIMIT_EXCEEDED"})
GOOD = (200, {"result": "found"})


def test_where_too_many_call_we_wait_longer_each_time_and_then_go_on() -> None:
    time = Time()
    portal, asked = answering(BUSY, BUSY, GOOD, time=time)
    assert portal.call("profile") == "found"
    assert len(asked) == 3
    assert sum(time.slept) >= 1.0
    assert portal.backed_off == {"QUERY_LIMIT_EXCEEDED": 2}


def test_a_portal_that_stays_busy_counts_as_away_after_our_patience() -> None:
    time = Time()
    portal, _ = answering(BUSY, time=time)
    with pytest.raises(UnreachableError, match=r"firm\.bitrix24\.ru takes no more calls"):
        portal.call("profile")
    assert 60 <= sum(time.slept) < 200


def test_a_method_without_time_is_left_alone_until_the_portal_said() -> None:
    time = Time()
    reset_at = time.at + 20
    good = (200, {"result": 1, "time": {"operating_reset_at": reset_at}})
    portal, asked = answering(good, (429, {"error": "OPERATION_TIME_LIMIT"}), GOOD, time=time)
    portal.call("crm.item.list")
    assert portal.call("crm.item.list") == "found"
    assert time.at >= reset_at
    assert len(asked) == 3


def test_who_may_call_no_more_calls_nothing_though_he_waited_for_his_turn() -> None:
    time = Time()
    portal, asked = answering(BUSY, GOOD, time=time)
    portal.may_call = lambda: not time.slept
    with pytest.raises(UnreachableError, match="Another worker goes on"):
        portal.call("crm.item.update")
    assert len(asked) == 1


def test_a_moment_told_long_ago_says_nothing_of_a_method_without_time_now() -> None:
    time = Time()
    good = (200, {"result": 1, "time": {"operating_reset_at": time.at - 20}})
    portal, _ = answering(good, (429, {"error": "OPERATION_TIME_LIMIT"}), GOOD, time=time)
    portal.call("crm.item.list")
    begun = time.at
    assert portal.call("crm.item.list") == "found"
    assert time.at - begun >= BLOCKED_SECONDS


def test_a_method_without_time_for_longer_than_our_patience_is_not_called_until_then() -> None:
    time = Time()
    good = (200, {"result": 1, "time": {"operating_reset_at": time.at + 500}})
    portal, asked = answering(good, (429, {"error": "OPERATION_TIME_LIMIT"}), GOOD, time=time)
    portal.call("crm.item.list")
    for _ in range(3):
        with pytest.raises(UnreachableError, match="no more time"):
            portal.call("crm.item.list")
    assert len(asked) == 2
    assert portal.call("profile") == "found"


LOST = UnreachableError("x", host="firm.bitrix24.ru")


@pytest.mark.parametrize("lost", [LOST, b"<html>502</html>", b'{"result": {"item"', b"[]"])
def test_a_lost_answer_is_asked_for_again_unless_that_would_do_it_twice(lost: object) -> None:
    portal, _ = answering((200, lost), GOOD)
    assert portal.call("crm.item.update") == "found"
    portal, asked = answering((200, lost), GOOD)
    with pytest.raises(UnreachableError):
        portal.call("crm.timeline.comment.add", repeatable=False)
    assert len(asked) == 1


def test_a_list_is_read_to_its_last_page_by_id() -> None:
    def page(first: int, last: int) -> Reply:
        return 200, {"result": {"items": [{"id": n} for n in range(first, last)]}}

    portal, asked = answering(page(1, 51), page(51, 101), page(101, 104))
    found = list(portal.every("crm.item.list", {"entityTypeId": 2, "filter": {"@stageId": ["WON"]}}))
    assert [one["id"] for one in found] == list(range(1, 104))
    sent = [json.loads(one.content) for one in asked]
    assert [one["filter"] for one in sent] == [{"@stageId": ["WON"], ">id": last} for last in (0, 50, 100)]
    assert {one["start"] for one in sent} == {-1}


def test_no_address_leaves_through_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    portal, _ = answering(GOOD)
    portal.call("profile")
    assert "s3cr3t" not in caplog.text


def test_a_portal_inside_is_not_called_and_its_code_not_repeated() -> None:
    with (
        pytest.raises(AddressError) as refused,
        open_portal(SecretStr("https://127.0.0.1/rest/1/s3cr3t/"), allowed=Allowed()),
    ):
        pass
    assert "s3cr3t" not in str(refused.value)


def test_our_calls_stay_below_what_the_portal_lets_through() -> None:
    time = Time()
    bucket = Bucket(Pace(at_once=40, per_second=2.0), monotonic=time.now, sleep=time.sleep)
    begun = time.at
    entered = []
    for _ in range(140):
        bucket.enter()
        entered.append(time.at - begun)
    level, last, highest = 0.0, 0.0, 0.0
    for at in entered:  # the portal's own count of the same calls
        level = max(0.0, level - (at - last) * 2.0) + 1.0
        last, highest = at, max(highest, level)
    assert highest <= 50
    assert entered[-1] == pytest.approx(50.0, abs=1.0)


@pytest.mark.parametrize("rows", [["1"], [{"id": "x"}], [{}], [{"id": 7}], [{"id": True}], {"items": "none"}])
def test_a_list_of_something_else_than_was_asked_for_is_told_as_no_answer(rows: object) -> None:
    portal, _ = answering((200, {"result": {"items": rows}}))
    with pytest.raises(UnreachableError):
        list(portal.every("crm.item.list", {}, after=7))


def test_a_portal_that_lists_the_same_page_again_and_again_is_not_asked_without_end() -> None:
    page = [{"id": number} for number in range(1, PAGE + 1)]
    portal, asked = answering((200, {"result": {"items": page}}))
    with pytest.raises(UnreachableError, match="something else"):
        list(portal.every("crm.item.list", {}))
    assert len(asked) == 2


def test_an_answer_of_brackets_without_end_is_told_as_none() -> None:
    portal, _ = answering((200, b'{"result":' + b"[" * 100_000))
    with pytest.raises(UnreachableError, match="does not answer"):
        portal.call("crm.item.list")


@pytest.mark.parametrize("reset_at", [float("inf"), 10**400, 1_700_000_000 + 86_400])
def test_a_method_without_time_is_left_alone_no_longer_than_its_time_is_counted(reset_at: float) -> None:
    time = Time()
    good, spent = {"result": 1, "time": {"operating_reset_at": reset_at}}, {"error": "OPERATION_TIME_LIMIT"}
    portal, asked = answering((200, good), (429, spent), (200, good), time=time)
    portal.call("crm.item.list")
    with pytest.raises(UnreachableError):
        portal.call("crm.item.list")
    time.sleep(OPERATING_SECONDS)
    assert portal.call("crm.item.list") == 1
    assert len(asked) == 3
