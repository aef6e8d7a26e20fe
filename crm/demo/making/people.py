"""Our people, and those at the customers."""

from __future__ import annotations

from accounts.models import Contact, ContactAccount, ContactRole
from accounts.names import fold
from crm.clock import start_of
from crm.demo import people
from crm.demo.making.standing import consent_of, standing_of
from crm.demo.making.writing import Writing
from crm.demo.tickets import SOURCE
from crm.identity import service as identity
from crm.ids import new_id


def write_people(w: Writing) -> None:
    teams = {name: identity.create_team(w.session, name) for name in people.TEAMS}
    for person in people.PEOPLE:
        w.users[person.key] = identity.create_user(
            w.session,
            name=person.name,
            email=person.email,
            role=person.role,
            team=teams[person.team] if person.team else None,
            language=person.language,
            time_zone="Europe/Paris",
            demo_role=person.enters,
        )
    w.session.flush()


def write_contacts(w: Writing) -> None:
    everybody = [one for cast in w.history.casts.values() for one in cast.everybody]
    for one in everybody:
        w.contacts[one.company, one.name] = new_id()
    w.put(
        Contact,
        (
            {
                "id": w.contacts[one.company, one.name],
                "name": one.name,
                "name_folded": fold(one.name),
                "email": one.email,
                "phone": one.phone,
                "language": one.language,
                "external_id": f"{SOURCE}:{36_000_000 + 417 * place}",
                **consent_of(w, one),
                "created_at": start_of(w.book.day(one.since)),
                "closed_at": None,
            }
            for place, one in enumerate(everybody)
        ),
    )
    w.put(
        ContactAccount,
        (
            {
                "contact_id": w.contact(one),
                "account_id": w.accounts[one.company],
                "position": one.position,
                **standing_of(w, one),
                "from_on": w.book.day(one.since),
                "to_on": None if one.left is None else w.book.day(one.left),
            }
            for one in everybody
        ),
    )
    w.put(
        ContactRole,
        (
            {
                "account_id": w.accounts[one.company],
                "contact_id": w.contact(one),
                "role": role,
                "from_on": w.book.day(start),
                "to_on": None if end is None else w.book.day(end),
                "known_at": w.book.now,
                "closed_at": None,
            }
            for one in everybody
            for role, start, end in one.roles
        ),
    )
