"""Webhooks tell more, and say why not in the reader's language

Revises 0003 on 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = ("health.band_worsened", "account.stage_changed", "account.owner_changed", "test")
NEW = ("risk.opened", "renewal.forecast_worsened", "ticket.urgent_late")
CHECK = "ck_webhook_delivery_kind_known"


def upgrade() -> None:
    op.create_table(
        "webhook_told",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_webhook_told")),
    )
    op.create_index(op.f("ix_webhook_told_at"), "webhook_told", ["at"], unique=False)
    op.add_column("calendar_feed", sa.Column("error_values", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("webhook_delivery", sa.Column("error_values", sa.JSON(), server_default="{}", nullable=False))
    _allow((*BEFORE[:-1], *NEW, BEFORE[-1]))


def downgrade() -> None:
    op.execute(
        sa.text("DELETE FROM webhook_delivery WHERE kind IN :new").bindparams(sa.bindparam("new", NEW, expanding=True))
    )
    _allow(BEFORE)
    op.drop_column("webhook_delivery", "error_values")
    op.drop_column("calendar_feed", "error_values")
    op.drop_index(op.f("ix_webhook_told_at"), table_name="webhook_told")
    op.drop_table("webhook_told")


def _allow(kinds: tuple[str, ...]) -> None:
    """SQLite cannot change a CHECK: there the table is made anew, from what it is written to be."""
    if op.get_context().dialect.name == "sqlite":
        with op.batch_alter_table("webhook_delivery", recreate="always", copy_from=_delivery(kinds)):
            pass
        return
    op.drop_constraint(op.f(CHECK), "webhook_delivery", type_="check")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f(CHECK), "webhook_delivery", f"kind IN ({listed})")


def _delivery(kinds: tuple[str, ...]) -> sa.Table:
    table_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Table(
        "webhook_delivery",
        sa.MetaData(),
        sa.Column("id", table_id, autoincrement=False, nullable=False),
        sa.Column("endpoint_id", table_id, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("next_try_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("error_values", sa.JSON(), server_default="{}", nullable=False),
        sa.CheckConstraint(sa.column("kind").in_(kinds), name=op.f(CHECK)),
        sa.CheckConstraint(
            sa.column("state").in_(("queued", "sent", "dead")), name=op.f("ck_webhook_delivery_deliverystate_known")
        ),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_delivery_endpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.Index("ix_webhook_delivery_due", "state", "next_try_at"),
        sa.Index("ix_webhook_delivery_endpoint", "endpoint_id", "created_at", "id"),
    )
