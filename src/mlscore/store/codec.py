"""Writes facts and answers as JSON that reads back exactly the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, cast

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import SchemaSerializer, from_json, to_json
from pydantic_core.core_schema import CoreConfig

from mlscore.scoring.deal import FACTS, Deal, Kind, Value
from mlscore.scoring.receipt import Answer

_READ = {Kind.DATE: date.fromisoformat, Kind.MOMENT: datetime.fromisoformat}
_READ_FACT = {name: _READ[fact.kind] for name, fact in FACTS.items() if fact.kind in _READ}
"""How to read the facts that JSON has no kind of value for."""

_FACTS_OF = attrgetter(*FACTS)

_PLAINER = {"enum": "str", "union": "any"}
"""What values of these types are to pydantic when all it does is write them: members of our enums are strings."""

TEXT = "request_text"
"""What people wrote: no model reads it, and it is not kept as long as the rest."""


def write_facts(deal: Deal) -> str:
    """Write the known facts of a deal; its id lies with the receipt."""
    written: dict[str, Any] = {
        name: value for name, value in zip(FACTS, _FACTS_OF(deal), strict=True) if value is not None
    }
    for name in _READ_FACT:
        if name in written:
            written[name] = written[name].isoformat()
    if deal.extra:
        written["extra"] = {name: _tagged(value) for name, value in deal.extra.items()}
    return to_json(written).decode()


def read_facts(deal_id: str, text: str) -> Deal:
    """Read the facts of a deal; one that this version does not know is passed over."""
    written: dict[str, Any] = json.loads(text)
    extra: Mapping[str, Any] = written.pop("extra", {})
    known: dict[str, Any] = {
        name: _READ_FACT[name](value) if name in _READ_FACT else value
        for name, value in written.items()
        if name in FACTS
    }
    return Deal(deal_id=deal_id, extra={name: _untagged(value) for name, value in extra.items()}, **known)


def without_text(text: str) -> str:
    """Return facts as they were written, without the request's own text."""
    written = json.loads(text)
    written.pop(TEXT, None)
    return to_json(written).decode()


def write_answer(answer: Answer) -> str:
    """Write an answer."""
    return _writer().to_json(answer).decode()


def read_answer(text: str) -> Answer:
    """Read an answer."""
    return cast("Answer", _answers().validate_json(text))


def read_probability(text: str) -> float | None:
    """Read of an answer only the model's probability, None where no model answered: read_answer would build it all."""
    model = from_json(text)["model"]
    return None if model is None else float(model["probability"])


@cache
def _writer() -> SchemaSerializer:
    return SchemaSerializer(_made_plain(_answers().core_schema), CoreConfig(ser_json_inf_nan="constants"))


def _made_plain(schema: Any) -> Any:  # noqa: ANN401 - whatever a schema of pydantic is made of
    """Return a schema that writes the same text in three quarters of the time: it asks of no value if it may be."""
    if isinstance(schema, list):
        return [_made_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plainer = _PLAINER.get(schema.get("type", ""))
    if plainer is None:
        return {name: _made_plain(part) for name, part in schema.items()}
    return {"type": plainer, **({"ref": schema["ref"]} if "ref" in schema else {})}


@cache
def _answers() -> TypeAdapter[Answer | None]:
    # A dataclass alone takes no settings; NaN written as null could never be read again.
    return TypeAdapter(Answer | None, config=ConfigDict(ser_json_inf_nan="constants"))


def _tagged(value: Value) -> Value | dict[str, Value]:
    """Name the kind of a custom fact's date or moment: it has no declaration here to tell it from a text."""
    if isinstance(value, datetime):
        return {Kind.MOMENT: value.isoformat()}
    return {Kind.DATE: value.isoformat()} if isinstance(value, date) else value


def _untagged(value: Any) -> Value:  # noqa: ANN401 - what JSON holds may be of any kind
    if not isinstance(value, dict):
        plain: Value = value
        return plain
    [(kind, written)] = value.items()
    read: Value = _READ[Kind(kind)](written)
    return read
