"""The smallest drills run with the tests; `make drill` runs them all, at length."""

from pathlib import Path

import pytest

from tests.drills import fuzzing
from tests.drills.telling import Ground


@pytest.mark.timeout(300)
def test_two_thousand_broken_requests_make_no_fault_of_ours(tmp_path: Path, database_url: str) -> None:
    seen = fuzzing.run(Ground(tmp_path, seed=5, scale=0.02, database=database_url))
    assert seen.is_kept, (seen.promises, (tmp_path / "faults").read_text(encoding="utf-8"))
