"""Policy documents for tests: the shipped one, changed where a test says so."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mlscore.scoring.errors import Fault, PolicyError
from mlscore.scoring.policy import Policy, default_document, read_policy, read_policy_text


def a_document(**changes: Any) -> dict[str, Any]:
    """Return the shipped document; a table among the changes is laid over the shipped one."""
    document = tomllib.loads(default_document(), parse_float=Decimal)
    for key, value in changes.items():
        is_table = isinstance(value, Mapping) and isinstance(document.get(key), Mapping)
        document[key] = {**document[key], **value} if is_table else value
    return document


def a_criterion(**changes: Any) -> dict[str, Any]:
    """Return a right criterion."""
    row = {"code": "c", "field": "employees", "op": ">", "value": 5, "text_ru": "людей", "text_en": "people"}
    return row | changes


def policy_or_faults(document: str | Mapping[str, Any]) -> Policy | list[Fault]:
    """Read a document or a text; a refusal that lists nothing is a fault of ours."""
    try:
        return read_policy_text(document) if isinstance(document, str) else read_policy(document)
    except PolicyError as error:
        if not error.faults:
            raise
        return list(error.faults)


def faults_of(document: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a document, none where it is right."""
    read = policy_or_faults(document)
    return [] if isinstance(read, Policy) else read


def keys_of(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the key and the code of every fault."""
    return [(fault.key, fault.code) for fault in faults_of(document)]
