"""Bitrix24: reads its leads and deals, and writes their scores there."""

from mlscore.crm.bitrix24.connection import Connection, read_connection
from mlscore.crm.bitrix24.portal_crm import PortalCrm, open_crm

__all__ = ["Connection", "PortalCrm", "open_crm", "read_connection"]
