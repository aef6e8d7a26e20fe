"""What this slice contributes to the list of accounts: name, money, decision, next step, last talk, owner, stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, false, func, literal, or_, select, true
from sqlmodel import col

from accounts.models import Account, Interaction, Stage, Task, Tier
from accounts.models.account import STAGE_TITLES, TIER_TITLES
from accounts.money import major
from accounts.rights import reads_money_of
from crm.config import get_settings
from crm.contracts import AccountColumn, AnySelect, ColumnContext, ColumnFilter
from crm.db import table_of
from crm.identity.models import User
from crm.text import N_, Text, text
from crm.viewer import Capability

NOBODY = "nobody"


# --- sources ---------------------------------------------------------------------------------------------------------


def _money(context: ColumnContext) -> AnySelect:
    """ARR where the viewer may read it: NULL elsewhere, so that it is neither shown, nor sorted by, nor summed."""
    may = reads_money_of(col(Account.id), context.viewer)
    amount: Any = col(Account.arr_minor)
    if may is None:
        amount = case((false(), amount))
    elif not isinstance(may, type(true())):
        amount = case((may, amount))
    return select(col(Account.id).label("account_id"), amount.label("arr_minor"), col(Account.currency))


def _make_next_step() -> AnySelect:
    of, task, due = (table_of(model).alias(name) for model, name in ((Account, "of"), (Task, "task"), (Task, "due")))
    first = (
        select(due.c.id)
        .where(due.c.account_id == of.c.id, due.c.done_at.is_(None))
        .order_by(due.c.due_on, due.c.id)
        .limit(1)
        .correlate(of)
        .scalar_subquery()
    )
    return select(of.c.id.label("account_id"), task.c.id.label("task_id"), task.c.title, task.c.due_on).join_from(
        of, task, task.c.id == first
    )


_NEXT_STEP = _make_next_step()  # the same for everybody at any time: made once


def _next_step(context: ColumnContext) -> AnySelect:
    """The open task that is due first."""
    return _NEXT_STEP


def _last_talk(context: ColumnContext) -> AnySelect:
    """The last time both sides spoke, up to now."""
    return (
        select(col(Interaction.account_id).label("account_id"), func.max(col(Interaction.happened_at)).label("at"))
        .where(
            col(Interaction.two_way).is_(True),
            col(Interaction.closed_at).is_(None),
            col(Interaction.happened_at) <= context.now,
        )
        .group_by(col(Interaction.account_id))
    )


def _owner(context: ColumnContext) -> AnySelect:
    return select(col(Account.id).label("account_id"), col(User.name)).join(User, col(User.id) == col(Account.owner_id))


# --- filters ---------------------------------------------------------------------------------------------------------


def _tiers(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [(tier.value, text(title)) for tier, title in TIER_TITLES.items()]


def _in_tiers(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    return source.c.tier.in_([tier for tier in Tier if tier.value in values])


def _stages(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [
        *((stage.value, text(title)) for stage, title in STAGE_TITLES.items()),
        ("any", text(N_("any, also churned"))),
    ]


def _in_stages(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    if "any" in values:
        return true()
    return source.c.stage.in_([stage for stage in Stage if stage.value in values])


def _nobody(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [(NOBODY, text(N_("nobody yet")))]


def _owners(context: ColumnContext) -> AnySelect:
    owns = select(col(Account.id)).where(col(Account.owner_id) == col(User.id)).exists()  # one account is enough
    return select(col(User.id), col(User.name)).where(owns)


def _owned_by(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    ids = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= 19]
    conditions = [source.c.owner_id.in_([one for one in ids if one < 2**63])]
    if NOBODY in values:
        conditions.append(source.c.owner_id.is_(None))
    return or_(*conditions)


def quarter_of(day: date) -> tuple[date, date]:
    """First day of the quarter of ``day`` and of the next one."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return first, date(first.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)


