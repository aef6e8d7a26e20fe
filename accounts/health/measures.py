"""How long nobody has spoken with an account, and whether its champion is gone."""

from __future__ import annotations

import numpy as np

from accounts.health import records
from accounts.health.features import TIER_CODES
from crm.contracts import Columns, Definition, Floats, LineFacts, Measure, Mend, feature
from crm.text import N_, Text, plural, text

_CADENCE = np.array([np.nan, *(float(tier.cadence_days) for tier in TIER_CODES)])


def cadence(columns: Columns) -> Floats:
    """Days within which a talk is owed, by tier."""
    return _CADENCE[np.nan_to_num(columns["tier"]).astype(np.intp)]


def _days(n: int) -> Text:
    return plural(N_("%(n)s day"), N_("%(n)s days"), n)


def _passes_at(columns: Columns, days: Floats) -> Floats:
    """The midnight at which ``days`` without contact first exceed the cadence; from then on, each next one."""
    return columns.midnight_in(np.maximum(cadence(columns) + 1 - days, 1.0))


# --- contact of any kind


def _days_silent(columns: Columns) -> Floats:
    return columns.days_since("last_contact_at")


def _explain_silence(facts: LineFacts) -> Text:
    sentence = N_("No contact of any kind for %(age)s; owed every %(owed)s")
    if facts["unsettled_at"] > facts["last_contact_at"]:
        sentence = N_("No contact for %(age)s but an urgent call that is still open; owed every %(owed)s")
    return text(sentence, age=_days(facts.days("last_contact_at")), owed=_days(facts.count("owed")))


SILENCE = Measure(
    key="silence",
    title=N_("Silence"),
    dimension="contact",
    unit=N_("times the cadence owed"),
    value=lambda columns: _days_silent(columns) / cadence(columns),
    explained_by={
        "last_contact_at": feature("last_contact_at"),
        "unsettled_at": feature("unsettled_at"),
        "owed": cadence,
    },
    explain=_explain_silence,
    counted=lambda facts: text(N_("last contacts")),
    records=records.last_contacts,
    definition=Definition(
        counts=N_(
            "Days since the last contact of any kind, divided by the days within which one is owed to the tier: "
            "enterprise 14, mid 30, low-touch 90. Calls, meetings, mails, chats and letters count, and each ticket on "
            "the day it is opened (an urgent one once it is solved); automatic replies, mass mail and our own notes "
            "never do. Few tickets and no contact is a warning, not health."
        ),
        window=N_("all of the history"),
        minimum=N_("one contact or ticket"),
        source=N_("interaction.happened_at, channel, automatic, mass; ticket.opened_at; account.tier"),
    ),
    missing=N_("No contact and no ticket is known yet."),
    mend=Mend(N_("Log a talk"), lambda account_id: f"/accounts/{account_id}/notes/new?channel=call"),
    next_at=lambda columns: _passes_at(columns, _days_silent(columns)),
    shared=("last_contact_at",),
)


# --- talks with the people who decide


def _silent_since(columns: Columns) -> Floats:
    """The last talk with a key person; before there was one, the first talk with anybody. Where nobody was ever said to
    be one, who decides is not known, and a talk with anybody counts."""
    key, first, last = columns["last_key_talk_at"], columns["first_talk_at"], columns["last_talk_at"]
    return np.where(columns["key_roles"] > 0, np.where(np.isnan(key), first, key), last)


def _days_without_key_talk(columns: Columns) -> Floats:
    with_key = np.fmin(columns.days_since("last_key_talk_at"), columns.days_since("first_talk_at"))
    return np.where(columns["key_roles"] > 0, with_key, columns.days_since("last_talk_at"))


def _explain_key_silence(facts: LineFacts) -> Text:
    if not facts.count("key_roles"):
        sentence = N_("No conversation for %(age)s; owed every %(owed)s. Who decides there is not known")
    elif facts.has("last_key_talk_at"):
        sentence = N_("No talk with a sponsor, champion or decision maker for %(age)s; owed every %(owed)s")
    else:
        sentence = N_("Never a talk with the sponsor, champion or decision maker in %(age)s; owed every %(owed)s")
    return text(sentence, age=_days(facts.days("since")), owed=_days(facts.count("owed")))


KEY_SILENCE = Measure(
    key="key_silence",
    title=N_("Talks with those who decide"),
    dimension="relationship",
    unit=N_("times the cadence owed"),
    value=lambda columns: _days_without_key_talk(columns) / cadence(columns),
    explained_by={
        "since": _silent_since,
        "last_key_talk_at": feature("last_key_talk_at"),
        "key_roles": feature("key_roles"),
        "owed": cadence,
    },
    explain=_explain_key_silence,
    counted=lambda facts: text(N_("last talks")),
    records=records.key_talks,
    definition=Definition(
        counts=N_(
            "Days since the last two-way conversation with a sponsor, champion or decision maker (present or former), "
            "divided by the days within which one is owed to the tier: enterprise 14, mid 30, low-touch 90. Before "
            "there was one, days since the first conversation with anybody. Where nobody was ever said to have such a "
            "role, a conversation with anybody counts."
        ),
        window=N_("all of the history"),
        minimum=N_("one conversation outside tickets"),
        source=N_("interaction.happened_at, two_way, contact; contact_role.role, from_on; account.tier"),
    ),
    missing=N_("No conversation outside tickets is known yet."),
    mend=Mend(N_("Log a talk"), lambda account_id: f"/accounts/{account_id}/notes/new?channel=call"),
    next_at=lambda columns: _passes_at(columns, _days_without_key_talk(columns)),
)


# --- the champion


def _explain_champion(facts: LineFacts) -> Text:
    return text(
        N_("The champion has been gone since %(day)s and nobody has taken their place"),
        day=facts.day("champion_left"),
    )


CHAMPION_GONE = Measure(
    key="champion_gone",
    title=N_("Champion gone"),
    dimension="relationship",
    unit=N_("1 when gone"),
    value=feature("champion_gone"),
    explained_by={"champion_left": feature("champion_left")},
    explain=_explain_champion,
    counted=lambda facts: text(N_("who it was")),
    records=records.champions,
    definition=Definition(
        counts=N_("The account had a champion, that role has ended, and nobody else has it."),
        window=N_("all of the history"),
        minimum=N_("a champion was named once"),
        source=N_("contact_role.role, from_on, to_on"),
    ),
    missing=N_("No champion was ever named."),
    mend=Mend(N_("Name a champion"), lambda account_id: f"/accounts/{account_id}/contacts"),
)

MEASURES = (SILENCE, KEY_SILENCE, CHAMPION_GONE)

__all__ = ["MEASURES", "cadence"]
