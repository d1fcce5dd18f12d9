"""Answers written by an earlier version are read as they were meant."""

import json
from dataclasses import replace

from mlscore.scoring.receipt import Change
from mlscore.store.codec import read_answer, write_answer
from tests.store.builders import a_model_answer, an_answer


def test_an_answer_kept_before_goals_and_capacity_were_told_is_read_without_them() -> None:
    full = an_answer(model=a_model_answer(within_capacity=True))
    written = json.loads(write_answer(full))
    del written["model"]["within_capacity"]
    for step in written["path"]:
        del step["goal"], step["also"]
    read = read_answer(json.dumps(written))
    bare = tuple(replace(step, goal=None, also=()) for step in full.path)
    assert read == replace(full, model=a_model_answer(within_capacity=None), path=bare)


def test_changes_needed_together_are_kept_with_the_kinds_of_their_values() -> None:
    answer = an_answer()
    also = (Change(fact="amount", to=5_000_100), Change(fact="need_coverage", to=1.0), Change(fact="asap", to=True))
    kept = replace(answer, path=(replace(answer.path[0], goal="floor", also=also),))
    read = read_answer(write_answer(kept))
    assert read == kept
    assert [type(change.to) for change in read.path[0].also] == [int, float, bool]
