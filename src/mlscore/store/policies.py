"""Keeps the versions of each firm's policy: the document, who applied it, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, select

from mlscore.ports import PolicyVersion
from mlscore.scoring.policy import Policy, fingerprint, read_policy_text
from mlscore.store.engine import Database, lock
from mlscore.store.people.audit import note
from mlscore.store.tables import policies


@dataclass(frozen=True, slots=True)
class SqlPolicies:
    """The port `Policies`, in SQL."""

    database: Database

    def current(self, firm: str) -> PolicyVersion | None:
        """Return the newest version."""
        with self.database.reading() as connection:
            return _newest(connection, firm)

    def versions(self, firm: str) -> Sequence[PolicyVersion]:
        """Return every version, newest first."""
        with self.database.reading() as connection:
            return _read(connection, firm)

    def apply(self, firm: str, document: str, *, at: datetime, by: str, why: str) -> PolicyVersion:
        """Keep a TOML document as the newest version. The same content again adds none.

        Raises PolicyError with every fault of the document.
        """
        policy = _parsed(document)
        with self.database.writing() as connection:
            lock(connection, "policies", firm)
            newest = _newest(connection, firm)
            if newest is not None and newest.fingerprint == fingerprint(policy):
                return newest
            applied = PolicyVersion(
                policy=policy,
                document=document,
                version=newest.version + 1 if newest else 1,
                fingerprint=fingerprint(policy),
                applied_at=at,
                applied_by=by,
                why=why,
            )
            connection.execute(policies.insert().values(_row(firm, applied)))
            if newest is not None:  # what a firm starts with is nobody's change
                before = {"version": newest.version, "fingerprint": newest.fingerprint}
                after = {"version": applied.version, "fingerprint": applied.fingerprint, "why": why}
                note(
                    connection,
                    firm,
                    at=at,
                    who=by,
                    what="policies.applied",
                    subject="policy",
                    before=before,
                    after=after,
                )
        return applied


@lru_cache(maxsize=64)
def _parsed(document: str) -> Policy:
    # A policy is asked for with every deal and never changes once read.
    return read_policy_text(document)


def _newest(connection: Connection, firm: str) -> PolicyVersion | None:
    versions = _read(connection, firm, at_most=1)
    return versions[0] if versions else None


def _read(connection: Connection, firm: str, *, at_most: int | None = None) -> list[PolicyVersion]:
    p = policies.c
    query = (
        select(p.document, p.version, p.fingerprint, p.applied_at, p.applied_by, p.why)
        .where(p.firm == firm)
        .order_by(p.version.desc())
        .limit(at_most)
    )
    return [
        PolicyVersion(
            policy=_parsed(document),
            document=document,
            version=version,
            fingerprint=name,
            applied_at=applied_at,
            applied_by=applied_by,
            why=why,
        )
        for document, version, name, applied_at, applied_by, why in connection.execute(query)
    ]


def _row(firm: str, applied: PolicyVersion) -> dict[str, object]:
    return {
        "firm": firm,
        "version": applied.version,
        "document": applied.document,
        "fingerprint": applied.fingerprint,
        "applied_at": applied.applied_at,
        "applied_by": applied.applied_by,
        "why": applied.why,
    }
