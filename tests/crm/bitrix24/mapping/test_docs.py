"""The paper on the mapping says what the code does."""

import re
from pathlib import Path

from mlscore.crm.bitrix24.mapping import SCORE_FIELDS
from mlscore.crm.bitrix24.mapping.terms import GOODS_COLUMNS, KNOWN_LATE

DOCS = Path(__file__).parents[4] / "docs"
PAPER = next(
    text
    for name in ("bitrix24-mapping.md", "bitrix24.md")
    if (DOCS / name).exists() and "## Mapping" in (text := (DOCS / name).read_text(encoding="utf-8"))
)


def test_every_score_field_is_told_of_with_its_proposal():
    told = re.findall(r"^\| `(\w+)` \| `(UF_CRM_\w+)` \| (\w+) \|", PAPER, re.MULTILINE)
    assert told == [(one.key, one.name, one.type) for one in SCORE_FIELDS]


def test_every_column_of_goods_is_told_of():
    assert all(f"`{column}`" in PAPER for column in GOODS_COLUMNS)


def test_what_is_named_as_known_too_late_is_refused():
    passage = PAPER[PAPER.index("### What may not be a fact") :]
    named = re.findall(r"`(\w+)`", passage[: passage.index("### `[write]`")])
    assert set(named) <= KNOWN_LATE
    assert len(named) >= 5


def test_every_proposed_name_is_one_the_portal_takes() -> None:
    assert [one.name for one in SCORE_FIELDS if len(one.name) > 20 or not one.name.startswith("UF_CRM_SCORE_")] == []
