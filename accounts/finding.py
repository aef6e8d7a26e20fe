"""Finding an account or a contact by what somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import CTE, ColumnElement, false, func, literal, select as core_select, union, union_all
from sqlmodel import Session, col

from accounts.listing.query import Cursor, write_cursor
from accounts.models import Account, Contact, ContactAccount, Interaction
from accounts.names import fold
from accounts.notes import recent_accounts
from accounts.queries import get_account, in_words_for, is_visible, visible_accounts
from crm.contracts import SearchHit, SearchSource
from crm.errors import Conflict, NotFound
from crm.full_text import FullText, words_in
from crm.identity.models import User
from crm.search import has_words, starts_with, words_of
from crm.text import N_, Text, text
from crm.viewer import Viewer

MOST_MATCHES = 5_000  # newest matches in the whole book, of which those that the viewer may read are shown
NAMED = 5  # accounts that a refusal names
TALKS = FullText("interaction", ("subject", "body"))
ACCOUNTS = FullText("account", ("name_folded",))
PEOPLE = FullText("contact", ("name_folded",))


def account_named(session: Session, viewer: Viewer, typed: str) -> Account:
    """The account that a command's argument means: its id, its external id, or its whole name."""
    typed = typed.strip()
    means: list[ColumnElement[bool]] = [
        col(Account.external_id) == typed,
        col(Account.name_folded) == fold(typed),
    ]
    if typed.isascii() and typed.isdigit() and int(typed) < 2**63:
        means.insert(0, col(Account.id) == int(typed))
    for one in means:
        found = session.exec(visible_accounts(viewer).where(one).order_by(col(Account.id)).limit(2)).all()
        if len(found) > 1:
            raise Conflict(N_("More than one account is named %(name)s; give its id instead."), name=typed)
        if found:
            return found[0]
    raise NotFound(N_("There is no account %(name)s."), name=typed)


def search_accounts(session: Session, viewer: Viewer, typed: str, limit: int) -> Sequence[SearchHit]:
    """Accounts whose name begins so, then those with words that begin so; also by whole domain or external id."""
    words = words_of(typed)
    if not words:
        return []
    # Of a whole book the newest that match; of a few accounts that somebody may read, each is looked at.
    by_name = (
        _matching(session, ACCOUNTS, typed)
        if viewer.reads_every_account
        else core_select(col(Account.id)).where(is_visible(viewer), has_words(col(Account.name_folded), words))
    )
    otherwise = (
        by_name,
        core_select(col(Account.id)).where(func.lower(col(Account.domain)) == typed.strip().lower()),
        core_select(col(Account.id)).where(col(Account.external_id) == typed.strip()),
    )
    found = _first_by_beginning(
        core_select(col(Account.id).label("id"), col(Account.name_folded).label("name")).where(is_visible(viewer)),
        col(Account.name_folded),
        words,
        otherwise,
        limit,
    )
    rows = session.execute(
        core_select(col(Account.id), col(Account.name), col(Account.domain), col(User.name))
        .join(found, found.c.id == col(Account.id))
        .outerjoin(User, col(User.id) == col(Account.owner_id))
        .order_by(found.c.arm, col(Account.name_folded), col(Account.id))
    )
    return [
        SearchHit("account", row_id, name, " · ".join(one for one in (owner, domain) if one), f"/accounts/{row_id}")
        for row_id, name, domain, owner in rows
    ]


def account_meant(session: Session, viewer: Viewer, typed: str) -> Account | Text:
    """The account that somebody typed into a form, or what to say about it: a few letters are enough for one."""
    try:
        return account_named(session, viewer, typed)
    except (NotFound, Conflict):
        hits = search_accounts(session, viewer, typed, NAMED + 1)
    if len(hits) == 1:
        return get_account(session, viewer, hits[0].id)
    if not hits:
        return text(N_("There is no account named “%(name)s”."), name=typed[:60])
    return text(
        N_("Several accounts are named like that: %(names)s. Please write the whole name."),
        names=", ".join(hit.title for hit in hits[:NAMED]) + (" …" if len(hits) > NAMED else ""),
    )


