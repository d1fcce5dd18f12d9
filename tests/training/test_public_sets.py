"""The tables of a page are put between its marks, and nowhere else."""

import pytest

from mlscore.scoring.errors import TrainingError
from training.commands.public_sets import BEGIN, END, with_tables


def test_tables_take_the_place_of_those_before() -> None:
    page = with_tables(f"before\n{BEGIN}\nold\n{END}\nafter\n", "new")
    assert page == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert with_tables(page, "new") == page


def test_a_page_without_marks_is_refused_with_what_to_do() -> None:
    with pytest.raises(TrainingError, match="put <!-- datasets -->"):
        with_tables("nothing here", "new")
