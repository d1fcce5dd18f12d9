"""A part that answers share is written once, and takes the memory of its text."""

import tracemalloc

from mlscore.http.json_answer import JsonAnswer, written_once

PARTS = 200


def test_a_part_written_once_stands_in_an_answer_as_it_would_have():
    part = {"code": "need", "text": "Нужен пар"}
    assert JsonAnswer({"reasons": [written_once(part)]}).body == JsonAnswer({"reasons": [part]}).body


def test_a_part_written_once_keeps_no_more_than_its_text():
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        parts = [written_once({"code": "need", "number": number}) for number in range(PARTS)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / len(parts) < 500
