"""What a portal's fields mean, and where the answer is shown."""

from mlscore.crm.bitrix24.mapping.reading import read_portal_mapping, read_portal_mapping_text
from mlscore.crm.bitrix24.mapping.score_fields import SCORE_FIELDS, FieldType, ScoreField
from mlscore.crm.bitrix24.mapping.terms import (
    COMPANY,
    CONTACT,
    GOODS,
    SEMANTIC,
    USER_FIELD,
    KindTerms,
    MoveTerms,
    PortalTerms,
    RouteStages,
    WriteTerms,
)

__all__ = [
    "COMPANY",
    "CONTACT",
    "GOODS",
    "SCORE_FIELDS",
    "SEMANTIC",
    "USER_FIELD",
    "FieldType",
    "KindTerms",
    "MoveTerms",
    "PortalTerms",
    "RouteStages",
    "ScoreField",
    "WriteTerms",
    "read_portal_mapping",
    "read_portal_mapping_text",
]
