"""Keeps what a CRM kept in step needs: tasks, mirrors, cursors, holds, and pages of its past."""

from mlscore.store.in_step.cursors import SqlCursors
from mlscore.store.in_step.holds import SqlHolds
from mlscore.store.in_step.mirrors import SqlMirrors
from mlscore.store.in_step.pages import SqlPages
from mlscore.store.in_step.tasks import SqlTasks

__all__ = ["SqlCursors", "SqlHolds", "SqlMirrors", "SqlPages", "SqlTasks"]
