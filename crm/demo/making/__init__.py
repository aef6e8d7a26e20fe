"""Writes an imagined history into an empty installation, in one transaction: the demo is whole, or it is not there."""

from __future__ import annotations

from sqlmodel import Session

from accounts.events import AccountsChanged, ContactsChanged, InteractionsChanged, gathered, tell
from crm.demo.history import History
from crm.demo.making.companies import write_companies
from crm.demo.making.hands import write_hands
from crm.demo.making.mail import write_mail
from crm.demo.making.money import write_money
from crm.demo.making.own_fields import write_own_fields, write_tags, write_views
from crm.demo.making.people import write_contacts, write_people
from crm.demo.making.renewals import write_amendments, write_forecasts
from crm.demo.making.signals import write_signals
from crm.demo.making.standing import write_standing
from crm.demo.making.talks import write_talks, write_tasks
from crm.demo.making.tickets import HELPDESK, write_sources, write_tickets
from crm.demo.making.work import write_goals, write_promises, write_pulses, write_risks
from crm.demo.making.writing import Progress, Writing
from crm.text import N_


def write(session: Session, history: History, progress: Progress) -> None:
    w = Writing(session, history)
    progress(0.13, N_("People and teams"))
    write_people(w)
    progress(0.15, N_("Customers and contracts"))
    with gathered(session):
        write_companies(w)
        write_contacts(w)
        write_standing(w)
        write_hands(w)
        write_money(w)
        write_amendments(w)
        write_forecasts(w)
        write_own_fields(w)
        write_tags(w)
        write_views(w)
        progress(0.18, N_("Talks and tasks"))
        write_talks(w)
        write_tasks(w)
        write_pulses(w)
        write_risks(w)
        write_goals(w)
        write_promises(w)
        write_signals(w)
        write_mail(w)
        for fact in (AccountsChanged, ContactsChanged, InteractionsChanged):
            tell(session, fact, w.accounts.values())
    write_tickets(w, progress)
    write_sources(w)


__all__ = ["HELPDESK", "write"]
