"""A value of an own field is put back from the toast, as long as nobody has changed the same since."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service as accounts
from accounts.models import Account, OwnField, OwnFieldKind, OwnValue
from accounts.own import service
from accounts.own.queries import own_value
from crm.viewer import Viewer

K = OwnFieldKind


def change(browser: Any, acme: Account, own: OwnField, value: str) -> str | None:
    """Where the toast after it leads, if there is one."""
    page = f"/accounts/{acme.id}"
    assert browser.post(f"{page}/own/{own.id}", data={"value": value}).status_code == 303
    found = re.search(r'action="(/undo/\d+)"', browser.get(page).text)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (K.TEXT, "West", "East"),
        (K.TEXT, "", "East"),
        (K.TEXT, "West", ""),
        (K.NUMBER, "1 300", "12"),
        (K.DATE, "2026-01-31", "2026-02-28"),
        (K.MONEY, "1 200 USD", "900"),
        (K.YES_NO, "yes", "no"),
        (K.CHOICE, "North", "South"),
    ],
)
def test_each_kind_is_put_back_whole(
    as_mia: Any, session: Session, mia: Viewer, acme: Account, kind: OwnFieldKind, before: str, after: str
) -> None:
    own = service.create_field(session, mia, title="Field", kind=kind, choices=("North", "South"))
    other = service.create_field(session, mia, title="Other", kind=K.TEXT)
    accounts.set_own_value(session, mia, acme, own, before)
    session.commit()
    stood = stored(session)
    undo = change(as_mia, acme, own, after)
    assert undo is not None
    accounts.set_own_value(session, mia, acme, other, "said meanwhile")  # another field is no reason to refuse
    session.commit()
    assert as_mia.post(undo).status_code == 303
    assert own_value(session, acme, other) == "said meanwhile"
    accounts.set_own_value(session, mia, acme, other, "")
    session.commit()
    assert stored(session) == stood


def stored(session: Session) -> list[tuple[Any, ...]]:
    session.expire_all()
    rows = session.exec(select(OwnValue).order_by(col(OwnValue.field_id))).all()
    return [(one.field_id, one.text, one.number, one.amount_minor, one.currency, one.day) for one in rows]


def test_what_the_kind_cannot_read_comes_back_as_it_was_written(
    as_mia: Any, session: Session, mia: Viewer, acme: Account
) -> None:
    own = service.create_field(session, mia, title="Plants", kind=K.TEXT)
    accounts.set_own_value(session, mia, acme, own, "about fifty")
    session.flush()
    service.change_kind(session, mia, own, K.NUMBER)
    session.commit()
    undo = change(as_mia, acme, own, "50")
    assert undo is not None
    as_mia.post(undo)
    assert [row[1:3] for row in stored(session)] == [("about fifty", None)]


def test_somebody_elses_value_stays(as_mia: Any, session: Session, mia: Viewer, acme: Account) -> None:
    own = service.create_field(session, mia, title="Region", kind=K.TEXT)
    session.commit()
    undo = change(as_mia, acme, own, "West")
    assert undo is not None
    accounts.set_own_value(session, mia, acme, own, "South")
    session.commit()
    assert as_mia.post(undo).status_code == 409
    session.expire_all()
    assert own_value(session, acme, own) == "South"


def test_nothing_changed_offers_nothing(as_mia: Any, session: Session, mia: Viewer, acme: Account) -> None:
    own = service.create_field(session, mia, title="Region", kind=K.TEXT)
    accounts.set_own_value(session, mia, acme, own, "West")
    session.commit()
    assert change(as_mia, acme, own, "West") is None
