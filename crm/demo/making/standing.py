"""How people at the customers stand, who may be mailed, who belongs to whom, and what is still to be tidied."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from accounts.models import (
    Account,
    Consent,
    Contact,
    ContactAccount,
    ContactRole,
    ContactRoleKind as K,
    Influence,
    Sentiment,
)
from accounts.names import fold
from accounts.partners.models import PartnerDomain
from accounts.people.models import Departure
from crm.clock import start_of
from crm.demo.cast import Someone
from crm.demo.companies import BY_KEY
from crm.demo.making.writing import Writing
from crm.demo.when import dice
from crm.ids import new_id

Has, S = Influence, Sentiment

_WRITTEN: dict[str, tuple[Influence | None, Sentiment | None]] = {
    "Lars Haugen": (Has.SHAPES, S.NEUTRAL),
    "Solveig Dahl": (Has.SHAPES, S.AGAINST),
    "Tore Bakke": (Has.DECIDES, S.AGAINST),
    "Ingrid Moe": (Has.LITTLE, S.FOR),
    "Henrik Strand": (Has.LITTLE, S.NEUTRAL),
    "Eirik Nygård": (Has.LITTLE, None),
    "Étienne Brodeur": (Has.DECIDES, S.FOR),
    "Nathalie Perrot": (Has.SHAPES, S.FOR),
    "Henrik Voß": (Has.SHAPES, S.FOR),
    "Katrin Albers": (Has.SHAPES, S.FOR),
    "Miriam Seidel": (Has.DECIDES, S.NEUTRAL),
    "Rachel Fairhurst": (Has.SHAPES, S.NEUTRAL),
    "Neil Ashworth": (Has.DECIDES, None),
}
_BY_ROLE = {K.DECISION_MAKER: Has.DECIDES, K.SPONSOR: Has.SHAPES, K.CHAMPION: Has.SHAPES, K.USER: Has.LITTLE}
_UNHAPPY = ("red", "red_light", "sliding", "sliding_light", "lost")
_HOW = {"fr": ("bon de commande", "réunion de lancement"), "en": ("order form", "kick-off meeting")}
_LEFT_FOR = {"Gareth Pritchard": "Northgate Trams"}
_PARENTS = {"sunnana": "halden", "tilleuls": "ghso", "valbrune": "ghso"}
_CONTRACTOR = ("Oskar Linden", "linden-service.example", ("halden", "nordvik"))


def standing_of(w: Writing, one: Someone) -> dict[str, Any]:
    """Columns of ``ContactAccount``."""
    rng = dice("standing", one.company, one.name)
    if one.name in _WRITTEN:
        influence, sentiment = _WRITTEN[one.name]
    else:
        influence = next((_BY_ROLE[kind] for kind, _, end in one.roles if end is None and kind in _BY_ROLE), None)
        unhappy = BY_KEY[one.company].course in _UNHAPPY
        choices = (S.AGAINST, S.NEUTRAL, None) if unhappy else (S.FOR, S.FOR, S.NEUTRAL, None)
        sentiment = rng.choice(choices) if influence is not None else None
    seen = w.book.day(min(one.since, rng.randint(5, 160)))
    return {
        "influence": influence,
        "sentiment": sentiment,
        "sentiment_on": seen if sentiment else None,
        "new_employer": _LEFT_FOR.get(one.name, ""),
    }


def consent_of(w: Writing, one: Someone) -> dict[str, Any]:
    """Columns of ``Contact``: most have agreed when they signed or began, a few do not want to be mailed."""
    rng = dice("consent", one.company, one.name)
    said = rng.random()
    consent = Consent.GIVEN if said < 0.7 else Consent.REFUSED if said < 0.76 else None
    how = rng.choice(_HOW.get(BY_KEY[one.company].language, _HOW["en"]))
    return {
        "consent": consent,
        "consent_on": w.book.day(one.since) if consent else None,
        "consent_how": how if consent is Consent.GIVEN else "",
        "merged_into_id": None,
    }


def write_standing(w: Writing) -> None:
    """What is told beside the casts: departures, a contractor of two customers, somebody twice, groups of companies."""
    everybody = [one for cast in w.history.casts.values() for one in cast.everybody]
    w.put(Departure, [_departure(w, one) for one in everybody if one.name in _LEFT_FOR])
    _write_contractor(w)
    _write_twin(w)
    for child, parent in _PARENTS.items():
        w.session.execute(
            update(Account).where(col(Account.id) == w.accounts[child]).values(parent_id=w.accounts[parent])
        )


def _departure(w: Writing, one: Someone) -> dict[str, Any]:
    left = one.left or 0
    ended = [[role.value, w.book.day(start).isoformat()] for role, start, end in one.roles if end == left]
    return {
        "account_id": w.accounts[one.company],
        "contact_id": w.contact(one),
        "champion": any(role is K.CHAMPION for role, _, _ in one.roles),
        "roles": ended,
        "task_id": None,
        "made_by": w.user(BY_KEY[one.company].owner),
        "made_at": start_of(w.book.day(left) + timedelta(days=1)),
        "undone_at": None,
    }


def _write_contractor(w: Writing) -> None:
    """He looks after the machines of two customers, so his address names neither."""
    name, domain, companies = _CONTRACTOR
    since = w.book.day(420)
    contact_id = _person(w, name, f"oskar@{domain}", since)
    w.put(ContactAccount, [_place(contact_id, w.accounts[key], "Maintenance contractor", since) for key in companies])
    w.put(
        ContactRole,
        [
            {
                "account_id": w.accounts[key],
                "contact_id": contact_id,
                "role": K.TECHNICAL,
                "from_on": since,
                "to_on": None,
                "known_at": w.book.now,
                "closed_at": None,
            }
            for key in companies
        ],
    )
    w.put(
        PartnerDomain,
        [
            {
                "domain": domain,
                "note": "Maintenance contractor of Halden Logistics and Nordvik Shipyards",
                "added_by": w.user("mia.lindqvist"),
                "created_at": start_of(w.book.day(60)),
            }
        ],
    )


def _write_twin(w: Writing) -> None:
    """Somebody wrote from home once, and so is here twice until they are merged."""
    since = w.book.day(33)
    contact_id = _person(w, "Eirik Nygård", "eirik.nygard@nygard-hjem.example", since)
    w.put(ContactAccount, [_place(contact_id, w.accounts["halden"], "", since)])


def _person(w: Writing, name: str, email: str, since: date) -> int:
    contact_id = new_id()
    w.put(
        Contact,
        [
            {
                "id": contact_id,
                "name": name,
                "name_folded": fold(name),
                "email": email,
                "phone": None,
                "language": "en",
                "external_id": None,
                "consent": None,
                "consent_on": None,
                "consent_how": "",
                "merged_into_id": None,
                "created_at": start_of(since),
                "closed_at": None,
            }
        ],
    )
    return contact_id


def _place(contact_id: int, account_id: int, position: str, since: date) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "account_id": account_id,
        "position": position,
        "influence": Has.LITTLE,
        "sentiment": None,
        "sentiment_on": None,
        "from_on": since,
        "to_on": None,
        "new_employer": "",
    }
