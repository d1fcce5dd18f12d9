"""Reads the deals of a file block by block, as columns: memory does not grow with the file."""

from mlscore.crm.csv_file.streaming.blocks import Block, DealFile, read_deals

__all__ = ["Block", "DealFile", "read_deals"]
