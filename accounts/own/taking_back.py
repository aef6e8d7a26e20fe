"""A value of an own field that somebody has changed is put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

from sqlalchemy import select as core_select
from sqlmodel import Session, col

from accounts.models import Account, OwnField, OwnValue
from accounts.service.accounts import put_own_value
from crm import undo
from crm.contracts import Reversal
from crm.errors import Conflict
from crm.text import N_, text
from crm.viewer import Viewer

KIND = "account.own_value"


def remember_value(
    session: Session, viewer: Viewer, account: Account, own: OwnField, before: str, after: str
) -> undo.UndoEntry:
    said = text(N_("%(field)s: %(value)s"), field=own.title, value=shorten(after, 60, placeholder="…") or "–")
    key = str(own.id)
    return undo.remember(session, viewer, KIND, account.id, before={key: before}, after={key: after}, said=said)


def _values(session: Session, account_ids: Sequence[int]) -> Mapping[int, Any]:
    """Of each account, what its fields say by their ids; ids are words in JSON."""
    here = session.scalars(
        core_select(col(Account.id)).where(col(Account.id).in_(account_ids), col(Account.closed_at).is_(None))
    )
    found: dict[int, dict[str, str]] = {account_id: {} for account_id in here}
    rows = session.execute(
        core_select(col(OwnValue.account_id), col(OwnValue.field_id), col(OwnValue.text)).where(
            col(OwnValue.account_id).in_(list(found))
        )
    )
    for account_id, field_id, written in rows:
        found[account_id][str(field_id)] = written
    return found


def _merged(before: Mapping[str, str], after: Mapping[str, str], current: Mapping[str, str]) -> Any:
    """Other fields may say what they like; the same one must not have been changed again."""
    if any(current.get(key, "") != said for key, said in after.items()):
        return None
    return {**current, **before}


def _put(session: Session, actor: Viewer, account_id: int, current: Any, wanted: Any) -> None:
    account = session.get_one(Account, account_id)
    for key, said in wanted.items():
        if said == current.get(key, ""):
            continue
        own = session.get(OwnField, int(key))
        if own is None:
            raise Conflict(N_("That field is no longer there; nothing was taken back."))
        put_own_value(session, actor, account, own, said)


OWN_VALUE = Reversal(KIND, _values, _put, merged=_merged)
