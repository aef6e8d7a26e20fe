"""Mail: a row first, in the transaction that needs it told; handed over by a job, at least once, always with one id."""

from crm.mail.models import Mail, MailState
from crm.mail.outbox import UnsafeMail, queue_mail

__all__ = ["Mail", "MailState", "UnsafeMail", "queue_mail"]
