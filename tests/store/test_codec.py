"""Answers are read as they were written, by this version or an earlier one."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter

from mlscore.scoring.receipt import Answer, Change, Param, Reason
from mlscore.store.codec import read_answer, write_answer
from tests.store.builders import a_model_answer, an_answer

AS_PYDANTIC_DOES = TypeAdapter(Answer | None, config=ConfigDict(ser_json_inf_nan="constants"))
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(Reason, st.builds(Reason, params=st.dictionaries(st.text(), st.from_type(Param))))


@settings(max_examples=50)
@given(st.from_type(Answer))
def test_an_answer_is_written_as_pydantic_would_and_reads_back_as_it_was(answer: Answer) -> None:
    written = write_answer(answer)
    assert written == AS_PYDANTIC_DOES.dump_json(answer).decode()
    assert write_answer(read_answer(written)) == written
    assert read_answer(written) == answer or "NaN" in written


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
