"""Words of tickets and talks

Full text as ``crm.full_text`` describes it; a change there needs a migration that makes these anew.
"""

from __future__ import annotations

from alembic import op

from crm.full_text import FullText

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = (FullText("ticket", ("subject",)), FullText("interaction", ("subject", "body")))


def upgrade() -> None:
    for index in INDEXES:
        for statement in index.creation(op.get_context().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for index in INDEXES:
        for statement in index.removal(op.get_context().dialect.name):
            op.execute(statement)
