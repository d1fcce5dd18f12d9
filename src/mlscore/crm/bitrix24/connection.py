"""A portal's connection: a folder with a mapping, which anyone may read, and secrets, which only the service may."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from mlscore.scoring.errors import FaultyInputError

MAPPING = "mapping.toml"
SECRETS = "secrets.toml"


class Secrets(BaseModel):
    """What lets us in at the portal, and what shows that an event is the portal's own.

    `webhook` is the whole address of an incoming webhook; `token` the application token of the outgoing one, and
    `member_id` the portal it must name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    webhook: SecretStr
    token: SecretStr | None = None
    member_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One portal of one firm. The secrets print as stars."""

    mapping: Path
    secrets: Secrets


def read_connection(folder: Path) -> Connection | None:
    """Return a portal's connection, None where the folder has none. Raises FaultyInputError, never with a secret."""
    file = folder / SECRETS
    try:
        secrets = Secrets.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FaultyInputError(f"{file} cannot be read ({error.strerror}).") from None
    except ValidationError as error:
        wrong = ", ".join(sorted({str(fault["loc"][0]) for fault in error.errors(include_input=False)}))
        raise FaultyInputError(f"{file} needs webhook, and may have token and member_id: see {wrong}.") from None
    except ValueError:  # of TOML or of UTF-8, whose words would repeat what is in the file
        raise FaultyInputError(f"{file} is not TOML: run `mlscore bitrix24 connect` to write it anew.") from None
    return Connection(mapping=folder / MAPPING, secrets=secrets)
