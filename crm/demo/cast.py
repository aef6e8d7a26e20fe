"""The people at the customers: names that fit the country, and the part each plays for us."""

# ruff: noqa: E501 - a table reads best with one line a row

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from accounts.models import ContactRoleKind, Tier
from accounts.names import fold
from crm.demo import words
from crm.demo.companies import COMPANIES, Company
from crm.demo.when import dice

K = ContactRoleKind
Roles = tuple[tuple[ContactRoleKind, int, int | None], ...]  # kind, from and to in days ago


@dataclass(frozen=True)
class Someone:
    company: str
    name: str
    position: str
    roles: Roles
    since: int  # days ago
    left: int | None = None  # days ago
    phone: str | None = None
    language: str = "en"
    domain: str = ""
    away: int | None = None  # since so many days ago: on leave, and still what they are for us

    @property
    def first(self) -> str:
        return self.name.split()[0]

    @property
    def email(self) -> str:
        first, last = self.name.split()[0], self.name.split()[-1]
        return f"{fold(first)}.{fold(last)}@{self.domain}.example".replace(" ", "")

    def writes(self, ago: int) -> bool:
        return self.away is None or ago > self.away

    def plays(self, kind: ContactRoleKind, ago: int) -> bool:
        return any(role is kind and start >= ago and (end is None or end < ago) for role, start, end in self.roles)


@dataclass
class Cast:
    """Everybody at one customer."""

    everybody: list[Someone] = field(default_factory=list)

    def who(self, kind: ContactRoleKind, ago: int) -> list[Someone]:
        return [one for one in self.everybody if one.plays(kind, ago)]

    def named(self, name: str) -> Someone:
        return next(one for one in self.everybody if one.name == name)


# Known by name, because their story is told.
_WRITTEN: dict[str, tuple[tuple[str, str, Roles, int, int | None], ...]] = {
    "halden": (
        ("Lars Haugen", "Chief Operating Officer", ((K.SPONSOR, 1400, None),), 1490, None),
        ("Solveig Dahl", "Head of Maintenance", ((K.CHAMPION, 1300, None),), 1300, None),
        ("Tore Bakke", "Chief Financial Officer", ((K.DECISION_MAKER, 900, None),), 900, None),
        ("Ingrid Moe", "Maintenance Planner", ((K.USER, 1100, None),), 1100, None),
        ("Eirik Nygård", "Terminal Supervisor, Gardermoen", ((K.USER, 640, None),), 640, None),
        ("Marit Eide", "Shift Lead, Moss", ((K.USER, 410, None),), 410, None),
        ("Henrik Strand", "IT Manager", ((K.TECHNICAL, 1200, None),), 1200, None),
    ),
    "brodeur": (
        ("Étienne Brodeur", "Direction générale", ((K.SPONSOR, 1100, None), (K.DECISION_MAKER, 1100, None)), 1120, None),
        ("Nathalie Perrot", "Responsable maintenance", ((K.CHAMPION, 700, None),), 700, None),
        ("Julien Marchand", "Responsable d’atelier, Mâcon", ((K.USER, 800, None),), 800, None),
        ("Aurélie Colin", "Contrôle de gestion", ((K.BILLING, 500, None),), 500, None),
        ("Bruno Tessier", "Maintenance électrique", ((K.USER, 600, None),), 600, None),
    ),
    "corvin": (
        ("Henrik Voß", "VP Operations", ((K.SPONSOR, 1700, None),), 1730, None),
        ("Katrin Albers", "Head of Maintenance", ((K.CHAMPION, 1600, None),), 1730, None),
        ("Miriam Seidel", "Head of Procurement", ((K.DECISION_MAKER, 1000, None),), 1000, None),
        ("Andreas Jahn", "Quality Engineer", ((K.USER, 1300, None),), 1300, None),
        ("Lucía Varela", "Maintenance Planner, Getafe", ((K.USER, 420, None),), 420, None),
        ("Stefan Reuter", "Workshop Supervisor, Stade", ((K.USER, 900, None),), 900, None),
        ("Nina Wiegand", "Application Manager", ((K.TECHNICAL, 1500, None),), 1500, None),
    ),
    "kestrel-rail": (
        ("Rachel Fairhurst", "Director of Operations", ((K.SPONSOR, 1100, None),), 1200, None),
        ("Gareth Pritchard", "Head of Maintenance", ((K.CHAMPION, 1200, 21),), 1210, 21),
        ("Neil Ashworth", "Finance Director", ((K.DECISION_MAKER, 800, None),), 800, None),
        ("Amara Okoro", "Depot Planner, Crewe", ((K.USER, 700, None),), 700, None),
        ("Stuart Kerr", "Workshop Supervisor, Doncaster", ((K.USER, 1000, None),), 1000, None),
        ("Beth Thornley", "Systems Administrator", ((K.TECHNICAL, 600, None),), 600, None),
    ),
    "bramwell": (
        ("Colin Hargreaves", "Managing Director", ((K.SPONSOR, 19, None), (K.DECISION_MAKER, 19, None)), 19, None),
        ("Joanne Barlow", "Works Manager", ((K.USER, 19, None),), 19, None),
    ),
}  # fmt: skip

