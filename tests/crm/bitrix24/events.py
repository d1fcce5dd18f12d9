"""Events as a portal sends them, and the connection that shows they are its own."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from mlscore.crm.bitrix24.events import PortalEvents

TOKEN = "jvh9-the-token"
MEMBER = "d897"


def a_connection(folder: Path, *, token: str | None = TOKEN, member_id: str | None = None) -> PortalEvents:
    lines = ['webhook = "https://some.bitrix24.example/rest/1/code/"']
    lines += [f'{name} = "{said}"' for name, said in (("token", token), ("member_id", member_id)) if said is not None]
    (folder / "secrets.toml").write_text("\n".join(lines), encoding="utf-8")
    return PortalEvents(folder)


def an_event(name: str = "ONCRMDEALUPDATE", item_id: str = "759", **fields: str) -> bytes:
    said = {
        "event": name,
        "event_handler_id": "201",
        "data[FIELDS][ID]": item_id,
        "ts": "1736405807",
        "auth[domain]": "some.bitrix24.example",
        "auth[member_id]": MEMBER,
        "auth[application_token]": TOKEN,
    }
    return urlencode({**said, **fields}).encode()
