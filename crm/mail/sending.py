"""Handing mails over: to an SMTP server, or as files while none is set."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlmodel import Session, col, select

from crm.config import Settings
from crm.mail.models import Mail, MailState

Deliver = Callable[[EmailMessage], None]

GIVE_UP_AFTER = timedelta(days=3)
HELD_FOR = timedelta(minutes=5)  # while one worker sends it, no other does
LIMIT_S = 30


def as_message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(mail.created_at)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.language
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.plain)
    message.add_alternative(mail.html, subtype="html")
    return message


def transport(settings: Settings) -> Deliver:
    """Where mails go: ``CRM_SMTP_URL``, or ``.eml`` files in the data folder."""
    if settings.smtp_url is None:
        return _to_folder(settings.data_dir / "mail")
    return _to_server(settings.smtp_url)


def _to_folder(folder: Path) -> Deliver:
    def deliver(message: EmailMessage) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{str(message['Message-ID']).strip('<>').split('@')[0]}.eml"
        unfinished = folder / f".{name}.part"
        unfinished.write_bytes(message.as_bytes())
        os.replace(unfinished, folder / name)  # the same id at a second try is the same file

    return deliver


def _to_server(url: str) -> Deliver:
    parts = urlsplit(url)

    def deliver(message: EmailMessage) -> None:
        context = ssl.create_default_context()
        host, port = parts.hostname or "localhost", parts.port or (465 if parts.scheme == "smtps" else 587)
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=LIMIT_S, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=LIMIT_S)
        with server:
            if parts.scheme != "smtps" and server.has_extn("starttls"):
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    return deliver


def take_due(session: Session, now: datetime) -> Mail | None:
    """The next mail that is due, held for this worker: the hold is what a second worker sees."""
    mail = session.exec(
        select(Mail)
        .where(col(Mail.state) == MailState.QUEUED, col(Mail.next_try_at) <= now)
        .order_by(col(Mail.next_try_at), col(Mail.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if mail is not None:
        mail.next_try_at = now + HELD_FOR
        mail.tries += 1
        session.add(mail)
    return mail


def mark_sent(session: Session, mail_id: int, now: datetime) -> None:
    mail = session.get_one(Mail, mail_id)
    mail.state = MailState.SENT
    mail.sent_at = now
    mail.error = ""
    session.add(mail)


def mark_failed(session: Session, mail_id: int, reason: str, now: datetime) -> None:
    """Tried again after 1, 2, 4 … minutes, at most every 4 hours, for three days."""
    mail = session.get_one(Mail, mail_id)
    mail.error = reason[:300]
    mail.next_try_at = now + min(timedelta(minutes=2 ** min(mail.tries - 1, 12)), timedelta(hours=4))
    if now - mail.created_at > GIVE_UP_AFTER:
        mail.state = MailState.DEAD
    session.add(mail)
