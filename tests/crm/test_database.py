from __future__ import annotations

from sqlmodel import Session, text

from crm import clock
from crm.db import Database


def test_it_is_always_the_same_morning() -> None:
    assert clock.today().isoformat() == "2026-11-23"
    assert clock.now().isoformat(timespec="minutes") == "2026-11-23T09:00+00:00"


def test_what_one_test_leaves_behind_is_gone_in_the_next_1(database: Database, session: Session, ana) -> None:
    assert session.exec(text("select count(*) from user_account")).scalar_one() == 1


def test_what_one_test_leaves_behind_is_gone_in_the_next_2(database: Database, session: Session, zoe) -> None:
    assert session.exec(text("select count(*) from user_account")).scalar_one() == 1
