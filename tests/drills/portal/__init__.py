"""Drills with a Bitrix24 portal: a whole day of it, and one change at a time."""

from tests.drills.portal.day import DAY
from tests.drills.portal.moment import MOMENT

__all__ = ["DAY", "MOMENT"]
