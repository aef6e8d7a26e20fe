"""The foundation's own jobs: handing mails over, and forgetting work that is long done."""

from __future__ import annotations

import smtplib
from datetime import datetime

from sqlmodel import Session

from crm import undo
from crm.clock import machine_now
from crm.config import get_settings
from crm.contracts import Job, JobContext, Slice
from crm.jobs.keeping import forget_finished
from crm.mail.sending import as_message, mark_failed, mark_sent, take_due, transport


def send_due_mail(context: JobContext) -> str:
    """Each mail is held in one transaction, handed over outside of any, and marked in another: a kill between the last
    two sends it again with the same Message-ID, and nothing is ever lost."""
    settings = get_settings()
    deliver = transport(settings)
    failed = 0
    while True:
        with context.chunk(mark=None) as session:
            mail = take_due(session, machine_now())
        if mail is None:
            return f"{context.done} mails handed over, {failed} to be tried again"
        try:
            deliver(as_message(mail, settings.mail_from))
        except (smtplib.SMTPException, OSError) as problem:
            failed += 1
            with context.chunk(mark=None) as session:
                mark_failed(session, mail.id, f"{type(problem).__name__}: {problem}", machine_now())
        else:
            with context.chunk(mark=None, done=1) as session:
                mark_sent(session, mail.id, machine_now())


def forget_old_work(session: Session, now: datetime) -> str:
    undo.forget_old(session, now)
    return f"{forget_finished(session, now)} finished jobs forgotten"


SEND_DUE_MAIL = Job(name="mail.send_due", run_long=send_due_mail, cron="* * * * *")
FORGET_OLD_WORK = Job(name="jobs.forget_finished", run=forget_old_work, cron="40 3 * * *", period="%Y-%m-%d")

SLICE = Slice(name="crm.foundation", jobs=(SEND_DUE_MAIL, FORGET_OLD_WORK))
