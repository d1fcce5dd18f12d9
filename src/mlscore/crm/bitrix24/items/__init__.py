"""Items as a portal has them, fetched with what belongs to them and read as deals."""

from mlscore.crm.bitrix24.items.fields import TYPES, Entity, FieldBook, Fields, PortalField, read_fields
from mlscore.crm.bitrix24.items.gathering import gather, get_item
from mlscore.crm.bitrix24.items.moments import moment_of
from mlscore.crm.bitrix24.items.reading import Gathered, ItemReader, ReadItem, deal_id_of

__all__ = [
    "TYPES",
    "Entity",
    "FieldBook",
    "Fields",
    "Gathered",
    "ItemReader",
    "PortalField",
    "ReadItem",
    "deal_id_of",
    "gather",
    "get_item",
    "moment_of",
    "read_fields",
]
