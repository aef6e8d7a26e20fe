"""What came by itself: meetings of the coming days, mail that waits to be sorted, and a mail that is still private."""

# ruff: noqa: E501 - sentences that people write are not cut

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import col

from accounts.calendars.models import Meeting
from accounts.inbox.models import InboxMail, InboxState, Why
from accounts.models import Interaction
from crm.demo.making.writing import Writing

_ANA = "ana.ruiz"

# (customer, of us, days ahead, begins, minutes, title, place, who of them)
MEETINGS = (
    ("corvin", _ANA, 0, "10:00", 45, "Rollout in Getafe", "Video call", 2),
    ("brodeur", _ANA, 0, "14:30", 30, "Point d’étape", "Visioconférence", 1),
    ("halden", _ANA, 2, "09:00", 60, "Alarms and the renewal", "Moss, head office", 3),
    ("corvin", _ANA, 8, "11:00", 60, "Quarterly review", "Finkenwerder", 3),
    ("halden", "mia.lindqvist", 5, "16:00", 30, "Before the notice day", "Telephone", 1),
)

# (days ago, hour, name, address, subject, words)
UNSORTED = (
    (
        1,
        "16:42",
        "Astrid Nygård",
        "astrid.nygard@halden.example",
        "Who answers for our alarms at night?",
        "Dear Ana,\n\nI am the new shift lead in Svinesund and was given your name. Whom do we call when an alarm does not come through at night? Lars thought you would know.\n\nAstrid Nygård",
    ),
    (
        2,
        "09:15",
        "Paul Lefort",
        "paul.lefort@gmail.com",
        "Question sur l’application",
        "Bonjour,\n\nJ’ai utilisé votre application dans mon ancienne entreprise et j’aimerais la proposer ici. Avec qui puis-je en parler ?\n\nPaul Lefort",
    ),
)
PRIVATE = ("halden", "Half an hour this week?")  # an exchange that Ana has not shared


def write_mail(w: Writing) -> None:
    _write_meetings(w)
    w.put(
        InboxMail,
        (
            {
                "user_id": w.user(_ANA),
                "message_key": hashlib.sha256(address.encode()).hexdigest(),
                "reference_keys": [],
                "state": InboxState.TO_SORT,
                "why": Why.NOBODY,
                "is_ours": False,
                "sender_name": name,
                "sender_email": address,
                "others": [],
                "automatic": False,
                "mass": False,
                "subject": subject,
                "body": words,
                "happened_at": w.book.moment(ago, at),
                "received_at": w.book.moment(ago, at),
                "interaction_id": None,
            }
            for ago, at, name, address, subject, words in UNSORTED
        ),
    )
    company, subject = PRIVATE
    w.session.execute(
        update(Interaction)
        .where(col(Interaction.account_id) == w.accounts[company], col(Interaction.subject) == subject)
        .values(private_to=w.user(_ANA))
    )


def _write_meetings(w: Writing) -> None:
    rows = []
    for place, (company, of_us, ahead, begins, minutes, title, where, count) in enumerate(MEETINGS):
        day = w.book.next_workday(ahead)
        starts_at = datetime.combine(day, time.fromisoformat(begins), ZoneInfo("Europe/Paris"))
        there = [one for one in w.history.casts[company].everybody if one.left is None and one.away is None]
        rows.append(
            {
                "account_id": w.accounts[company],
                "user_id": w.user(of_us),
                "feed_id": None,
                "uid_key": hashlib.sha256(f"demo:{place}".encode()).hexdigest(),
                "occurrence": "",
                "sequence": 0,
                "title": title,
                "place": where,
                "is_private": False,
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=minutes),
                "all_day": False,
                "attendees": [one.email for one in there[:count]],
                "cancelled_at": None,
                "changed_at": w.book.now,
                "interaction_id": None,
            }
        )
    w.put(Meeting, rows)
