"""The portal's methods, each as its documents tell it."""

from mlscore.crm.bitrix24.fake.methods import directories, items, old
from mlscore.crm.bitrix24.fake.methods.answering import METHODS, Answer, Params
from mlscore.crm.bitrix24.fake.methods.batch import run_batch

KNOWN_ELSEWHERE = {"user.current": "user", "department.get": "department"}
"""Methods we do not play, by the scope that a webhook of ours would need and does not have."""

__all__ = ["KNOWN_ELSEWHERE", "METHODS", "Answer", "Params", "directories", "items", "old", "run_batch"]
