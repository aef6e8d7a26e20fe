"""What a person decides about an item of their day."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from accounts.models import DayMark, DayVerdict
from crm import clock
from crm.audit import record
from crm.contracts import TodayItem
from crm.errors import Invalid, NotFound
from crm.text import N_
from crm.viewer import Viewer


def mark_item(
    session: Session,
    viewer: Viewer,
    item: TodayItem,
    verdict: DayVerdict,
    *,
    words: str = "",
    until_on: date | None = None,
    today: date,
) -> DayMark:
    """Put ``item`` away: done (with its outcome), later (until a day), or not relevant (with the reason)."""
    if verdict is DayVerdict.LATER and (until_on is None or until_on <= today):
        raise Invalid(N_("Choose a day after today."))
    if verdict is DayVerdict.NOT_RELEVANT and not words:
        raise Invalid(N_("Say in a few words why this is not relevant."))
    mark = _find(session, viewer, item.account_id, item.kind, item.key) or DayMark(
        user_id=viewer.user_id,
        account_id=item.account_id,
        kind=item.kind,
        item_key=item.key,
        verdict=verdict,
        condition=0,
    )
    mark.verdict = verdict
    mark.words = words
    mark.until_on = until_on if verdict is DayVerdict.LATER else None
    mark.condition = item.condition
    mark.marked_at = clock.now()
    session.add(mark)
    record(session, viewer, item.account_id, f"today.{verdict.value}", kind=item.kind, item=item.key, words=words)
    return mark


def note_outcome(session: Session, viewer: Viewer, account_id: int, kind: str, key: str, words: str) -> DayMark:
    """Add what came of an item that was already marked done."""
    mark = _find(session, viewer, account_id, kind, key)
    if mark is None:
        raise NotFound(N_("This item is no longer put away."))
    mark.words = words
    session.add(mark)
    record(session, viewer, account_id, "today.outcome", kind=kind, item=key, words=words)
    return mark


def undo_mark(session: Session, viewer: Viewer, account_id: int, kind: str, key: str) -> DayVerdict | None:
    """Take the decision back, and say which it was; the item returns to its place."""
    mark = _find(session, viewer, account_id, kind, key)
    if mark is None:
        return None
    session.delete(mark)
    record(session, viewer, account_id, "today.undone", kind=kind, item=key)
    return mark.verdict


def _find(session: Session, viewer: Viewer, account_id: int, kind: str, key: str) -> DayMark | None:
    return session.exec(
        select(DayMark).where(
            col(DayMark.user_id) == viewer.user_id,
            col(DayMark.account_id) == account_id,
            col(DayMark.kind) == kind,
            col(DayMark.item_key) == key,
        )
    ).first()
