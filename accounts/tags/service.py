"""Which tags an account has."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from accounts.models import Account, AccountTag, Tag
from accounts.models.tag import MOST_TAGS
from accounts.names import fold
from accounts.rights import ensure_may_change
from accounts.service._row import hold
from accounts.tags.queries import in_order, tags_of
from crm.audit import record
from crm.clock import now
from crm.errors import Invalid
from crm.ids import new_id
from crm.jobs.statements import insert_if_missing
from crm.text import N_
from crm.viewer import Viewer


def set_tags(session: Session, actor: Viewer, account: Account, names: Collection[str]) -> None:
    """Exactly these."""
    ensure_may_change(session, actor, account)
    put_tags(session, actor, account, names)


def put_tags(session: Session, actor: Viewer, account: Account, names: Collection[str]) -> None:
    """``set_tags`` for those who have been asked already."""
    hold(session, account)
    if len(names) > MOST_TAGS:
        raise Invalid(N_("%(most)s tags are the most."), most=MOST_TAGS)
    before = tags_of(session, [account.id])[account.id]
    wanted = ensure_tags(session, names)
    has = set(session.exec(select(AccountTag.tag_id).where(col(AccountTag.account_id) == account.id)))
    ids = {tag.id for tag in wanted}
    if has == ids:
        return
    if has - ids:
        session.execute(
            delete(AccountTag).where(col(AccountTag.account_id) == account.id, col(AccountTag.tag_id).in_(has - ids))
        )
    pin(session, [(account.id, tag_id) for tag_id in ids - has])
    after = in_order([tag.name for tag in wanted])
    record(session, actor, account.id, "account.tags_changed", before=before, after=after)


def ensure_tags(session: Session, names: Collection[str]) -> Sequence[Tag]:
    """The tags with these names, made where they are new; letters and accents do not tell two apart."""
    by_fold = {fold(name): name for name in reversed(list(names))}
    if not by_fold:
        return []
    there = set(session.exec(select(Tag.name_folded).where(col(Tag.name_folded).in_(by_fold))))
    for folded, name in by_fold.items():
        if folded not in there:  # somebody else may make it at the same time
            new = {"id": new_id(), "name": name, "name_folded": folded, "created_at": now()}
            insert_if_missing(session, Tag, new)
    return session.exec(select(Tag).where(col(Tag.name_folded).in_(by_fold))).all()


def pin(session: Session, pairs: Collection[tuple[int, int]]) -> None:
    """``pairs``: account, tag; none of which is there yet."""
    if pairs:
        session.execute(insert(AccountTag), [{"account_id": one, "tag_id": tag} for one, tag in pairs])
