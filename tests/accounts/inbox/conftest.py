"""Ana has an address of her own, and a mailbox to look into."""

from __future__ import annotations

import mailbox
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session

from accounts.inbox.service import address_with
from crm.config import Settings
from crm.db import Database
from crm.identity.keys import Purpose, make_key
from crm.jobs.worker import run_now
from crm.slices import REGISTRY
from crm.viewer import Viewer


@pytest.fixture
def maildir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> mailbox.Maildir:
    from crm.config import get_settings

    folder = tmp_path / "maildir"
    monkeypatch.setenv("CRM_MAILBOX_URL", f"maildir:{folder}")
    monkeypatch.setenv("CRM_MAILBOX_ADDRESS", "crm@firm.example")
    get_settings.cache_clear()
    return mailbox.Maildir(str(folder), create=True)


@pytest.fixture
def address(session: Session, maildir: mailbox.Maildir, ana: Viewer) -> str:
    """Ana's."""
    token = make_key(session, ana, ana.user_id, Purpose.MAIL)
    session.commit()
    return address_with(token)


@pytest.fixture
def poll(database: Database, session: Session, maildir: mailbox.Maildir) -> Callable[..., str]:
    """Put mails into the mailbox and look into it."""

    def look(*raws: bytes) -> str:
        session.commit()
        for raw in raws:
            maildir.add(raw)
        done = run_now(database, REGISTRY, "inbox.poll", {})
        session.expire_all()
        assert done.error == ""
        return done.result

    return look
