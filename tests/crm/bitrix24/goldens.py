"""Answers and events as Bitrix24's documents print them, one a file."""

import json
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> dict[str, Any]:
    """Return one: about, method, request, http and answer; or about, body and event."""
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def names(prefix: str) -> list[str]:
    """Return the names that begin so."""
    return sorted(path.stem for path in GOLDEN.glob(f"{prefix}*.json"))
