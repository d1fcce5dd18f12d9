"""Puts tables between the marks of a page, so that no figure in it is older than the command that prints it."""

from __future__ import annotations

from mlscore.scoring.errors import TrainingError

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def with_tables(page: str, tables: str) -> str:
    """Return a page with these tables between its marks. Raises TrainingError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise TrainingError(f"The page has no place for the tables: put {BEGIN} and {END} where they belong.")
    return f"{before}{begin}\n\n{tables}\n\n{end}{after}"
