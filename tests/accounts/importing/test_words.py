"""Tiers, stages, roles, countries and colleagues as people write them."""

from __future__ import annotations

import pytest

from accounts.importing.targets import Shape
from accounts.importing.words import (
    Colleague,
    Colleagues,
    country_of,
    currency_of,
    language_of,
    meaning_of,
    several,
)


@pytest.mark.parametrize(
    ("shape", "word", "meaning"),
    [
        (Shape.TIER, "Grand Compte", "enterprise"),
        (Shape.TIER, "1 - Enterprise", "enterprise"),
        (Shape.TIER, "Gold", "enterprise"),
        (Shape.TIER, "ETI", "mid"),
        (Shape.TIER, "Mid-Market", "mid"),
        (Shape.TIER, "PME", "low_touch"),
        (Shape.TIER, "low-touch", "low_touch"),
        (Shape.TIER, "Lyon", None),
        (Shape.STAGE, "Actif", "live"),
        (Shape.STAGE, "Client actif (FR)", "live"),
        (Shape.STAGE, "En cours de déploiement", "onboarding"),
        (Shape.STAGE, "Renouvellement", "renewing"),
        (Shape.STAGE, "Résilié", "churned"),
        (Shape.STAGE, "Ancien client", "churned"),
        (Shape.STAGE, "Prospect", None),
        (Shape.STAGE, "Non client", None),
        (Shape.ROLE, "Décideur", "decision_maker"),
        (Shape.ROLE, "Executive sponsor", "sponsor"),
    ],
)
def test_a_word_has_its_meaning(shape: Shape, word: str, meaning: str | None) -> None:
    assert meaning_of(shape, word) == meaning


def test_a_cell_may_hold_several_roles() -> None:
    assert several("champion, sponsor et décideur / IT") == ["champion", "sponsor", "décideur", "IT"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("France", "FR"), ("ROYAUME-UNI", "GB"), ("USA", "US"), ("Deutschland", "DE"), ("fr", "FR"), ("Atlantide", None)],
)
def test_a_country_has_its_code(cell: str, code: str | None) -> None:
    assert country_of(cell) == code


@pytest.mark.parametrize(
    ("cell", "code"), [("Français", "fr"), ("fr-FR", "fr"), ("anglais", "en"), ("Klingonais", None)]
)
def test_a_language_has_its_code(cell: str, code: str | None) -> None:
    assert language_of(cell) == code


@pytest.mark.parametrize(("cell", "code"), [("€", "EUR"), ("euros", "EUR"), ("chf", "CHF"), ("pistoles", None)])
def test_a_currency_has_its_code(cell: str, code: str | None) -> None:
    assert currency_of(cell) == code


PEOPLE = Colleagues(
    [
        Colleague(1, "Ana Duarte", "ana@tenure.example"),
        Colleague(2, "Zoé Marchand", "zoe@tenure.example"),
        Colleague(3, "Ben Okafor", "ben@tenure.example"),
        Colleague(4, "Ben Adler", "adler@tenure.example"),
    ]
)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("ana@tenure.example", 1),
        ("Ana Duarte <ANA@tenure.example>", 1),
        ("DUARTE Ana", 1),
        ("zoe", 2),
        ("Zoé", 2),
        ("Ben Adler", 4),
        ("Ben", 0),  # two are called so
        ("Duarte", 1),
        ("Ana D.", 1),
        ("AD", 1),
        ("Mme Duarte", 1),
        ("Duarde", None),  # a typing error is asked for
        ("someone@else.example", None),
    ],
)
def test_a_colleague_is_found_by_mail_name_or_what_only_one_is_called(cell: str, found: int | None) -> None:
    assert PEOPLE.find(cell) == found


def test_whom_a_word_may_mean_is_offered_first_and_chosen_by_a_person() -> None:
    assert PEOPLE.alike("Duarde Ana")[0].id == 1
    assert [person.id for person in PEOPLE.alike("Ben")][:2] == [3, 4]
    assert [person.id for person in PEOPLE.alike("xyz")] == [1, 2, 3, 4]
