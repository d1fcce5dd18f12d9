"""Calls the REST methods of a portal, as often as it lets us."""

from mlscore.crm.bitrix24.client.portal import Portal, as_map, open_portal
from mlscore.crm.bitrix24.client.query import AT_ONCE, Command

__all__ = ["AT_ONCE", "Command", "Portal", "as_map", "open_portal"]
