"""Who uses the pages, where they are signed in, what they changed, and the numbers of the deals they begin."""

from mlscore.store.people.audit import SqlAudit
from mlscore.store.people.numbers import SqlNumbers
from mlscore.store.people.sessions import SqlSessions
from mlscore.store.people.users import SqlUsers

__all__ = ["SqlAudit", "SqlNumbers", "SqlSessions", "SqlUsers"]