def _decision_times(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [
        ("30", text(N_("within 30 days"))),
        ("90", text(N_("within 90 days"))),
        ("180", text(N_("within 180 days"))),
        ("quarter", text(N_("this quarter"))),
        ("past", text(N_("the day has passed"))),
        ("unknown", text(N_("no contract known"))),
    ]


def _decides(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    day = source.c.decides_on
    conditions: list[ColumnElement[bool]] = []
    for value in values:
        if value in ("30", "90", "180"):
            conditions.append(day.between(context.today, context.today + timedelta(days=int(value))))
        elif value == "quarter":
            first, after = quarter_of(context.today)
            conditions.append((day >= first) & (day < after))
        elif value == "past":
            conditions.append(day < context.today)
        elif value == "unknown":
            conditions.append(day.is_(None))
    return or_(*conditions) if conditions else false()


def _plans(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [("none", text(N_("nothing planned"))), ("late", text(N_("late"))), ("week", text(N_("within 7 days")))]


def _planned(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if "none" in values:
        conditions.append(source.c.task_id.is_(None))
    if "late" in values:
        conditions.append(source.c.due_on < context.today)
    if "week" in values:
        conditions.append(source.c.due_on.between(context.today, context.today + timedelta(days=7)))
    return or_(*conditions) if conditions else false()


# --- totals ----------------------------------------------------------------------------------------------------------


def _money_total(source: FromClause, context: ColumnContext) -> Mapping[str, ColumnElement[Any]]:
    """In home currency; what stands in others is counted, not converted."""
    home = get_settings().currency
    return {
        "arr_minor": func.coalesce(func.sum(case((source.c.currency == home, source.c.arr_minor))), 0),
        "currency": literal(home),
        "elsewhere": func.count(case((source.c.currency != home, source.c.arr_minor))),
    }


def _decisions_total(source: FromClause, context: ColumnContext) -> Mapping[str, ColumnElement[Any]]:
    first, after = quarter_of(context.today)
    inside = (source.c.decides_on >= first) & (source.c.decides_on < after)
    return {"quarter": func.count(case((inside, source.c.id)))}


# --- columns ---------------------------------------------------------------------------------------------------------


ACCOUNT_COLUMNS = (
    AccountColumn(
        key="id",
        title=N_("Id"),
        source=None,
        value=("id",),
        cell="",
        csv=lambda row: str(row.id),
        order=-20,
        file_only=True,
    ),
    AccountColumn(
        key="external_id",
        title=N_("External id"),
        source=None,
        value=("external_id",),
        cell="",
        csv=lambda row: row.external_id,
        order=-10,
        file_only=True,
    ),
    AccountColumn(
        key="account",
        title=N_("Account"),
        source=None,
        value=("name", "name_folded"),
        cell="accounts/cells/account.html",
        csv=lambda row: row.name,
        order=0,
        sort="name_folded",
        total=lambda source, context: {},
        total_cell="accounts/cells/account_total.html",
    ),
    AccountColumn(
        key="tier",
        title=N_("Tier"),
        source=None,
        value=("tier",),
        cell="accounts/cells/tier.html",
        csv=lambda row: row.tier.value,
        order=97,
        filters=(ColumnFilter("tier", N_("Tier"), _tiers, _in_tiers, more=True),),
        optional=True,
    ),
    AccountColumn(
        key="arr",
        title=N_("ARR"),
        source=_money,
        value=("arr_minor", "currency"),
        cell="accounts/cells/arr.html",
        csv=lambda row: None if row is None or row.arr_minor is None else major(row.arr_minor, row.currency),
        order=60,
        sort="arr_minor",
        sort_first="desc",
        numeric=True,
        total=_money_total,
        total_cell="accounts/cells/arr_total.html",
        rolled="accounts/family/arr.html",
        needs=Capability.READ_MONEY,
    ),
    AccountColumn(
        key="currency",
        title=N_("Currency"),
        source=None,
        value=("currency",),
        cell="",
        csv=lambda row: row.currency,
        order=61,
        file_only=True,
        needs=Capability.READ_MONEY,
    ),
    AccountColumn(
        key="decides",
        title=N_("Decides by"),
        source=None,
        value=("decides_on", "ends_on"),
        cell="accounts/cells/decides.html",
        csv=lambda row: row.decides_on,
        order=70,
        sort="decides_on",
        leads=True,
        filters=(ColumnFilter("decides", N_("Decides"), _decision_times, _decides),),
        numeric=True,
        total=_decisions_total,
        total_cell="accounts/cells/decides_total.html",
    ),
    AccountColumn(
        key="next",
        title=N_("Next step"),
        source=_next_step,
        value=("task_id", "title", "due_on"),
        cell="accounts/cells/next_step.html",
        csv=lambda row: row.title if row else None,
        order=80,
        sort="due_on",
        filters=(ColumnFilter("next", N_("Next step"), _plans, _planned, more=True),),
    ),
    AccountColumn(
        key="next_due",
        title=N_("Next step due"),
        source=_next_step,
        value=("due_on",),
        cell="",
        csv=lambda row: row.due_on if row else None,
        order=81,
        file_only=True,
    ),
    AccountColumn(
        key="talk",
        title=N_("Last talk"),
        source=_last_talk,
        value=("at",),
        cell="accounts/cells/talk.html",
        csv=lambda row: row.at if row else None,
        order=85,
        sort="at",
        numeric=True,
        optional=True,
    ),
    AccountColumn(
        key="owner",
        title=N_("Owner"),
        source=_owner,
        value=("name",),
        cell="accounts/cells/owner.html",
        csv=lambda row: row.name if row else None,
        order=90,
        sort="name",
        optional=True,
    ),
    AccountColumn(
        key="stage",
        title=N_("Stage"),
        source=None,
        value=("stage", "stage_entered_on"),
        cell="accounts/cells/stage.html",
        csv=lambda row: row.stage.value,
        order=95,
        filters=(ColumnFilter("stage", N_("Stage"), _stages, _in_stages),),
        optional=True,
    ),
    AccountColumn(
        key="owned",
        title=N_("Owner"),
        source=None,
        value=("owner_id",),
        cell="",
        csv=lambda row: None,
        order=96,
        filters=(ColumnFilter("owner", N_("Owner"), _nobody, _owned_by, choices_from=_owners),),
        hidden=True,
    ),
)
