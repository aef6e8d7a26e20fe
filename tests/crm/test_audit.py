from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from accounts.models import Tier
from crm.audit import AuditEntry, entries_of, record
from crm.db import Database
from crm.viewer import Viewer


def test_an_entry_says_who_did_what_to_which_account(session: Session, ana: Viewer) -> None:
    record(session, ana, 7, "account.churned", on=date(2026, 8, 1), tier=Tier.MID, ids={3})
    record(session, ana, 8, "account.churned")
    session.commit()
    (entry,) = session.exec(entries_of(7))
    assert (entry.actor_id, entry.actor_name, entry.verb) == (ana.user_id, "Ana Duarte", "account.churned")
    assert entry.details == {"on": "2026-08-01", "tier": "mid", "ids": [3]}


def test_it_stands_or_falls_with_what_it_speaks_of(database: Database, ana: Viewer) -> None:
    def fail() -> None:
        with database.unit_of_work() as session:
            record(session, ana, 7, "account.churned")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading() as session:
        assert session.exec(select(AuditEntry)).all() == []
