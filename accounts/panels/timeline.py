"""Everything that happened on an account, of all channels and slices, newest first; the note form stands on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal, select as core_select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from accounts.listing.query import Cursor, read_cursor, write_cursor
from accounts.models import Account, Channel, Contact, ContactAccount, Direction, Interaction
from accounts.panels.context import account_of, hands_of
from accounts.queries import in_words_for
from crm.contracts import Panel, PanelContext, TimelineEntry, TimelineSource
from crm.db import table_of
from crm.identity.models import User
from crm.text import N_, Text, text
from crm.viewer import Viewer

PAGE_SIZE = 25
TIMELINE_SOURCES = "timeline_sources"  # of all slices; the page puts the registry's into ``context.shared``
_ICONS = {Channel.IN_PERSON: "person"}


@dataclass(frozen=True)
class TimelinePage:
    entries: tuple[TimelineEntry, ...]
    next: str  # cursor; empty at the end
    chosen: str  # the filter: a channel, a source's key, or empty
    choices: tuple[tuple[str, str], ...]


# --- talks, mails and notes ------------------------------------------------------------------------------------------


def interactions(
    context: PanelContext, before: tuple[datetime, int] | None, limit: int, channel: Channel | None = None
) -> Sequence[TimelineEntry]:
    author = aliased(User)
    statement = (
        core_select(Interaction, col(author.name), col(Contact.name))
        .outerjoin(author, col(author.id) == col(Interaction.author_id))
        .outerjoin(Contact, col(Contact.id) == col(Interaction.contact_id))
        .where(
            col(Interaction.account_id) == context.account_id,
            col(Interaction.closed_at).is_(None),
            col(Interaction.happened_at) <= context.now + timedelta(minutes=1),
            in_words_for(context.viewer),
        )
        .order_by(col(Interaction.happened_at).desc(), col(Interaction.id).desc())
        .limit(limit)
    )
    if channel is not None:
        statement = statement.where(col(Interaction.channel) == channel)
    if before is not None:
        here: Any = tuple_(col(Interaction.happened_at), col(Interaction.id))
        table: Any = table_of(Interaction)
        there = tuple_(literal(before[0], table.c.happened_at.type), literal(before[1], table.c.id.type))
        statement = statement.where(here < there)
    hands = hands_of(context)
    return [
        _entry(one, author_name, contact_name, context.viewer, may_arrange=hands.may_arrange)
        for one, author_name, contact_name in context.session.execute(statement)
    ]


def _entry(
    one: Interaction, author: str | None, contact: str | None, viewer: Viewer, *, may_arrange: bool
) -> TimelineEntry:
    is_ones_own = one.author_id == viewer.user_id
    here = f"/accounts/{one.account_id}/interactions/{one.id}"
    return TimelineEntry(
        kind=_ICONS.get(one.channel, one.channel.value),
        id=one.id,
        at=one.happened_at,
        title=_said(one, author, contact),
        body="\n".join(part for part in (one.subject, one.body) if part),
        meta=_meta(one),
        correct_href=f"{here}/correction" if is_ones_own or may_arrange else None,
        private=one.private_to is not None,
        share_href=f"{here}/sharing" if is_ones_own and (one.private_to or one.source_key) else None,
    )


# Who reached whom, by channel and direction; what is not here is said by the plain sentence.
_SENTENCES = {
    (Channel.CALL, Direction.OUT): N_("%(us)s called %(them)s"),
    (Channel.CALL, Direction.IN): N_("%(them)s called %(us)s"),
    (Channel.CALL, Direction.BOTH): N_("%(us)s and %(them)s spoke by telephone"),
    (Channel.EMAIL, Direction.OUT): N_("%(us)s wrote to %(them)s"),
    (Channel.EMAIL, Direction.IN): N_("%(them)s wrote to %(us)s"),
    (Channel.EMAIL, Direction.BOTH): N_("%(us)s and %(them)s wrote to each other"),
    (Channel.LETTER, Direction.OUT): N_("%(us)s sent a letter to %(them)s"),
    (Channel.LETTER, Direction.IN): N_("%(them)s sent a letter to %(us)s"),
    (Channel.CHAT, Direction.OUT): N_("%(us)s wrote to %(them)s by chat"),
    (Channel.CHAT, Direction.IN): N_("%(them)s wrote to %(us)s by chat"),
    (Channel.CHAT, Direction.BOTH): N_("%(us)s and %(them)s chatted"),
    (Channel.SOCIAL, Direction.OUT): N_("%(us)s wrote to %(them)s on social media"),
    (Channel.SOCIAL, Direction.IN): N_("%(them)s wrote on social media"),
}
_MET = N_("%(us)s met %(them)s")
_OTHERWISE = N_("%(us)s and %(them)s were in touch")


def _said(one: Interaction, author: str | None, contact: str | None) -> Text:
    if one.channel is Channel.NOTE:
        return text(N_("%(author)s noted"), author=author) if author else text(N_("Note"))
    us: str | Text = author or text(N_("a colleague"))
    them: str | Text = contact or text(N_("the customer"))
    if one.channel in (Channel.MEETING, Channel.IN_PERSON):
        return text(_MET, us=us, them=them)
    return text(_SENTENCES.get((one.channel, one.direction), _OTHERWISE), us=us, them=them)


def _meta(one: Interaction) -> Text | None:
    if one.private_to is not None:
        return text(N_("private: only you see what it says"))
    if one.automatic:
        return text(N_("automatic reply"))
    if one.mass:
        return text(N_("mass mail"))
    if one.duration_minutes:
        return text(N_("%(n)s min"), n=one.duration_minutes)
    return None


INTERACTIONS = TimelineSource(key="talks", title=N_("Talks, mails and notes"), entries=interactions, order=0)


# --- all sources together --------------------------------------------------------------------------------------------


def read_timeline(context: PanelContext, sources: Sequence[TimelineSource]) -> TimelinePage:
    """One page of all sources, merged; ``channel`` and ``before`` of the address choose which."""
    chosen = context.params.get("channel", "")
    cursor = read_cursor(context.params.get("before", ""), datetime) if context.params.get("before") else None
    before = (cursor.value, cursor.id) if cursor and cursor.value is not None else None
    channels = {channel.value: channel for channel in Channel}
    by_key = {source.key: source for source in sources}
    limit = PAGE_SIZE + 1
    if chosen in channels:
        found = list(interactions(context, before, limit, channels[chosen]))
    elif chosen in by_key:
        found = list(by_key[chosen].entries(context, before, limit))
    else:
        chosen = ""
        found = [entry for source in sources for entry in source.entries(context, before, limit)]
    found.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
    entries = tuple(found[:PAGE_SIZE])
    more = len(found) > PAGE_SIZE
    return TimelinePage(
        entries,
        write_cursor(Cursor(entries[-1].at, entries[-1].id)) if more else "",
        chosen,
        (
            *((source.key, source.title) for source in sources),
            *((channel.value, channel.words) for channel in Channel),
        ),
    )


def contacts_to_choose(session: Session, account: Account) -> Sequence[tuple[int, str]]:
    """Who may have been spoken with: those who are there, by name."""
    rows = session.execute(
        core_select(col(Contact.id), col(Contact.name))
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .where(
            col(ContactAccount.account_id) == account.id,
            col(ContactAccount.to_on).is_(None),
            col(Contact.closed_at).is_(None),
        )
        .order_by(col(Contact.name_folded), col(Contact.id))
        .limit(200)
    )
    return [(contact_id, name) for contact_id, name in rows]


def load(context: PanelContext) -> dict[str, object]:
    return {
        "timeline_page": read_timeline(context, context.shared.get(TIMELINE_SOURCES, (INTERACTIONS,))),
        "contacts": contacts_to_choose(context.session, account_of(context)),
    }


TIMELINE = Panel(
    key="timeline",
    title=N_("Timeline"),
    template="accounts/panels/timeline.html",
    load=load,
    order=60,
    place="below",
)
