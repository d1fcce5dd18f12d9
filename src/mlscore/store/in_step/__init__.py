"""Keeps what a CRM kept in step needs: tasks, mirrors, and how far each search has come."""

from mlscore.store.in_step.cursors import SqlCursors
from mlscore.store.in_step.mirrors import SqlMirrors
from mlscore.store.in_step.tasks import SqlTasks

__all__ = ["SqlCursors", "SqlMirrors", "SqlTasks"]
