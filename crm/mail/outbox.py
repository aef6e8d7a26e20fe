"""Putting a mail into the outbox: refused before anything is stored when a header could be bent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session, col, select

from crm.config import get_settings
from crm.errors import Invalid
from crm.i18n.write import Writer
from crm.mail.models import Mail
from crm.templating import render
from crm.text import N_, Text


class UnsafeMail(Invalid):
    """A line break or NUL in a header, or an address that is none."""


def _header(value: str) -> str:
    if any(letter in value for letter in "\r\n\x00"):
        raise UnsafeMail(N_("A mail's subject and addresses are one line each."))
    return value


def usable_recipient(address: str) -> str:
    try:
        return validate_email(_header(address), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as wrong:
        raise UnsafeMail(N_("“%(address)s” is no mail address."), address=address) from wrong


def queue_mail(
    session: Session,
    writer: Writer,
    *,
    key: str,
    recipient: str,
    subject: Text,
    template: str,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Mail:
    """Queue ``templates/mail/<template>.html`` and ``.txt`` for ``recipient``, in the writer's language.

    The same ``key`` is queued once: the mail that is there is returned. Links in it start with the configured address.
    """
    known = session.exec(select(Mail).where(col(Mail.key) == key)).first()
    if known is not None:
        return known
    settings = get_settings()
    frame = {"base_url": settings.effective_base_url, "company": settings.company, **values}
    title = _header(writer(subject))
    mail = Mail(
        key=key,
        recipient=usable_recipient(recipient),
        subject=title[:300],
        plain=render(f"mail/{template}.txt", writer, subject=title, **frame),
        html=render(f"mail/{template}.html", writer, subject=title, **frame),
        language=writer.language,
        headers={_header(name): _header(value) for name, value in (headers or {}).items()},
        message_id=f"<{secrets.token_hex(16)}@{urlsplit(settings.effective_base_url).hostname}>",
    )
    session.add(mail)
    session.flush()
    return mail
