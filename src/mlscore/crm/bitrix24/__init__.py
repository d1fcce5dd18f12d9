"""Bitrix24: reads its leads and deals, and writes their scores there."""

from mlscore.crm.bitrix24.connection import Connection, read_connection

__all__ = ["Connection", "read_connection"]
