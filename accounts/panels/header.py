"""The two lines one reads before a call: whose it is, what it is worth, when they decide, when we last spoke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.models import Account, Channel, Contact, Cover, Interaction, Task
from accounts.panels.context import account_of, hands_of
from accounts.queries import in_words_for
from crm import clock
from crm.contracts import AccountFact, PanelContext
from crm.i18n.write import Moment, Money
from crm.identity.models import User
from crm.text import N_, Text, text

_SUMMARY = "accounts.summary"


@dataclass(frozen=True)
class Summary:
    owner_name: str | None
    cover_name: str | None
    covered_until: date | None
    talked_at: datetime | None
    talk_channel: Channel | None
    talked_with: str | None
    task_id: int | None
    task_title: str | None
    task_due_on: date | None
    task_for: str | None
    task_for_id: int | None


def summary_of(context: PanelContext) -> Summary:
    """One statement for all facts of the title line and for the next step."""
    found: Summary | None = context.shared.get(_SUMMARY)
    if found is None:
        found = context.shared[_SUMMARY] = _read(context)
    return found


def _read(context: PanelContext) -> Summary:
    today = clock.today()
    owner, coverer, assignee = aliased(User), aliased(User), aliased(User)
    cover_id = (
        select(col(Cover.id))
        .where(col(Cover.account_id) == context.account_id, col(Cover.from_on) <= today, col(Cover.to_on) >= today)
        .order_by(col(Cover.from_on).desc(), col(Cover.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    talk_id = (
        select(col(Interaction.id))
        .where(
            col(Interaction.account_id) == context.account_id,
            col(Interaction.two_way).is_(True),
            col(Interaction.closed_at).is_(None),
            col(Interaction.happened_at) <= context.now,
        )
        .order_by(col(Interaction.happened_at).desc(), col(Interaction.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    task_id = (
        select(col(Task.id))
        .where(col(Task.account_id) == context.account_id, col(Task.done_at).is_(None))
        .order_by(col(Task.due_on), col(Task.id))
        .limit(1)
        .scalar_subquery()
    )
    row = context.session.execute(
        select(
            col(owner.name),
            col(coverer.name),
            col(Cover.to_on),
            col(Interaction.happened_at),
            col(Interaction.channel),
            col(Contact.name),
            col(Task.id),
            col(Task.title),
            col(Task.due_on),
            col(assignee.name),
            col(assignee.id),
        )
        .select_from(Account)
        .outerjoin(owner, col(owner.id) == col(Account.owner_id))
        .outerjoin(Cover, col(Cover.id) == cover_id)
        .outerjoin(coverer, col(coverer.id) == col(Cover.user_id))
        .outerjoin(Interaction, col(Interaction.id) == talk_id)
        .outerjoin(Contact, (col(Contact.id) == col(Interaction.contact_id)) & in_words_for(context.viewer))
        .outerjoin(Task, col(Task.id) == task_id)
        .outerjoin(assignee, col(assignee.id) == col(Task.assignee_id))
        .where(col(Account.id) == context.account_id)
    ).one()
    return Summary(*row)


def _owner(context: PanelContext) -> Text:
    found = summary_of(context)
    if found.owner_name is None:
        return text(N_("no owner yet"))
    if found.cover_name is None:
        return text("%(owner)s", owner=found.owner_name)
    return text(
        N_("%(owner)s, covered by %(cover)s until %(day)s"),
        owner=found.owner_name,
        cover=found.cover_name,
        day=Moment(found.covered_until or clock.today()),
    )


def _arr(context: PanelContext) -> Text | None:
    account = account_of(context)
    if not hands_of(context).may_read_money:
        return None
    return text(N_("%(money)s a year"), money=Money(account.arr_minor, account.currency))


def _decides(context: PanelContext) -> dict[str, object] | None:
    account = account_of(context)
    if account.decides_on is None:
        return None
    away = (account.decides_on - clock.day_of(context.now)).days
    return {"day": account.decides_on, "ends_on": account.ends_on, "soon": 0 <= away <= 30, "past": away < 0}


def _talk(context: PanelContext) -> Text:
    found = summary_of(context)
    if found.talked_at is None:
        return text(N_("no talk noted yet"))
    if found.talked_with:
        return text(N_("last talk %(day)s (%(contact)s)"), day=Moment(found.talked_at), contact=found.talked_with)
    return text(N_("last talk %(day)s"), day=Moment(found.talked_at))


ACCOUNT_FACTS = (
    AccountFact("owner", _owner, order=10),
    AccountFact("arr", _arr, order=20),
    AccountFact("decides", _decides, order=30, template="accounts/facts/decides.html"),
    AccountFact("talk", _talk, order=40),
)
