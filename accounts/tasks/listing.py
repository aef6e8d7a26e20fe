"""The list of tasks: whose, of which account, in which words, the nearest day first, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select as core_select, true, tuple_
from sqlmodel import Session, col

from accounts.models import Account, Task
from accounts.names import fold
from accounts.plays.models import Play, PlayRun
from accounts.queries import in_sight
from accounts.rights import in_hands_of
from accounts.tasks.recurring import rule_of
from crm.db import table_of
from crm.identity.models import User
from crm.search import has_words, words_of
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer

PAGE_SIZE = 50
ID_LIMIT = 1 << 63


class Whose(StrEnum):
    MINE = "mine"
    TEAM = "team"
    GIVEN = "given"  # by the viewer, to others
    ALL = "all"


_WHOSE = frozenset(one.value for one in Whose)


@dataclass(frozen=True)
class TaskQuery:
    """What the address says; what it says wrongly is left out."""

    whose: Whose = Whose.MINE
    person: int | None = None
    account: int | None = None
    words: str = ""
    done: bool = False
    after: str = ""

    def address(self, path: str, **changes: Any) -> str:
        """The list with some of this changed, from its first page on."""
        wanted = replace(self, **{"after": "", **changes})
        query = {
            "whose": wanted.whose.value if wanted.whose is not Whose.MINE else "",
            "person": wanted.person or "",
            "account": wanted.account or "",
            "q": wanted.words,
            "state": "done" if wanted.done else "",
            "after": wanted.after,
        }
        kept = {name: value for name, value in query.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path

    @property
    def is_narrowed(self) -> bool:
        return bool(self.person or self.account or self.words)


def read_query(params: Mapping[str, str], viewer: Viewer) -> TaskQuery:
    said = params.get("whose", "")
    whose = Whose(said) if said in _WHOSE else Whose.MINE
    if whose is Whose.TEAM and viewer.team_id is None:
        whose = Whose.ALL
    if params.get("account") and said not in _WHOSE:
        whose = Whose.ALL  # "all tasks of this account"
    return TaskQuery(
        whose=whose,
        person=_id(params.get("person")),
        account=_id(params.get("account")),
        words=params.get("q", "").strip()[:100],
        done=params.get("state") == "done",
        after=params.get("after", ""),
    )


@dataclass(frozen=True)
class TaskLine:
    task: Task
    account: str
    assignee: str
    giver: str | None
    play_id: int | None
    play: str | None
    may_do: bool

    @property
    def repeats(self) -> Text | None:
        rule = rule_of(self.task)
        return rule.words if rule else None


@dataclass(frozen=True)
class TaskGroup:
    title: Text | None  # ``None``: the day itself is the title
    day: date | None
    lines: Sequence[TaskLine]
    now: bool = False  # late or due today


@dataclass(frozen=True)
class TaskPage:
    lines: Sequence[TaskLine]
    total: int
    late: int
    next: str  # cursor; empty at the end


def read_page(session: Session, viewer: Viewer, query: TaskQuery, today: date) -> TaskPage:
    """Two statements, whatever there is."""
    where = _where(viewer, query)
    ordered = _ordered(_lines(viewer).where(*where), query)
    rows = session.execute(ordered.limit(PAGE_SIZE + 1)).all()
    late = func.sum(case((col(Task.due_on) < today, 1), else_=0))
    total, late_count = session.execute(
        core_select(func.count(), late)
        .select_from(Task)
        .join(Account, col(Account.id) == col(Task.account_id))
        .where(*where)
    ).one()
    lines = [_line(viewer, *row) for row in rows[:PAGE_SIZE]]
    more = len(rows) > PAGE_SIZE
    return TaskPage(lines, total, 0 if query.done else int(late_count or 0), _cursor(lines[-1].task) if more else "")


def read_line(session: Session, viewer: Viewer, task_id: int) -> TaskLine:
    """One line as the list has it, after something was done with it."""
    return _line(viewer, *session.execute(_lines(viewer).where(col(Task.id) == task_id)).one())


def by_day(lines: Sequence[TaskLine], today: date) -> list[TaskGroup]:
    """What is late stands together, then each day by itself."""
    groups: list[TaskGroup] = []
    late = [line for line in lines if line.task.due_on < today]
    if late:
        groups.append(TaskGroup(text(N_("Late")), None, late, now=True))
    days: dict[date, list[TaskLine]] = {}
    for line in lines:
        if line.task.due_on >= today:
            days.setdefault(line.task.due_on, []).append(line)
    groups += [TaskGroup(_title(day, today), day, found, now=day == today) for day, found in days.items()]
    return groups


def _title(day: date, today: date) -> Text | None:
    named = {0: N_("Today"), 1: N_("Tomorrow")}.get((day - today).days)
    return text(named) if named else None


def _line(
    viewer: Viewer,
    task: Task,
    account: str,
    assignee: str,
    giver: str | None,
    play_id: int | None,
    play: str | None,
    in_hands: object,
) -> TaskLine:
    theirs = viewer.user_id in (task.assignee_id, task.created_by, task.given_by)
    may_do = bool(in_hands) or (theirs and viewer.may(Capability.NOTE))
    return TaskLine(task, account, assignee, giver, play_id, play, may_do)


def _lines(viewer: Viewer) -> Select[Any]:
    giver = table_of(User).alias("giver")
    return (
        core_select(
            Task,
            col(Account.name),
            col(User.name),
            giver.c.name,
            col(Play.id),
            col(Play.title),
            case((in_hands_of(viewer), 1), else_=0),
        )
        .join(Account, col(Account.id) == col(Task.account_id))
        .join(User, col(User.id) == col(Task.assignee_id))
        .outerjoin(giver, giver.c.id == col(Task.given_by))
        .outerjoin(PlayRun, col(PlayRun.id) == col(Task.play_run_id))
        .outerjoin(Play, col(Play.id) == col(PlayRun.play_id))
    )


def _where(viewer: Viewer, query: TaskQuery) -> list[ColumnElement[bool]]:
    found = [
        in_sight(col(Task.account_id), viewer),
        col(Account.closed_at).is_(None),
        col(Task.done_at).is_not(None) if query.done else col(Task.done_at).is_(None),
        _whose(viewer, query.whose),
    ]
    if query.person:
        found.append(col(Task.assignee_id) == query.person)
    if query.account:
        found.append(col(Task.account_id) == query.account)
    if query.words:
        found.append(_says(query.words))
    return found


def _whose(viewer: Viewer, whose: Whose) -> ColumnElement[bool]:
    match whose:
        case Whose.MINE:
            return col(Task.assignee_id) == viewer.user_id
        case Whose.GIVEN:
            return and_(col(Task.given_by) == viewer.user_id, col(Task.assignee_id) != viewer.user_id)
        case Whose.TEAM:
            return col(Task.assignee_id).in_(core_select(col(User.id)).where(col(User.team_id) == viewer.team_id))
        case _:
            return true()


def _says(words: str) -> ColumnElement[bool]:
    """Every word stands in the title, or the account is named so."""
    titled = and_(*(col(Task.title).icontains(word, autoescape=True) for word in words.split()))
    folded = words_of(fold(words))
    return or_(titled, has_words(col(Account.name_folded), folded)) if folded else titled


def _ordered(statement: Select[Any], query: TaskQuery) -> Select[Any]:
    task_id = col(Task.id)
    if query.done:
        done_at = col(Task.done_at)
        statement = statement.order_by(done_at.desc(), task_id.desc())
        if (at := _cursor_instant(query.after)) is not None:
            statement = statement.where(tuple_(done_at, task_id) < tuple_(*at))
        return statement
    due_on = col(Task.due_on)
    statement = statement.order_by(due_on, task_id)
    if (on := _cursor_day(query.after)) is not None:
        statement = statement.where(tuple_(due_on, task_id) > tuple_(*on))
    return statement


def _cursor(task: Task) -> str:
    if task.done_at is not None:
        return f"{round(task.done_at.timestamp() * 1_000_000)}.{task.id}"
    return f"{task.due_on.isoformat()}.{task.id}"


def _cursor_day(after: str) -> tuple[date, int] | None:
    day, _, task_id = after.partition(".")
    try:
        return date.fromisoformat(day), _checked(task_id)
    except ValueError:
        return None


def _cursor_instant(after: str) -> tuple[datetime, int] | None:
    at, _, task_id = after.partition(".")
    try:
        instant = _EPOCH + timedelta(microseconds=_checked(at))
        return instant, _checked(task_id)
    except (ValueError, OverflowError):
        return None


def _checked(number: str) -> int:
    if not (number.isascii() and number.isdigit()) or int(number) >= ID_LIMIT:
        raise ValueError(number)
    return int(number)


def _id(said: str | None) -> int | None:
    try:
        return _checked(said or "") or None
    except ValueError:
        return None


_EPOCH = datetime.fromtimestamp(0, UTC)
