"""Which scope each route asks of a key: every route is declared here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from mlscore.http.access.doors import PUBLIC
from mlscore.ports import KeyScope

MetricsFor = Literal["anyone", "admin"]

_DECLARED: Mapping[str, KeyScope | Literal["public"]] = {
    "POST /v1/score": "score",
    "POST /v1/score/batch": "score",
    "POST /v1/outcomes": "outcome",
    "POST /v1/events": "score",
    "POST /v1/events/{webhook_id}": PUBLIC,
    "POST /v1/bitrix24/events": PUBLIC,
    "GET /v1/scores": "read",
    "GET /v1/scores/{receipt_id}": "read",
    "GET /v1/deals/{deal_id}/scores": "read",
    "GET /v1/policy": "read",
    "GET /v1/model": "read",
    "GET /v1/comparison": "read",
    "GET /v2": PUBLIC,
    "GET /v2/": PUBLIC,
    "GET /v2/health/live": PUBLIC,
    "GET /v2/health/ready": PUBLIC,
    "GET /v2/models/{name}": "read",
    "GET /v2/models/{name}/ready": "read",
    "GET /v2/models/{name}/versions/{version}": "read",
    "GET /v2/models/{name}/versions/{version}/ready": "read",
    "GET /health/live": PUBLIC,
    "GET /health/ready": PUBLIC,
    "GET /openapi.json": PUBLIC,
    "GET /openapi-3.0.json": PUBLIC,
    "GET /docs": PUBLIC,
    "GET /docs/oauth2-redirect": PUBLIC,
}


def declared(*, metrics_for: MetricsFor = "anyone") -> Mapping[str, KeyScope | Literal["public"]]:
    """Return what each `METHOD /path` asks for."""
    return {**_DECLARED, "GET /metrics": "admin" if metrics_for == "admin" else PUBLIC}