_ON_LEAVE = {"Nathalie Perrot": 52}

_PHONES = {  # number ranges that are set aside for fiction
    "GB": "+44 20 7946 0{:03d}", "FR": "+33 1 99 00 {:02d} {:02d}", "DE": "+49 30 23125 {:03d}",
    "SE": "+46 8 465 004 {:02d}", "US": "+1 218 555 01{:02d}",
}  # fmt: skip


def make_casts(seed: int) -> dict[str, Cast]:
    """Everybody, by the key of their company; no name comes twice."""
    taken = {name for written in _WRITTEN.values() for name, *_ in written}
    return {company.key: _cast(company, dice(seed, "cast", company.key), taken) for company in COMPANIES}


def _cast(company: Company, rng: Random, taken: set[str]) -> Cast:
    cast = Cast()
    french = company.language == "fr"

    def add(name: str, position: str, roles: Roles, since: int, left: int | None = None) -> None:
        language = "fr" if french else "de" if company.country in ("DE", "AT") else "en"
        phone, away = _phone(company.country, rng), _ON_LEAVE.get(name)
        someone = Someone(company.key, name, position, roles, since, left, phone, language, company.domain, away)
        cast.everybody.append(someone)

    if company.key in _WRITTEN:
        for name, position, roles, since, left in _WRITTEN[company.key]:
            add(name, position, roles, since, left)
        return cast

    positions = words.POSITIONS_FR if french else words.POSITIONS_EN
    since = company.since
    longest = max(since - 10, 5)

    def some(kind: str, roles: tuple[ContactRoleKind, ...], start: int) -> None:
        held = {one.position for one in cast.everybody}
        free = [position for position in positions[kind] if position not in held] or list(positions[kind])
        add(_name(company, rng, taken, cast), rng.choice(free), tuple((role, start, None) for role in roles), start)

    if company.tier is Tier.LOW_TOUCH:
        some("sponsor", (K.SPONSOR, K.DECISION_MAKER), since)
        some("champion", (K.CHAMPION,), since)
        some("user", (K.USER,), rng.randint(longest // 3 + 1, longest))
        if company.seats > 10:
            some("user", (K.USER,), rng.randint(longest // 4 + 1, longest))
        return cast
    some("sponsor", (K.SPONSOR,), since)
    if since > 500 and rng.random() < 0.3:  # one champion has followed another
        changed = rng.randint(140, 380)
        add(
            _name(company, rng, taken, cast),
            rng.choice(positions["champion"]),
            ((K.CHAMPION, since, changed),),
            since,
            changed,
        )
        some("champion", (K.CHAMPION,), changed)
    else:
        some("champion", (K.CHAMPION,), since)
    some("decision_maker", (K.DECISION_MAKER,), rng.randint(longest // 2 + 1, longest))
    for _ in range(rng.randint(3, 5) if company.tier is Tier.ENTERPRISE else rng.randint(2, 3)):
        some("user", (K.USER,), rng.randint(longest // 4 + 1, longest))
    some("technical", (K.TECHNICAL,), rng.randint(longest // 3 + 1, longest))
    if company.tier is Tier.ENTERPRISE:
        some("billing", (K.BILLING,), rng.randint(longest // 3 + 1, longest))
    return cast


def _name(company: Company, rng: Random, taken: set[str], cast: Cast) -> str:
    """A name that nobody else has; within one company not even its parts come twice, as far as the names reach."""
    first_names, last_names = words.NAMES[company.country]
    known = {part for one in cast.everybody for part in one.name.split()}
    free = [f"{first} {last}" for first in first_names for last in last_names if f"{first} {last}" not in taken]
    fresh = [name for name in free if not known & set(name.split())]
    name = rng.choice(fresh or free)
    taken.add(name)
    return name


def _phone(country: str, rng: Random) -> str | None:
    pattern = _PHONES.get(country)
    if pattern is None:
        return None
    return pattern.format(*(rng.randrange(100 if ":02d" in pattern else 1000) for _ in range(pattern.count("{"))))
