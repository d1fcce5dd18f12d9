"""Every feature of the model, over columns: the same for training, a file and a single call."""

from mlscore.scoring.features.feature import Feature, Vocabularies, signed_log, within
from mlscore.scoring.features.of_policy import DIRECTIONS, LEARNED_VOCABULARIES, features_of, matrix, named

__all__ = [
    "DIRECTIONS",
    "LEARNED_VOCABULARIES",
    "Feature",
    "Vocabularies",
    "features_of",
    "matrix",
    "named",
    "signed_log",
    "within",
]
