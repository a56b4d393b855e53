"""Alembic's entry: runs revisions on the connection that `exchange.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from exchange.store.types import metadata, render_item

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    transactional_ddl=True,  # the engine says BEGIN itself, so SQLite takes schema changes back too
)
with context.begin_transaction():
    context.run_migrations()
