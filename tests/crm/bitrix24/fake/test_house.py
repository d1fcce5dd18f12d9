"""The fake is for tests, drills and demos: nothing that serves imports it."""

from pathlib import Path

import mlscore

ROOM = Path(mlscore.__file__).parent
ITS_COMMAND = ROOM / "cli" / "bitrix24" / "faking.py"


def test_only_its_command_imports_it() -> None:
    fake = ROOM / "crm" / "bitrix24" / "fake"
    outside = [path for path in ROOM.rglob("*.py") if fake not in path.parents and path != ITS_COMMAND]
    assert [path for path in outside if "bitrix24.fake" in path.read_text(encoding="utf-8")] == []
    assert "bitrix24.fake" in ITS_COMMAND.read_text(encoding="utf-8")
