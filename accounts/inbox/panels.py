"""A person's own address for mail, on "About me"."""

from __future__ import annotations

from accounts.inbox.queries import waiting_count
from accounts.inbox.service import address_with, has_mailbox
from crm.contracts import PersonContext, PersonSection
from crm.identity.keys import Purpose, token_of
from crm.text import N_
from crm.viewer import Capability


def load(context: PersonContext) -> dict[str, object] | None:
    if not context.viewer.may(Capability.NOTE):
        return None
    token = token_of(context.session, context.viewer.user_id, Purpose.MAIL) if has_mailbox() else None
    return {
        "has_mailbox": has_mailbox(),
        "address": address_with(token) if token else None,
        "waiting": waiting_count(context.session, context.viewer),
    }


MAIL = PersonSection("mail", N_("Mail without retyping"), "accounts/inbox/_me.html", load, order=10)
