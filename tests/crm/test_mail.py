"""Mail: queued with what it tells, handed over at least once with one id, never bent."""

from __future__ import annotations

import email
import email.policy
import smtplib
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from sqlmodel import Session, col, select

from accounts.models import Account
from accounts.service.tasks import create_task
from crm import clock
from crm.config import Settings
from crm.db import Database
from crm.foundation import SEND_DUE_MAIL
from crm.i18n.write import Writer
from crm.identity.models import User
from crm.jobs.worker import run_now
from crm.mail import Mail, MailState, UnsafeMail, queue_mail
from crm.mail.sending import GIVE_UP_AFTER, mark_failed
from crm.slices import REGISTRY
from crm.text import text
from crm.viewer import Viewer


@pytest.fixture
def writer() -> Writer:
    return Writer("en", clock.company_zone(), clock.now())


def a_mail(session: Session, writer: Writer, **given: object) -> Mail:
    values = {"key": "k", "recipient": "ben@company.example", "subject": text("Acme: call"), "template": "task_given"}
    body = {
        "giver": "Ana",
        "account": "A & B <c>",
        "title": "Call <b>",
        "due_on": date(2026, 12, 1),
        "path": "/accounts/1",
    }
    return queue_mail(session, writer, **{**values, **body, **given})  # type: ignore[arg-type]


def test_the_same_news_is_queued_once(session: Session, writer: Writer) -> None:
    assert a_mail(session, writer).id == a_mail(session, writer).id


def test_html_is_escaped_and_text_is_not(session: Session, writer: Writer) -> None:
    mail = a_mail(session, writer)
    assert "A &amp; B &lt;c&gt;" in mail.html
    assert "A & B <c>" in mail.plain


@pytest.mark.parametrize(
    "bent",
    [
        {"subject": text("Hi\r\nBcc: all@company.example")},
        {"subject": text("Hi\x00")},
        {"recipient": "ben@company.example\nBcc: x@y.example"},
        {"recipient": "not an address"},
    ],
)
def test_a_bent_header_is_refused_and_nothing_is_queued(
    session: Session, writer: Writer, bent: dict[str, object]
) -> None:
    with pytest.raises(UnsafeMail):
        a_mail(session, writer, **bent)
    assert session.exec(select(Mail)).all() == []


def test_without_a_server_mails_become_files(
    session: Session, database: Database, settings: Settings, writer: Writer
) -> None:
    mail = a_mail(session, writer)
    session.commit()
    run_now(database, REGISTRY, SEND_DUE_MAIL.name, {})
    run_now(database, REGISTRY, SEND_DUE_MAIL.name, {})  # nothing is due any more
    (path,) = (settings.data_dir / "mail").glob("*.eml")
    sent = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (sent["Message-ID"], sent["To"], sent["Auto-Submitted"]) == (
        mail.message_id,
        mail.recipient,
        "auto-generated",
    )
    session.expire_all()
    assert session.get_one(Mail, mail.id).state is MailState.SENT


def test_a_server_that_refuses_is_asked_again_later(
    session: Session, database: Database, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = a_mail(session, writer)
    session.commit()

    def refuse(_message: EmailMessage) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr("crm.foundation.transport", lambda _settings: refuse)
    run_now(database, REGISTRY, SEND_DUE_MAIL.name, {})
    session.expire_all()
    kept = session.get_one(Mail, mail.id)
    assert (kept.state, kept.tries, kept.message_id) == (MailState.QUEUED, 1, mail.message_id)
    assert "gone" in kept.error
    assert kept.next_try_at > clock.machine_now()


def test_after_three_days_it_is_given_up_and_stays_visible(session: Session, writer: Writer) -> None:
    mail = a_mail(session, writer)
    mark_failed(session, mail.id, "no answer", mail.created_at + GIVE_UP_AFTER + timedelta(seconds=1))
    assert session.get_one(Mail, mail.id).state is MailState.DEAD


def test_a_colleague_is_told_of_a_task_in_their_language(
    session: Session, ana: Viewer, ben: Viewer, acme: Account
) -> None:
    colleague = session.exec(select(User).where(col(User.id) == ben.user_id)).one()
    colleague.language = "fr"
    create_task(session, ana, acme, title="Call Ingrid", due_on=date(2026, 12, 1), assignee=colleague)
    create_task(session, ana, acme, title="Call Otto", due_on=date(2026, 12, 1))
    (mail,) = session.exec(select(Mail)).all()
    assert (mail.recipient, mail.language) == (colleague.email, "fr")
    assert f"/accounts/{acme.id}" in mail.plain
