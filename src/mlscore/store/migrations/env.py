"""Runs the migrations inside the transaction that `mlscore.store.migrating` has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
