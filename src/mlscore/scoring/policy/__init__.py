"""The policy: every number, list and choice a manager may change, versioned and fingerprinted."""

from mlscore.scoring.policy.document import (
    default_document,
    default_policy,
    read_policy,
    read_policy_text,
)
from mlscore.scoring.policy.terms import (
    TARGET_INDUSTRIES,
    Category,
    Criterion,
    CustomFact,
    Deciding,
    Economics,
    Exceptions,
    Grading,
    Industry,
    Money,
    Op,
    Policy,
    Prior,
    RegularSmall,
    Training,
    Trial,
    fingerprint,
)
from mlscore.scoring.policy.vocabulary import Vocabulary, vocabulary_of

__all__ = [
    "TARGET_INDUSTRIES",
    "Category",
    "Criterion",
    "CustomFact",
    "Deciding",
    "Economics",
    "Exceptions",
    "Grading",
    "Industry",
    "Money",
    "Op",
    "Policy",
    "Prior",
    "RegularSmall",
    "Training",
    "Trial",
    "Vocabulary",
    "default_document",
    "default_policy",
    "fingerprint",
    "read_policy",
    "read_policy_text",
    "vocabulary_of",
]
