"""Keeps what a CRM kept in step needs: tasks, mirrors, how far each search has come, who holds the CRM."""

from mlscore.store.in_step.cursors import SqlCursors
from mlscore.store.in_step.holds import SqlHolds
from mlscore.store.in_step.mirrors import SqlMirrors
from mlscore.store.in_step.tasks import SqlTasks

__all__ = ["SqlCursors", "SqlHolds", "SqlMirrors", "SqlTasks"]
