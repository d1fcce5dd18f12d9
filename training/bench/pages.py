"""Puts tables between the marks of a page, so that no figure in it is older than the command that prints it."""

from __future__ import annotations

from mlscore.scoring.errors import TrainingError

MARK = "bench"


def with_tables(page: str, tables: str, *, mark: str = MARK) -> str:
    """Return a page with these tables between its marks. Raises TrainingError where it has none."""
    opening, closing = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    before, begin, rest = page.partition(opening)
    _, end, after = rest.partition(closing)
    if not end:
        raise TrainingError(f"The page has no place for the tables: put {opening} and {closing} where they belong.")
    return f"{before}{begin}\n\n{tables}\n\n{end}{after}"
