"""What a column of an uploaded file can become, and the headings under which people keep it, in English and French."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accounts.importing.vocabulary import headings_of
from crm.text import N_


class Kind(StrEnum):
    """What the rows of a file are."""

    ACCOUNTS = "accounts"
    CONTACTS = "contacts"
    USAGE = "usage"
    NPS = "nps"
    INVOICES = "invoices"


KIND_TITLES = {
    Kind.ACCOUNTS: N_("accounts"),
    Kind.CONTACTS: N_("contacts"),
    Kind.USAGE: N_("usage by day"),
    Kind.NPS: N_("NPS answers"),
    Kind.INVOICES: N_("invoices"),
}
FACTS = frozenset({Kind.USAGE, Kind.NPS, Kind.INVOICES})  # figures of accounts that are here already


class Shape(StrEnum):
    """How the cells of a column are read."""

    TEXT = "text"
    DOMAIN = "domain"
    EMAIL = "email"
    AMOUNT = "amount"
    CURRENCY = "currency"
    DAY = "day"
    NOTICE = "notice"
    WHOLE = "whole"
    FIGURE = "figure"  # 0 or more
    SUM = "sum"  # of money, 0 or more
    SCORE = "score"  # 0 to 10
    COUNTRY = "country"
    LANGUAGE = "language"
    TAGS = "tags"
    PEOPLE = "people"  # one or several, with or without their addresses
    # Words of a known list; what is not understood is asked for, once for each word.
    TIER = "tier"
    STAGE = "stage"
    OWNER = "owner"
    ROLE = "role"
    INFLUENCE = "influence"
    SENTIMENT = "sentiment"
    CONSENT = "consent"

    @property
    def asks_words(self) -> bool:
        return self in _ASKED


_ASKED = frozenset({Shape.TIER, Shape.STAGE, Shape.OWNER, Shape.ROLE, Shape.INFLUENCE, Shape.SENTIMENT, Shape.CONSENT})


class Part(StrEnum):
    """What a column of a file of accounts says of the people there."""

    NAME = "contact"
    FIRST_NAME = "contact_first_name"
    EMAIL = "contact_email"
    PHONE = "contact_phone"
    POSITION = "contact_position"


NAMES_PEOPLE = (Part.NAME, Part.FIRST_NAME, Part.EMAIL)


@dataclass(frozen=True)
class Target:
    """A fact of an account or contact that a column can hold.

    ``whole``: folded headings that mean it as they stand. ``within``: words that mean it inside a longer heading.
    ``weak``: headings that mean it only when the cells agree ("status" may be anything). ``grouped``: headings that
    mean it under a group of people ("Contact – Nom"). ``repeats``: several columns may be it.
    """

    key: str
    title: str  # N_(…)
    shape: Shape
    whole: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    grouped: tuple[str, ...] = ()
    max_length: int = 200
    repeats: bool = False

    @property
    def part(self) -> Part | None:
        return Part(self.key) if self.key in _PARTS else None


_PARTS = frozenset(part.value for part in Part)


def _target(kind: Kind, key: str, title: str, shape: Shape, max_length: int = 200, *, repeats: bool = False) -> Target:
    return Target(str(key), title, shape, max_length=max_length, repeats=repeats, **headings_of(kind.value, key))


def _account_targets(kind: Kind) -> tuple[Target, ...]:
    """How a row names its account: by any of its keys in one column, or by each in a column of its own."""
    return (
        _target(kind, "account", N_("Account (identifier, website or name)"), Shape.TEXT),
        _target(kind, "account_id", N_("Account's identifier"), Shape.TEXT, max_length=120),
        _target(kind, "account_domain", N_("Account's website"), Shape.DOMAIN, max_length=253),
    )


TARGETS: dict[Kind, tuple[Target, ...]] = {
    Kind.ACCOUNTS: (
        _target(Kind.ACCOUNTS, "name", N_("Account name"), Shape.TEXT),
        _target(Kind.ACCOUNTS, "external_id", N_("Identifier"), Shape.TEXT, max_length=120),
        _target(Kind.ACCOUNTS, "domain", N_("Website"), Shape.DOMAIN, max_length=253),
        _target(Kind.ACCOUNTS, "tier", N_("Tier"), Shape.TIER),
        _target(Kind.ACCOUNTS, "stage", N_("Stage"), Shape.STAGE),
        _target(Kind.ACCOUNTS, "owner", N_("Owner"), Shape.OWNER),
        _target(Kind.ACCOUNTS, "arr", N_("ARR"), Shape.AMOUNT),
        _target(Kind.ACCOUNTS, "mrr", N_("MRR (12 times becomes ARR)"), Shape.AMOUNT),
        _target(Kind.ACCOUNTS, "currency", N_("Currency"), Shape.CURRENCY),
        _target(Kind.ACCOUNTS, "starts_on", N_("Contract starts"), Shape.DAY),
        _target(Kind.ACCOUNTS, "ends_on", N_("Contract ends"), Shape.DAY),
        _target(Kind.ACCOUNTS, "notice", N_("Notice"), Shape.NOTICE),
        _target(Kind.ACCOUNTS, "seats", N_("Seats"), Shape.WHOLE),
        _target(Kind.ACCOUNTS, "country", N_("Country"), Shape.COUNTRY),
        _target(Kind.ACCOUNTS, "language", N_("Language"), Shape.LANGUAGE),
        _target(Kind.ACCOUNTS, "industry", N_("Industry"), Shape.TEXT, max_length=80),
        _target(Kind.ACCOUNTS, "tags", N_("Tags"), Shape.TAGS),
        _target(Kind.ACCOUNTS, Part.NAME, N_("Contacts (names, addresses)"), Shape.PEOPLE, repeats=True),
        _target(Kind.ACCOUNTS, Part.FIRST_NAME, N_("Contact’s first name"), Shape.TEXT, 80, repeats=True),
        _target(Kind.ACCOUNTS, Part.EMAIL, N_("Contact’s e-mail"), Shape.PEOPLE, repeats=True),
        _target(Kind.ACCOUNTS, Part.PHONE, N_("Contact’s phone"), Shape.TEXT, 60, repeats=True),
        _target(Kind.ACCOUNTS, Part.POSITION, N_("Contact’s position"), Shape.TEXT, 120, repeats=True),
    ),
    Kind.CONTACTS: (
        _target(Kind.CONTACTS, "name", N_("Name"), Shape.TEXT, max_length=160),
        _target(Kind.CONTACTS, "first_name", N_("First name"), Shape.TEXT, max_length=80),
        _target(Kind.CONTACTS, "last_name", N_("Last name"), Shape.TEXT, max_length=80),
        _target(Kind.CONTACTS, "email", N_("E-mail"), Shape.EMAIL, max_length=254),
        _target(Kind.CONTACTS, "phone", N_("Phone"), Shape.TEXT, max_length=60),
        _target(Kind.CONTACTS, "account", N_("Account"), Shape.TEXT),
        _target(Kind.CONTACTS, "account_id", N_("Account's identifier"), Shape.TEXT, max_length=120),
        _target(Kind.CONTACTS, "account_domain", N_("Account's website"), Shape.DOMAIN, max_length=253),
        _target(Kind.CONTACTS, "position", N_("Position"), Shape.TEXT, max_length=120),
        _target(Kind.CONTACTS, "role", N_("Role for us"), Shape.ROLE),
        _target(Kind.CONTACTS, "influence", N_("Influence"), Shape.INFLUENCE),
        _target(Kind.CONTACTS, "sentiment", N_("Stands towards us"), Shape.SENTIMENT),
        _target(Kind.CONTACTS, "consent", N_("May be mailed"), Shape.CONSENT),
        _target(Kind.CONTACTS, "consent_on", N_("Consent: day"), Shape.DAY),
        _target(Kind.CONTACTS, "consent_how", N_("Consent: how"), Shape.TEXT),
        _target(Kind.CONTACTS, "language", N_("Language"), Shape.LANGUAGE),
        _target(Kind.CONTACTS, "note", N_("a note on the timeline"), Shape.TEXT, max_length=4_000, repeats=True),
        _target(Kind.CONTACTS, "external_id", N_("Identifier"), Shape.TEXT, max_length=120),
    ),
    Kind.USAGE: (
        *_account_targets(Kind.USAGE),
        _target(Kind.USAGE, "day", N_("Day"), Shape.DAY),
        _target(Kind.USAGE, "metric", N_("Metric"), Shape.TEXT, max_length=80),
        _target(Kind.USAGE, "value", N_("Value"), Shape.FIGURE),
    ),
    Kind.NPS: (
        *_account_targets(Kind.NPS),
        _target(Kind.NPS, "email", N_("E-mail"), Shape.EMAIL, max_length=254),
        _target(Kind.NPS, "day", N_("Day"), Shape.DAY),
        _target(Kind.NPS, "score", N_("Score, 0 to 10"), Shape.SCORE),
        _target(Kind.NPS, "comment", N_("Comment"), Shape.TEXT, max_length=4_000),
        _target(Kind.NPS, "answer_id", N_("Identifier of the answer"), Shape.TEXT, max_length=120),
    ),
    Kind.INVOICES: (
        *_account_targets(Kind.INVOICES),
        _target(Kind.INVOICES, "number", N_("Invoice number"), Shape.TEXT, max_length=80),
        _target(Kind.INVOICES, "due_on", N_("Due day"), Shape.DAY),
        _target(Kind.INVOICES, "amount", N_("Amount"), Shape.SUM),
        _target(Kind.INVOICES, "currency", N_("Currency"), Shape.CURRENCY),
        _target(Kind.INVOICES, "paid_on", N_("Paid day"), Shape.DAY),
    ),
}


def target_of(kind: Kind, key: str) -> Target | None:
    return next((target for target in TARGETS[kind] if target.key == key), None)