def search_contacts(session: Session, viewer: Viewer, typed: str, limit: int) -> Sequence[SearchHit]:
    """Contacts at accounts that the viewer may read, by words of their name or the beginning of their e-mail."""
    words = words_of(typed)
    if not words:
        return []
    at_mail = starts_with(func.lower(col(Contact.email)), typed.strip().lower())
    there = (
        core_select(col(ContactAccount.id))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(col(ContactAccount.contact_id) == col(Contact.id), is_visible(viewer))
        .correlate(Contact)
    )
    found = _first_by_beginning(
        core_select(col(Contact.id).label("id"), col(Contact.name_folded).label("name")).where(
            col(Contact.closed_at).is_(None), there.exists()
        ),
        col(Contact.name_folded),
        words,
        (
            _matching(session, PEOPLE, typed),
            core_select(col(Contact.id)).where(at_mail if len(typed.strip()) > 2 else false()),
        ),
        limit,
    )
    # Asked of the few that were found: joined, the planner may begin at every contact of every account.
    at_accounts = (
        core_select(func.min(col(ContactAccount.position)))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(col(ContactAccount.contact_id) == col(Contact.id), is_visible(viewer))
        .correlate(Contact)
    )
    rows = session.execute(
        core_select(
            col(Contact.id),
            col(Contact.name),
            at_accounts.scalar_subquery(),
            at_accounts.with_only_columns(func.min(col(Account.name))).scalar_subquery(),
        )
        .join(found, found.c.id == col(Contact.id))
        .order_by(found.c.arm, col(Contact.name_folded), col(Contact.id))
    )
    return [
        SearchHit("contact", row_id, name, ", ".join(one for one in (position, account) if one), f"/contacts/{row_id}")
        for row_id, name, position, account in rows
    ]


def search_talks(session: Session, viewer: Viewer, typed: str, limit: int) -> Sequence[SearchHit]:
    """The newest notes and talks that have the words; each leads to its place in the account's timeline."""
    words = words_in(typed)
    if not words:
        return []
    matching = TALKS.matches(session, words, MOST_MATCHES).cte("matching")
    rows = session.execute(
        core_select(Interaction, col(Account.name))
        .join(Account, col(Account.id) == col(Interaction.account_id))
        .where(
            col(Interaction.id).in_(core_select(matching.c.id)),
            col(Interaction.closed_at).is_(None),
            is_visible(viewer),
            in_words_for(viewer),
        )
        .order_by(col(Interaction.happened_at).desc(), col(Interaction.id).desc())
        .limit(limit)
    )
    return [
        SearchHit(
            "note",
            talk.id,
            talk.subject or shorten(talk.body, 90, placeholder="…"),
            f"{name} · {talk.happened_at:%Y-%m-%d}",
            _place(talk),
        )
        for talk, name in rows
    ]


def _place(talk: Interaction) -> str:
    just_after = urlencode({"before": write_cursor(Cursor(talk.happened_at, talk.id + 1))})
    return f"/accounts/{talk.account_id}?{just_after}#panel-timeline"


def _matching(session: Session, index: FullText, typed: str) -> Any:
    """Ids of the newest rows in which each word of ``typed`` begins a word."""
    words = words_in(typed)
    if not words:
        return core_select(literal(0)).where(false())
    return core_select(index.matches(session, words, MOST_MATCHES).subquery(index.name + "_found").c.id)


def _first_by_beginning(readable: Any, name: Any, words: Sequence[str], otherwise: Sequence[Any], limit: int) -> CTE:
    """Ids in two arms: names that begin with what was typed, which an index finds at once; then, only as many as are
    still missing, those of the selects ``otherwise``. What these find is gathered before it is put in order: in the
    order of names, a planner would look for a rare word in every row."""
    begins = readable.where(starts_with(name, " ".join(words))).order_by(name, readable.selected_columns.id)
    first = begins.limit(limit).cte("begins")
    missing = literal(limit) - core_select(func.count()).select_from(first).scalar_subquery()
    ids = union(*otherwise).subquery("meant")
    rest = readable.where(
        readable.selected_columns.id.in_(core_select(ids.c[0])),
        readable.selected_columns.id.not_in(core_select(first.c.id)),
    )
    gathered = rest.cte("gathered").prefix_with("MATERIALIZED")
    second = core_select(gathered).order_by(gathered.c.name, gathered.c.id).limit(missing).cte("otherwise")
    arms = (core_select(literal(number).label("arm"), arm.c.id) for number, arm in enumerate((first, second)))
    return union_all(*arms).cte("found")


SEARCH_SOURCES = (
    SearchSource("accounts", N_("Accounts"), min_letters=1, search=search_accounts, order=10, recent=recent_accounts),
    SearchSource("contacts", N_("People"), min_letters=2, search=search_contacts, order=20),
    SearchSource("talks", N_("Notes and talks"), min_letters=3, search=search_talks, order=40),
)
