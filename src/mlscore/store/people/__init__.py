"""Who uses the pages, where they are signed in, and what they changed."""

from mlscore.store.people.audit import SqlAudit
from mlscore.store.people.sessions import SqlSessions
from mlscore.store.people.users import SqlUsers

__all__ = ["SqlAudit", "SqlSessions", "SqlUsers"]
