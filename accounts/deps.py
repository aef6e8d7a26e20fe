"""From a path to an object that the viewer may read; what they may not is not there."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from accounts.models import Account
from accounts.queries import get_account
from crm.identity.deps import CurrentViewer
from crm.web.session import DbSession


def account_in_scope(account_id: int, session: DbSession, viewer: CurrentViewer) -> Account:
    return get_account(session, viewer, account_id)


AccountInScope = Annotated[Account, Depends(account_in_scope, scope="function")]
