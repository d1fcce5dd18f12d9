"""Builds small files, mappings and policies, each saying only what its test is about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlscore.crm.csv_file import CsvHistory, read_history
from mlscore.scoring.errors import Fault, MappingError
from mlscore.scoring.policy import CustomFact, Policy
from mlscore.scoring.policy.document import default_policy

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_policy(*custom_facts: CustomFact) -> Policy:
    return replace(default_policy(), custom_facts=custom_facts)


def a_file(folder: Path, text: str, *, name: str = "deals.csv", encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def a_mapping(folder: Path, text: str, *, ids: str = 'column = "id"') -> Path:
    """Write a mapping: `text`, and an id unless it has one."""
    file = folder / "mapping.toml"
    file.write_text(text if "[id]" in text else f"{text}\n[id]\n{ids}\n", encoding="utf-8")
    return file


def read(file: Path, mapping: Path, *, custom_facts: Sequence[CustomFact] = (), now: datetime = NOW) -> CsvHistory:
    return read_history(file, mapping=mapping, policy=a_policy(*custom_facts), now=now)


def faults_of(file: Path, mapping: Path, *, custom_facts: Sequence[CustomFact] = ()) -> list[Fault]:
    with pytest.raises(MappingError) as caught:
        read(file, mapping, custom_facts=custom_facts)
    return list(caught.value.faults)


def codes(faults: Sequence[Fault]) -> set[tuple[str, str]]:
    return {(fault.key, fault.code) for fault in faults}
