"""What an administrator may set, by environment variables that begin with MLSCORE_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, with its default; a value that cannot be used is refused when it is read."""

    model_config = SettingsConfigDict(env_prefix="MLSCORE_", env_ignore_empty=True, extra="ignore", frozen=True)

    database: str = Field(
        "sqlite:///mlscore.db", description="Where the store is: sqlite:///FILE or postgresql://USER@HOST/NAME."
    )
    models: Path = Field(Path("models"), description="The folder of model bundles.")
    spool: Path = Field(
        Path("spool"), description="The folder where receipts wait while the database is away; on a disk of its own."
    )
    host: str = Field("127.0.0.1", description="The address to listen on; put a proxy with TLS before any other.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    policy: Path | None = Field(None, description="A TOML file that pins the policy of every firm.")
    language: Literal["en", "ru"] = Field(
        "en", description="The language of answers to requests that name none of ours in Accept-Language."
    )
    firm: str = Field(
        "main",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
        description="The firm the command line works for, and whose model readiness is about.",
    )
    tracking_uri: str = Field(
        "sqlite:///mlflow.db", description="The MLflow server, read by training and `mlscore follow` only."
    )
    shadow: bool = Field(True, description="Whether a challenger scores every deal too; it never decides.")
    exceptions_per_seller: int = Field(
        3, ge=0, description="How many deals below the floor, approved and not paid back yet, a seller may have."
    )
    trusted_keys: str = Field(
        "", description="Public keys, parted by commas: only bundles signed by one of them serve. Empty: any may."
    )
    signing_key: Path | None = Field(
        None, description="The file of the key that signs new bundles; on the machine that trains, and no other."
    )
    outgoing_allowed: str = Field(
        "",
        description="Hosts and networks that may be called although they lie inside, such as a CRM of your own: "
        "`crm.local, 10.1.0.0/16, http://old-crm.local`.",
    )
    bitrix24: Path = Field(
        Path("bitrix24"), description="The folder of the Bitrix24 connection, as `mlscore bitrix24 connect` makes it."
    )
    docs: bool = Field(True, description="Whether `/docs` and `/openapi.json` are served.")
    metrics_for: Literal["anyone", "admin"] = Field(
        "anyone", description="Who may read `/metrics`: anyone who reaches the port, or a key with the scope admin."
    )
    rate_limit: int = Field(
        600_000, ge=0, description="Requests a minute a key may make, unless it has a rate of its own; 0 is no limit."
    )
    workers: int = Field(
        1, ge=1, description="How many processes answer together: each allows a key its share of the rate."
    )
    request_text_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="For how many days `mlscore retention` leaves request texts; without it they stay.",
    )
    backups: Path | None = Field(
        None, description="Where `mlscore backup` puts copies, and `mlscore doctor` looks how old the newest is."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    behind_tls: bool = Field(
        False, description="Whether browsers reach the pages over TLS although requests arrive without it."
    )
    requests_at_once: int = Field(
        256, ge=1, description="How many requests a worker answers at once; those beyond get 503 and Retry-After."
    )
    connections: int = Field(1_000, ge=1, description="How many connections a worker holds.")
    body_seconds: float = Field(10.0, gt=0, description="How long the body of a request may take to arrive.")
    answer_seconds: float = Field(30.0, gt=0, description="How long an answer may take before it is given up with 503.")
    drain_seconds: float = Field(
        1.0, ge=0, description="How long a worker told to end is not ready and still answers, for balancers to notice."
    )
    max_body_bytes: int = Field(
        4_000_000, ge=1_000, description="The largest request body; one deal may take 1 000 000 bytes at most."
    )
