"""Service policies, working hours and the clock of the next answer

Tickets that are there already get the clock of the next answer, and the targets of written channels, from a job.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from crm.ids import new_id

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_calendar",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_calendar")),
    )
    op.create_table(
        "closed_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("calendar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("set_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["calendar_id"], ["work_calendar.id"], name=op.f("fk_closed_day_calendar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_day")),
    )
    op.create_index(
        "uq_closed_day_held",
        "closed_day",
        ["calendar_id", "day"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "service_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("tier", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("calendar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("set_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("NOT withdrawn OR tier <> '' OR channel <> ''", name=op.f("ck_service_rule_last_resort")),
        sa.ForeignKeyConstraint(["calendar_id"], ["work_calendar.id"], name=op.f("fk_service_rule_calendar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_rule")),
    )
    op.create_index(
        "uq_service_rule_held",
        "service_rule",
        ["tier", "channel", "from_on"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "work_hours",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("calendar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("time_zone", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        sa.Column("country", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("region", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("set_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("region = '' OR country <> ''", name=op.f("ck_work_hours_region_of_a_country")),
        sa.ForeignKeyConstraint(["calendar_id"], ["work_calendar.id"], name=op.f("fk_work_hours_calendar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_hours")),
    )
    op.create_index(
        "uq_work_hours_held",
        "work_hours",
        ["calendar_id", "from_on"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "service_target",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "clock",
            sa.Enum(
                "first_answer",
                "next_answer",
                "resolution",
                name="clock_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 60000", name=op.f("ck_service_target_minutes_believable")),
        sa.CheckConstraint("priority BETWEEN 1 AND 4", name=op.f("ck_service_target_priority_known")),
        sa.ForeignKeyConstraint(["rule_id"], ["service_rule.id"], name=op.f("fk_service_target_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_target")),
        sa.UniqueConstraint("rule_id", "clock", "priority", name=op.f("uq_service_target_rule_id_clock_priority")),
    )
    op.add_column("ticket", sa.Column("next_answer_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("ticket", sa.Column("next_answers", sa.Integer(), server_default="0", nullable=False))
    op.add_column("ticket", sa.Column("next_answers_late", sa.Integer(), server_default="0", nullable=False))
    op.add_column("ticket_span", sa.Column("next_answer_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))

    _ask_for_clocks_anew()


def _ask_for_clocks_anew() -> None:
    bind = op.get_bind()
    if bind.execute(sa.text("SELECT 1 FROM ticket LIMIT 1")).first() is None:
        return
    now = datetime.now(UTC)
    instant = sqlmodel.sql.sqltypes.UTCDateTime()
    job = sa.table(
        "job",
        *(sa.column(name) for name in ("id", "name", "state", "result", "error", "token", "attempts", "done")),
        sa.column("cancel_asked", sa.Boolean()),
        sa.column("arguments", sa.JSON()),
        sa.column("due_at", instant),
        sa.column("created_at", instant),
    )
    op.execute(
        job.insert().values(
            id=new_id(),
            name="support.clocks_anew",
            state="waiting",
            result="",
            error="",
            token=0,
            attempts=0,
            done=0,
            cancel_asked=False,
            arguments={"opened_from": None, "open_from": None},
            due_at=now,
            created_at=now,
        )
    )


def downgrade() -> None:
    op.drop_column("ticket_span", "next_answer_due_at")
    op.drop_column("ticket", "next_answers_late")
    op.drop_column("ticket", "next_answers")
    op.drop_column("ticket", "next_answer_due_at")
    op.drop_table("service_target")
    op.drop_index(
        "uq_work_hours_held",
        table_name="work_hours",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("work_hours")
    op.drop_index(
        "uq_service_rule_held",
        table_name="service_rule",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("service_rule")
    op.drop_index(
        "uq_closed_day_held",
        table_name="closed_day",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("closed_day")
    op.drop_table("work_calendar")
