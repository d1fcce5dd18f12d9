"""The contest: candidates learn and answer out of time, and the blend that will serve is put together from them."""

from training.contest.assemble import GATES_FAILED, UNPUBLISHED
from training.contest.calibrate import slope_and_intercept
from training.contest.holding import BLEND, Contest, Round, hold
from training.contest.setting import Setting

__all__ = ["BLEND", "GATES_FAILED", "UNPUBLISHED", "Contest", "Round", "Setting", "hold", "slope_and_intercept"]
