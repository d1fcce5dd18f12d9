"""Databases as the rest of the store sees them: places to read from and to write to."""

from mlscore.store.engine.database import Database
from mlscore.store.engine.locks import lock
from mlscore.store.engine.opening import open_database
from mlscore.store.engine.ready import ReadyInsert, ReadyQuery
from mlscore.store.engine.statements import CHUNK_ROWS, chunks, holds, insert, insert_new
from mlscore.store.engine.waits import BRISK, PATIENT, Rest, Waits

__all__ = [
    "BRISK",
    "CHUNK_ROWS",
    "PATIENT",
    "Database",
    "ReadyInsert",
    "ReadyQuery",
    "Rest",
    "Waits",
    "chunks",
    "holds",
    "insert",
    "insert_new",
    "lock",
    "open_database",
]
