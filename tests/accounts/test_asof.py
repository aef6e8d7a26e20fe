"""As of when the book speaks, and how fresh its sources are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from accounts import service
from accounts.asof import book_time, freshness
from accounts.models import Account
from crm import clock
from crm.contracts import BookTime
from crm.viewer import Viewer

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def bring(
    session: Session, key: str, newest: datetime | None = None, synced: datetime | None = None, **more: Any
) -> None:
    service.touch_source(
        session, key, title=key.title(), kind="tickets", newest_event_at=newest, synced_at=synced, **more
    )


def test_an_empty_book_speaks_of_now(session: Session) -> None:
    assert book_time(session, NOW) == BookTime(NOW, None, False)


@pytest.mark.parametrize(
    ("age", "is_old"),
    [
        (timedelta(0), False),
        (timedelta(days=7), False),
        (timedelta(days=7, seconds=1), True),
        (timedelta(days=3000), True),
    ],
)
def test_a_book_is_old_after_seven_days(session: Session, age: timedelta, is_old: bool) -> None:
    bring(session, "zendesk", NOW - age)
    found = book_time(session, NOW)
    assert found == BookTime(NOW - age if is_old else NOW, NOW - age, is_old)


def test_the_newest_of_all_sources_counts(session: Session) -> None:
    bring(session, "old", NOW - timedelta(days=900))
    bring(session, "live", synced=NOW - timedelta(hours=1))
    assert book_time(session, NOW) == BookTime(NOW, NOW - timedelta(hours=1), False)


def test_what_lies_after_a_pretended_now_does_not_count(session: Session) -> None:
    """The history reaches to 2017; walked as of June 2016 it is a living book of that day."""
    bring(session, "uci", datetime(2017, 2, 16, tzinfo=UTC))
    then = datetime(2016, 6, 1, tzinfo=UTC)
    assert book_time(session, then) == BookTime(then, then, False)


def test_instants_only_move_forward_and_what_is_said_stays(session: Session) -> None:
    bring(session, "zendesk", NOW - timedelta(days=1), live=True)
    bring(session, "zendesk", NOW - timedelta(days=5))
    bring(session, "zendesk")
    session.expire_all()
    assert book_time(session, NOW).data_until == NOW - timedelta(days=1)
    assert [line.title for line in freshness(session, NOW)] == ["Zendesk"]  # still live


@pytest.mark.parametrize(("hours", "late"), [(1, False), (26, False), (27, True)])
def test_a_live_source_is_late_after_a_day(session: Session, hours: int, late: bool) -> None:
    bring(session, "zendesk", NOW - timedelta(days=40), synced=NOW - timedelta(hours=hours), live=True)
    bring(session, "file", NOW)
    (line,) = freshness(session, NOW)
    assert (line.title, line.at, line.late) == ("Zendesk", NOW - timedelta(hours=hours), late)


def test_pages_of_an_old_book_say_so(as_ana: Any, session: Session, acme: Account) -> None:
    bring(session, "uci", datetime(2017, 2, 16, 12, tzinfo=UTC))
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "as of Thursday 16 February 2017, the newest event of this book" in page
    assert "pretends that today is" in page  # the tests themselves set CRM_NOW


def test_a_note_brings_an_old_book_to_life(as_ana: Any, session: Session, ana: Viewer, acme: Account) -> None:
    bring(session, "uci", datetime(2017, 2, 16, 12, tzinfo=UTC))
    assert (
        as_ana.post(
            f"/accounts/{acme.id}/notes", data={"channel": "call", "direction": "out", "body": "They are still there"}
        ).status_code
        == 303
    )
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "newest event of this book" not in page
    assert "They are still there" in page
    assert book_time(session, clock.now()).is_old is False
