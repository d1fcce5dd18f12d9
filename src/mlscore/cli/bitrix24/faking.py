"""`mlscore bitrix24 fake`: a portal that is none, to try everything out against."""

from __future__ import annotations

import signal
from threading import Event
from typing import Annotated

import typer

from mlscore.cli.console import err, out, refusing

PORT = 8024


def fake(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on the loopback; 0 takes a free one.")] = PORT,
    deals: Annotated[int, typer.Option(min=0, help="Open deals of the made-up firm; half as many leads.")] = 40,
    closed: Annotated[int, typer.Option(min=0, help="Deals closed in the last two years.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed makes the same firm.")] = 1,
    code: Annotated[str, typer.Option(help="The webhook's code, to keep its address; without it a new one.")] = "",
    events_to: Annotated[str | None, typer.Option(help="Where the portal sends events; else nobody is told.")] = None,
    token: Annotated[str | None, typer.Option(help="The application token of these events; else a new one.")] = None,
    pace: Annotated[float, typer.Option(min=0, help="Facts its people change a minute; 0 is a quiet day.")] = 0,
) -> None:
    """Play a Bitrix24 portal on the loopback: a firm that sells steam equipment, and every limit of the real one."""
    from mlscore.crm.bitrix24.fake import FakePortal, serve_portal

    ended = Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: ended.set())
    with refusing(), serve_portal(FakePortal(seed=seed, code=code), port=port) as served:
        served.admin.found(leads=deals // 2, deals=deals, closed=closed)
        out.print(f"Webhook address: {served.webhook}", highlight=False, soft_wrap=True, markup=False)
        if events_to is not None:
            handler = served.portal.tell_to(events_to, token)
            out.print(f"Application token: {handler.token}", highlight=False, soft_wrap=True, markup=False)
        for line in _NEXT:
            err.print(line.format(url=served.url), highlight=False, soft_wrap=True, markup=False)
        while not ended.wait(60 / pace if pace else None):
            served.admin.burst(changes=1)


_NEXT = (
    "This portal is made up and forgets everything when it ends; Ctrl-C ends it. In another terminal:",
    "  export MLSCORE_OUTGOING_ALLOWED='127.0.0.0/8, http://127.0.0.1'   # a real portal needs no such leave",
    "  mlscore bitrix24 connect          # asks for the webhook address above",
    "Change something in it as its people would, and see what came of that:",
    "  curl -d '{{\"changes\": 20}}' -H 'Content-Type: application/json' {url}/admin/burst",
    "  curl -d '{{}}' -H 'Content-Type: application/json' {url}/admin/figures",
)
