"""Writes a connection's two files: the mapping, for people to read and change, and the secrets, for nobody."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlscore.crm.bitrix24.connection import MAPPING, SECRETS, Secrets
from mlscore.crm.bitrix24.mapping.score_fields import SCORE_FIELDS
from mlscore.crm.bitrix24.setup.looking import Stage
from mlscore.crm.bitrix24.setup.proposing import Proposal, Term
from mlscore.crm.bitrix24.setup.words import STAGE_WORDS
from mlscore.ports import ItemKind
from mlscore.scoring.errors import FaultyInputError

_ONLY_THE_OWNER = 0o600
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_OUTCOME = "realised_profit"
_HEAD = """\
# What the fields of the portal mean, written by `mlscore bitrix24 connect` and yours to change; it holds no secret.
# docs/bitrix24.md tells what may stand here. Facts marked "guess" were told by a field's title: look at each of them.
"""
_SHOWN = "# Where the answer is shown. A line taken out is not shown; the fields are on leads and deals alike."
_MOVED = "# Where leads go by their route, once the policy says crm.automatic_moves = true. Until then nothing moves."


def mapping_text(
    proposed: Mapping[ItemKind, Sequence[Proposal]],
    *,
    funnels: Sequence[int],
    stages: Sequence[Stage] = (),
    shown: Sequence[str] | None = None,
    pages_address: str = "",
) -> str:
    """Return the mapping as TOML; `shown` names the keys of the score fields there are, all where it is None."""
    lines = [_HEAD]
    for kind, facts in proposed.items():
        lines += [f"[{kind}]", *([f"funnels = {_value(funnels)}"] if kind == "deal" and funnels else []), ""]
        lines += [f"[{kind}.facts]", *(_line(one) for one in facts if one.fact != _OUTCOME), ""]
        ends = [_line(one) for one in facts if one.fact == _OUTCOME]
        lines += [f"[{kind}.outcome]", *ends, ""] if ends else []
    lines += [_SHOWN, "[write]"]
    lines += [f"{one.key} = {_value(one.name)}" for one in SCORE_FIELDS if shown is None or one.key in shown]
    lines += [f"pages_address = {_value(pages_address)}"] if pages_address else []
    moves = dict(_moves(stages)) if "lead" in proposed and (shown is None or "route" in shown) else {}
    if moves:
        lines += ["", _MOVED, "[moves.lead]", *(f"{route} = {_value(code)}" for route, code in moves.items())]
    return "\n".join(lines) + "\n"


def write_mapping(folder: Path, text: str) -> Path:
    """Put the mapping in the place of an earlier one, which stays beside it."""
    file = folder / MAPPING
    if file.exists():
        file.replace(file.with_suffix(".toml.before"))
    _put(file, text, mode=0o644)
    return file


def write_secrets(folder: Path, secrets: Secrets) -> Path:
    """Put the secrets where only their owner reads them. Raises FaultyInputError where that cannot be."""
    given = {
        "webhook": secrets.webhook.get_secret_value(),
        "token": None if secrets.token is None else secrets.token.get_secret_value(),
        "member_id": secrets.member_id,
    }
    lines = [f"{name} = {_value(value)}" for name, value in given.items() if value is not None]
    file = folder / SECRETS
    _put(file, "\n".join(["# Whoever reads this opens the portal: show it to nobody.", *lines]) + "\n")
    return file


def _put(file: Path, text: str, *, mode: int = _ONLY_THE_OWNER) -> None:
    """Write a file whole or not at all, never readable for longer than it should be."""
    beside = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    except OSError as error:
        raise FaultyInputError(f"{file} cannot be written ({error.strerror}).") from None


def _line(one: Proposal) -> str:
    written = _value(one.column) if not one.terms else _table({"column": one.column, **one.terms})
    title = " ".join(one.title.split())
    return f"{one.fact} = {written}  # {'guess: ' if one.is_guess else ''}{title}".rstrip()


def _table(terms: Mapping[str, Term | float]) -> str:
    inner = ", ".join(f"{_key(name)} = {_value(value)}" for name, value in terms.items())
    return f"{{ {inner} }}"


def _value(value: Term | Sequence[int] | float) -> str:
    if isinstance(value, Mapping):
        return _table(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # JSON writes texts, numbers, true and false as TOML does.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _value(name)


def _moves(stages: Sequence[Stage]) -> Iterator[tuple[str, str]]:
    """Yield the stage of each route that has one; which lead becomes a deal is a person's to say."""
    for route, words in STAGE_WORDS.items():
        found = next((one.code for one in stages if not one.is_final and words.search(one.name)), None)
        if found is not None:
            yield route, found
    if any(one.code == "JUNK" for one in stages):
        yield "reject", "JUNK"
