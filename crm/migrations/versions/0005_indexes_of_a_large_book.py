"""Indexes of a large book

Names of accounts and people as full text (``crm.full_text``), open contracts and the newest pulses apart from all the
others, and sums of movements from an index alone.

Revises 0004 on 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm.full_text import FullText

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORDS = (FullText("account", ("name_folded",)), FullText("contact", ("name_folded",)))
OPEN, CLOSED, CURRENCY = sa.text("closed_at IS NULL"), sa.text("closed_at IS NOT NULL"), sa.text("kind = 'currency'")
PARTIAL = (
    ("ix_arr_movement_currency", "arr_movement", ["account_id"], CURRENCY),
    ("ix_contract_closed_decides", "contract", ["decides_on"], CLOSED),
    ("ix_contract_open_account", "contract", ["account_id", "decides_on", "id", "agreement_id", "closed_at"], OPEN),
    ("ix_contract_open_decides", "contract", ["decides_on", "id"], OPEN),
    ("ix_pulse_newest", "pulse", ["account_id", "happened_at", "id", "colour", "closed_at"], OPEN),
)


def upgrade() -> None:
    op.drop_index("ix_arr_movement_account", table_name="arr_movement")
    op.create_index(
        "ix_arr_movement_account", "arr_movement", ["account_id", "effective_on", "currency", "amount_minor"]
    )
    op.drop_index("ix_contract_decides", table_name="contract")
    for name, table, columns, where in PARTIAL:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    _index_mail("text_pattern_ops")
    for index in WORDS:
        for statement in index.creation(op.get_context().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for index in WORDS:
        for statement in index.removal(op.get_context().dialect.name):
            op.execute(statement)
    _index_mail("text_ops")
    for name, table, _columns, where in reversed(PARTIAL):
        op.drop_index(name, table_name=table, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_contract_decides", "contract", ["decides_on"])
    op.drop_index("ix_arr_movement_account", table_name="arr_movement")
    op.create_index("ix_arr_movement_account", "arr_movement", ["account_id", "effective_on"])


def _index_mail(operators: str) -> None:
    """PostgreSQL finds beginnings by an index only where it is told to; SQLite's does both."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_contact_email_folded")
        op.execute(f"CREATE INDEX ix_contact_email_folded ON contact (lower(email) {operators})")
