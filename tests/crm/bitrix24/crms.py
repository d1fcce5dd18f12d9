"""The connector on a fake portal, without a network between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2

from mlscore.crm.bitrix24.client import Portal
from mlscore.crm.bitrix24.client.bucket import Bucket, Pace
from mlscore.crm.bitrix24.fake import FakePortal
from mlscore.crm.bitrix24.fake.fields import DEAL, LEAD, UserField
from mlscore.crm.bitrix24.mapping import SCORE_FIELDS, read_portal_mapping_text
from mlscore.crm.bitrix24.portal_crm import PortalCrm
from mlscore.ports import Item, ItemKind, SeenItem
from mlscore.scoring.policy import Policy, default_policy
from tests.crm.bitrix24.fake.portals import a_portal

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "bitrix24" / "mapping.toml"
Asked = list[tuple[str, Mapping[str, Any]]]


def calling(fake: FakePortal, *, refused: Mapping[str, str] | None = None) -> tuple[Portal, Asked]:
    """Give a caller of a fake portal, and the list of what it asks.

    Commands of a batch that hold a text among `refused` are refused with its code, without being run; those put off
    with OPERATION_TIME_LIMIT once only.
    """
    left = dict(refused or {})
    asked: Asked = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        _, user, code, method = request.url.path.strip("/").split("/")
        params = json.loads(request.content)
        asked.append((method, params))
        commands = params.get("cmd", {})
        errors = {n: c for text, c in left.items() for n, command in commands.items() if text in command}
        for text in [text for text, code in left.items() if errors and code == "OPERATION_TIME_LIMIT"]:
            del left[text]
        if errors:
            params = {**params, "cmd": {n: command for n, command in commands.items() if n not in errors}}
        status, body = fake.answer(user, code, method, params)
        if errors:
            told = {n: {"error": code, "error_description": ""} for n, code in errors.items()}
            body["result"]["result_error"] = {**(body["result"]["result_error"] or {}), **told}
        return httpx2.Response(status, json=body)

    address = f"https://firm.bitrix24.ru/rest/{fake.user}/{fake.code}/"
    client = httpx2.Client(base_url=address, transport=httpx2.MockTransport(reply))
    bucket = Bucket(Pace(), monotonic=lambda: 0.0, sleep=lambda _: None)
    return Portal(client, "firm.bitrix24.ru", bucket, 60.0, lambda: 0.0, lambda _: None), asked


def with_score_fields(fake: FakePortal, *, types: Mapping[str, str] | None = None) -> FakePortal:
    """Make the score fields on leads and deals, some of other `types` than proposed."""
    for kind in (LEAD, DEAL):
        for number, one in enumerate(SCORE_FIELDS, start=900):
            made = UserField(
                number=number, name=one.name, type=(types or {}).get(one.key, one.type), label=one.label_ru
            )
            made.settings = one.settings
            fake.state.user_fields[kind][one.name] = made
    return fake


def a_crm(
    fake: FakePortal | None = None,
    *,
    mapping: str | None = None,
    policy: Callable[[], Policy] = default_policy,
    refused: Mapping[str, str] | None = None,
) -> tuple[PortalCrm, FakePortal, Asked]:
    """Give the connector of the example's mapping, the made-up firm's portal with score fields, and what is asked."""
    portal = fake or with_score_fields(a_portal())
    caller, asked = calling(portal, refused=refused)
    terms = read_portal_mapping_text(mapping or EXAMPLE.read_text(encoding="utf-8"))
    return PortalCrm(caller, terms, policy=policy), portal, asked


def seen(crm: PortalCrm, kind: ItemKind, number: int) -> SeenItem:
    """Fetch one item that is there."""
    [found] = crm.fetch([Item(kind=kind, item_id=str(number))])
    assert isinstance(found, SeenItem)
    return found
