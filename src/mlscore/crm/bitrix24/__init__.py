"""Bitrix24: reads its leads and deals, and writes their scores there."""
