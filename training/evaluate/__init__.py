"""Measures rules and candidates on the same deals, none of which any of them had seen: figures, calibration, money."""

from training.evaluate.abstaining import Abstaining, abstaining_of
from training.evaluate.calibration import Group, calibration_groups, interval_groups, share_within
from training.evaluate.figures import RULES, SERVICE, Figures, figures_of, measure, noise_of_ece
from training.evaluate.influence import Influence, Insight, Moves, influences, insights, moves_of
from training.evaluate.learning_curve import LearningPoint, learning_curve
from training.evaluate.matrix import Cell, matrix_of
from training.evaluate.money import Captured, Worth, captured_of, expected_of, worth_of
from training.evaluate.quarters import Quarter, by_quarter
from training.evaluate.ranking import capacity_line, is_all_workable, money_rank, rank_of, worked_of

__all__ = [
    "RULES",
    "SERVICE",
    "Abstaining",
    "Captured",
    "Cell",
    "Figures",
    "Group",
    "Influence",
    "Insight",
    "LearningPoint",
    "Moves",
    "Quarter",
    "Worth",
    "abstaining_of",
    "by_quarter",
    "calibration_groups",
    "capacity_line",
    "captured_of",
    "expected_of",
    "figures_of",
    "influences",
    "insights",
    "interval_groups",
    "is_all_workable",
    "learning_curve",
    "matrix_of",
    "measure",
    "money_rank",
    "moves_of",
    "noise_of_ece",
    "rank_of",
    "share_within",
    "worked_of",
    "worth_of",
]
