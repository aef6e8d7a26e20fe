"""A play started on what is chosen in the list, and a start taken back by whoever made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select as core_select
from sqlmodel import Session, col, select

from accounts.models import Account, Task
from accounts.plays.models import Ending, Play, PlayRun, PlayStep
from accounts.plays.queries import get_play, play_lines
from accounts.plays.service import start_play
from accounts.rights import ensure_may_change, in_hands_of
from crm import clock, undo
from crm.audit import record
from crm.contracts import BulkAction, Changed, Reversal
from crm.errors import Conflict, Invalid
from crm.text import N_, Text, text
from crm.viewer import Viewer

KIND = "account.play"


def _plays(session: Session, viewer: Viewer) -> Mapping[str, Any]:
    return {"lines": play_lines(session, viewer)}


def _read(session: Session, viewer: Viewer, sent: Mapping[str, Sequence[str]]) -> Mapping[str, Any]:
    said = (sent.get("play") or [""])[-1]
    known = {str(one): title for one, title in session.execute(core_select(col(Play.id), col(Play.title)))}
    if said not in known:
        raise Invalid(N_("Please choose a play."))
    return {"play": said, "title": known[said]}


def _say(session: Session, values: Mapping[str, Any]) -> Text:
    return text(N_("Play: %(play)s"), play=values["title"])


def _start(session: Session, viewer: Viewer, account_id: int, values: Mapping[str, Any]) -> Changed | None:
    account = session.get_one(Account, account_id)
    ensure_may_change(session, viewer, account)
    before = running_said(session, [account_id])[account_id]
    started = start_play(session, viewer, get_play(session, int(values["play"])), [account])
    if started.nobody:
        raise Conflict(N_("%(account)s has no owner who could do anything."), account=account.name)
    if not started.runs:
        return None
    return Changed(before, running_said(session, [account_id])[account_id])


# --- taking back -----------------------------------------------------------------------------------------------------


def running_said(session: Session, account_ids: Sequence[int]) -> dict[int, list[str]]:
    """The runs that go on, of each account; ids are words in JSON."""
    found: dict[int, list[str]] = {account_id: [] for account_id in account_ids}
    rows = session.execute(
        core_select(col(PlayRun.account_id), col(PlayRun.id))
        .where(col(PlayRun.account_id).in_(account_ids), col(PlayRun.ended_on).is_(None))
        .order_by(col(PlayRun.id))
    )
    for account_id, run_id in rows:
        found[account_id].append(str(run_id))
    return found


def _without(before: Sequence[str], after: Sequence[str], current: Sequence[str]) -> list[str] | None:
    """Other plays begin and end meanwhile; one that has ended by itself is not taken back."""
    added = set(after) - set(before)
    return [one for one in current if one not in added] if added <= set(current) else None


def _put(session: Session, actor: Viewer, account_id: int, current: Any, wanted: Any) -> Text | None:
    gone = [int(one) for one in current if one not in set(wanted)]
    stays = sum(withdraw_run(session, actor, session.get_one(PlayRun, run_id)) for run_id in gone)
    return text(N_("Tasks that stay: %(n)s"), n=stays) if stays else None


def withdraw_run(session: Session, actor: Viewer, run: PlayRun) -> int:
    """As if it had not begun. Tasks that somebody has done, moved, given away or rewritten stay; answers how many.

    A run of which nothing stays is gone as well; another ends.
    """
    titles = set(
        session.scalars(
            core_select(col(PlayStep.title)).where(
                col(PlayStep.play_id) == run.play_id, col(PlayStep.version) == run.version
            )
        )
    )
    tasks = session.exec(select(Task).where(col(Task.play_run_id) == run.id).order_by(col(Task.id))).all()
    untouched = [task.id for task in tasks if task.title in titles and is_untouched(task)]
    play = session.get_one(Play, run.play_id)
    stays = len(tasks) - len(untouched)
    record(
        session,
        actor,
        run.account_id,
        "play.withdrawn",
        play=play.title,
        run=str(run.id),
        tasks=len(untouched),
        stay=stays,
    )
    session.execute(delete(Task).where(col(Task.id).in_(untouched)))
    if stays:
        run.ended_on, run.ending, run.reason = clock.today(), Ending.STOPPED, ""
    else:
        session.delete(run)
    session.flush()
    return stays


def is_untouched(task: Task) -> bool:
    return (
        task.done_at is None
        and task.due_on == task.planned_on
        and task.given_by is None
        and task.repeat_unit is None
        and not task.outcome
    )


def remember_start(session: Session, viewer: Viewer, run: PlayRun, play: Play) -> undo.UndoEntry:
    """For the toast after a start on one account."""
    after = running_said(session, [run.account_id])[run.account_id]
    before = [one for one in after if one != str(run.id)]
    said = text(N_("%(play)s started."), play=play.title)
    return undo.remember(session, viewer, KIND, run.account_id, before=before, after=after, said=said)


START_MANY = BulkAction(
    key="play",
    title=N_("Start a play"),
    icon="player-play",
    order=50,
    fields="accounts/plays/bulk_fields.html",
    choices=_plays,
    read=_read,
    say=_say,
    allowed=in_hands_of,
    change=_start,
    reversal=KIND,
    own_buttons=True,
)
START_BACK = Reversal(KIND, running_said, _put, merged=_without)
