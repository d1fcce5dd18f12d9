"""The fake portal's limits, and its eye for who comes back too early."""

import pytest

from mlscore.crm.bitrix24.fake import FakePortal, Limits
from tests.crm.bitrix24.fake.portals import Clock, a_portal, asked

QUERY, TIME = "QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT"


def error_of(portal: FakePortal, method: str = "profile") -> str | None:
    return asked(portal, method)[1].get("error")


def test_fifty_requests_at_once_are_borne_and_no_more() -> None:
    portal = a_portal(limits=Limits())
    assert [error_of(portal) for _ in range(51)] == [None] * 50 + [QUERY]


def test_two_requests_a_second_are_borne_for_ever() -> None:
    clock = Clock()
    portal = a_portal(limits=Limits(), clock=clock)
    for _ in range(300):
        assert error_of(portal) is None
        clock.wait(0.5)


def test_a_batch_counts_once() -> None:
    portal = a_portal(limits=Limits())
    cmd = {f"c{number}": "profile" for number in range(50)}
    for _ in range(50):
        assert asked(portal, "batch", cmd=cmd)[0] == 200


@pytest.mark.parametrize(("wait", "is_early"), [(0.2, True), (1.2, False)])
def test_it_notices_who_comes_back_before_the_bucket_has_drained(wait: float, is_early: bool) -> None:
    clock = Clock()
    portal = a_portal(limits=Limits(), clock=clock)
    for _ in range(51):
        error_of(portal)
    clock.wait(wait)
    assert (error_of(portal) == QUERY) is is_early
    assert (portal.gate.refusals[0].back_after, bool(portal.gate.early)) == (pytest.approx(wait), is_early)


def test_a_method_that_took_too_long_is_refused_until_its_oldest_bucket_is_out() -> None:
    clock = Clock()
    portal = a_portal(limits=Limits(operating_seconds=100, seconds_of=30, drains=1e9), clock=clock)
    for _ in range(4):
        status, body = asked(portal, "crm.status.list")
        assert status == 200
    status, body_refused = asked(portal, "crm.status.list")
    assert (status, body_refused["error"]) == (429, TIME)
    assert error_of(portal) is None  # another method goes on
    clock.wait(body["time"]["operating_reset_at"] - clock().timestamp() - 1)
    assert error_of(portal, "crm.status.list") == TIME
    clock.wait(2)
    assert error_of(portal, "crm.status.list") is None
    assert [one.was_early for one in portal.gate.refusals] == [True, False]


def test_a_commands_time_counts_inside_a_batch_too() -> None:
    portal = a_portal(limits=Limits(operating_seconds=100, seconds_of=60, drains=1e9))
    cmd = {f"c{number}": "crm.status.list" for number in range(3)}
    refused = asked(portal, "batch", cmd=cmd)[1]["result"]["result_error"]
    assert refused["c2"]["error"] == TIME


def test_a_box_does_not_tell_of_time() -> None:
    body = asked(a_portal(limits=Limits(tells_operating=False)), "profile")[1]
    assert not {"operating", "operating_reset_at"} & set(body["time"])


def test_the_commands_of_one_batch_do_not_come_back_too_early_for_each_other_and_the_next_batch_does() -> None:
    clock = Clock()
    portal = a_portal(limits=Limits(operating_seconds=100, seconds_of=60, drains=1e9), clock=clock)
    cmd = {f"c{number}": "crm.status.list" for number in range(5)}
    asked(portal, "batch", cmd=cmd)
    assert len(portal.gate.refusals) == 3
    assert portal.gate.early == []
    clock.wait(1)
    asked(portal, "batch", cmd=cmd)
    assert len(portal.gate.early) == 1
