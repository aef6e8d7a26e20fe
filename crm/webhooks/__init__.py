"""News for chat tools and programs of the company's own: a row first, in the transaction that makes it true; sent by a
job, signed, at least once, always with one id."""

from crm.webhooks.outbox import News, tell, tell_once

__all__ = ["News", "tell", "tell_once"]
