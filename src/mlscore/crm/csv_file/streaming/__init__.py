"""Reads the deals of a file block by block, as columns: where a column names them, memory does not grow with it."""

from mlscore.crm.csv_file.streaming.blocks import Block, DealFile, read_deals

__all__ = ["Block", "DealFile", "read_deals"]
