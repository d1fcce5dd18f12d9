"""The contest: candidates learn and answer out of time, and the blend that will serve is put together from them."""

from training.contest.assemble import GATES_FAILED, UNPUBLISHED
from training.contest.calibrate import errors_of_calibration, slope_and_intercept
from training.contest.holding import BLEND, Contest, Round, hold
from training.contest.setting import Setting

__all__ = [
    "BLEND",
    "GATES_FAILED",
    "UNPUBLISHED",
    "Contest",
    "Round",
    "Setting",
    "errors_of_calibration",
    "hold",
    "slope_and_intercept",
]
