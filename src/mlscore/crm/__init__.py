"""Translates between a firm's own records and the facts of a deal."""
