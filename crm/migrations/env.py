"""Alembic's entry: one connection, given by ``crm.migrate``; one transaction a migration, on both databases."""

from __future__ import annotations

import warnings

from alembic import context

import crm.slices  # noqa: F401 - every table of every slice
from crm.db import metadata
from crm.full_text import SUFFIX

# SQLite's indexes on expressions cannot be read back; tests/crm/test_migrate.py looks at them by name.
warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression-based index")


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Indexes of full text stand beside the tables (``crm.full_text``), on SQLite as tables of their own."""
    return name is None or kind not in ("table", "index") or SUFFIX not in name


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    include_name=is_ours,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=True,
    user_module_prefix="sqlmodel.sql.sqltypes.",
)
with context.begin_transaction():
    context.run_migrations()
