"""A key that comes twice is found wherever it stands, and nothing else is taken for one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.http.json_body import read_json
from mlscore.http.problems import ProblemError

LETTERS = st.characters(codec="utf-8", exclude_characters="\x00")
TEXTS = st.text(LETTERS, max_size=8) | st.sampled_from(['":', '": ', ':"', '\\":', '"'])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


@given(DOCUMENTS, st.booleans(), st.sampled_from([(",", ":"), (", ", " \t: "), (" ,\n", "\r\n:")]))
def test_a_document_in_which_no_key_comes_twice_is_read(document: Any, escapes: bool, parted: tuple[str, str]) -> None:
    assert read_json(json.dumps(document, ensure_ascii=escapes, separators=parted).encode()) == document


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"a" :1,"a" : 2}',
        b'{"a"\n\t\r :1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"deals":[{"a":[{"b":1,"b":1}]}]}',
        b'{"":1,"":2}',
        b'{"\\":":1,"\\":":2}',
        b'{"a":"\\":","b":1,"b":2}',
        b'[{"a":{}},{"a":{"c":1,"c":{}}}]',
    ],
)
def test_a_key_that_comes_twice_is_refused(body: bytes) -> None:
    with pytest.raises(ProblemError, match="repeated_key"):
        read_json(body)


def test_what_is_nested_too_deep_is_told_so_for_it_is_json_all_the_same() -> None:
    with pytest.raises(ProblemError) as caught:
        read_json(b'{"deal_id":"D","extra":' + b'{"a":' * 500 + b"1" + b"}" * 501)
    assert caught.value.problem.body("en")["detail"] == (
        "The brackets of the body are nested too deep: see line 1, column 1,024. Take some out."
    )
