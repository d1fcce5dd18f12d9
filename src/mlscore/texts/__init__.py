"""Says codes, numbers, money and dates in the reader's language."""

from mlscore.texts.formats import day, moment, money, month, number, percent, to_a_tenth_of_a_point
from mlscore.texts.languages import LANGUAGES, Language, language_from
from mlscore.texts.sentences import UnknownCodeError, catalogue, pieces, say

__all__ = [
    "LANGUAGES",
    "Language",
    "UnknownCodeError",
    "catalogue",
    "day",
    "language_from",
    "moment",
    "money",
    "month",
    "number",
    "percent",
    "pieces",
    "say",
    "to_a_tenth_of_a_point",
]
