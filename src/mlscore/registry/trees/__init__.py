"""LightGBM's trees as parts of a model, and their exact shares."""

from mlscore.registry.trees.booster import BoosterMember, BoosterRatio, count_trees, read_booster
from mlscore.registry.trees.shares import TreeShares, tree_shares

__all__ = ["BoosterMember", "BoosterRatio", "TreeShares", "count_trees", "read_booster", "tree_shares"]
