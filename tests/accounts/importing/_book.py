"""300 companies as they are in truth, and the ways in which people write a day, an amount, a name or a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

FORMS = ("SAS", "SARL", "SA", "S.A.S.", "GmbH", "Ltd", "", "", "")
TRADES = "Ateliers Brasserie Clinique Domaine Établissements Fonderie Groupe Imprimerie Laboratoire Menuiserie".split()
PLACES = (
    "Alsace Brest Cévennes Dijon Épinal Fougères Gironde Honfleur Isère Jura Landes Médoc Nîmes Orléans Périgord"
    " Quimper Rhône Saône Tarn Uzès Vercors Wimereux Yonne Albi Bourges Colmar Drôme Écully Forez Guérande"
).split()
FIRST = "Anne Paul Zoé Hugo Léa Noël Inès Marc Chloé Yann Élise Rémi Fanny Gaël".split()
LAST = "Roy Petit Müller Lefèvre Garnier Okoro Da-Silva Nguyen O’Brien Faure Weiss Thomas".split()
POSITIONS = ("DSI", "Directrice générale", "Acheteur", "Responsable logistique", "")
MONTHS_FR = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    phone: str
    position: str


@dataclass(frozen=True)
class Company:
    """``owner`` is a name of ours. Amounts are whole hundreds of the currency."""

    name: str
    owner: str
    tier: str
    stage: str
    arr: int
    starts_on: date
    ends_on: date
    notice_months: int
    seats: int
    discount: int
    reference: bool
    comment: str
    people: tuple[Person, ...] = field(default=())


def companies(rng: Random, owners: tuple[str, ...], number: int = 300) -> list[Company]:
    names = [f"{trade} {place}" for trade in TRADES for place in PLACES][:number]
    rng.shuffle(names)
    return [_company(rng, name, owners) for name in names]


def _company(rng: Random, name: str, owners: tuple[str, ...]) -> Company:
    ends = date(2026, 12, 1) + timedelta(days=rng.randrange(700))
    slug = name.split()[1].lower().translate(str.maketrans("éèêëîôûç", "eeeeiouc"))
    people = []
    for first in rng.sample(FIRST, rng.choice((1, 1, 2, 3))):
        last = rng.choice(LAST)
        plain = first.lower().translate(str.maketrans("éèëïç", "eeeic"))
        phone = "+33 6 " + " ".join(f"{rng.randrange(100):02}" for _ in range(4))
        place = f"{slug}-{name.split()[0][:3].lower().translate(str.maketrans('é', 'e'))}"
        people.append(Person(f"{first} {last}", f"{plain}.{rng.randrange(1000)}@{place}.example", phone,
                             rng.choice(POSITIONS)))  # fmt: skip
    return Company(
        name=f"{name} {rng.choice(FORMS)}".strip(),
        owner=rng.choice(owners),
        tier=rng.choice(("enterprise", "mid", "low_touch")),
        stage=rng.choice(("onboarding", "live", "live", "live", "churned")),
        arr=rng.choice((rng.randrange(12, 999) * 500, rng.randrange(11, 30) * 100_000)),
        starts_on=ends - timedelta(days=rng.choice((364, 365, 729))),
        ends_on=ends,
        notice_months=rng.choice((1, 2, 3, 6)),
        seats=rng.randrange(3, 2_400),
        discount=rng.choice((0, 5, 10, 15)),
        reference=rng.random() < 0.3,
        comment=rng.choice(("", "", "À rappeler après l’été", "Veut l’API ; hésite", "Budget gelé\njusqu’en mars")),
        people=tuple(people),
    )


# --- days ------------------------------------------------------------------------------------------------------------


def short(day: date) -> str:
    return f"{day.day}/{day.month}/{day:%y}"


def month_first(day: date) -> str:
    return f"{day.month}/{day.day}/{day:%y}"


def dotted(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def in_words(day: date) -> str:
    return f"{day.day} {MONTHS_FR[day.month - 1]} {day:%y}"


def serial(day: date) -> str:
    return str((day - date(1899, 12, 30)).days)


# --- amounts ---------------------------------------------------------------------------------------------------------


def spaced(amount: int) -> str:
    return f"{amount:,}".replace(",", "\N{NO-BREAK SPACE}")


def euros(amount: int) -> str:
    return spaced(amount) + " €"


def thousands(amount: int) -> str:
    return f"{amount / 1000:g} k€".replace(".", ",")


def millions(amount: int) -> str:
    return f"{amount / 1_000_000:g}M€" if amount >= 1_000_000 else euros(amount)


def german(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + ",00"


def dollars(amount: int) -> str:
    return f"${amount:,}"


def short_dollars(amount: int) -> str:
    return f"${amount / 1000:g}k" if amount < 1_000_000 else f"${amount / 1_000_000:g}M"


# --- people ----------------------------------------------------------------------------------------------------------


def mailbox(person: Person) -> str:
    return f"{person.name} <{person.email}>"


def named_and_mailed(person: Person) -> str:
    return f"{person.name} ({person.email})"


def initials(name: str) -> str:
    return "".join(word[0] for word in name.split())


def shouted(name: str) -> str:
    return name.upper()
