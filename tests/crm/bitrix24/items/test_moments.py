"""Moments are read as a portal writes them, and none from the ends of the calendar."""

from datetime import UTC, datetime

import pytest

from mlscore.crm.bitrix24.items.moments import moment_of


def test_a_moment_is_read_with_its_zone():
    assert moment_of("2026-07-01T12:00:00+03:00") == datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    ["", None, 5, [], "2026-07-01", "2026-07-01T12:00:00", "0001-01-01T00:00:00+03:00", "9999-12-31T23:59:59-12:00"],
)
def test_what_is_no_moment_is_none(given):
    assert moment_of(given) is None
