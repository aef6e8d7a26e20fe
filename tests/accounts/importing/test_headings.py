"""Headings as they stand in real spreadsheets, in both languages."""

from __future__ import annotations

import pytest

from accounts.importing.headings import guess_columns, guess_kind, hints_of, signature
from accounts.importing.targets import Kind


def meant(kind: Kind, headings: list[str]) -> list[str | None]:
    return [guess.target.key if guess.target else None for guess in guess_columns(kind, headings)]


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Account", "name"),
        ("AccountName", "name"),
        ("company_name", "name"),
        ("Raison sociale *", "name"),
        ("Société", "name"),
        ("NOM DU CLIENT", "name"),
        ("Customer", "name"),
        ("Nom de l’entreprise", "name"),
        ("Record ID", "external_id"),
        ("Code client", "external_id"),
        ("N° client", "external_id"),
        ("Website URL", "domain"),
        ("Site Web", "domain"),
        ("Nom de domaine", "domain"),
        ("Tier", "tier"),
        ("Niveau de service", "tier"),
        ("Segment", "tier"),
        ("Lifecycle Stage", "stage"),
        ("Étape", "stage"),
        ("Statut", "stage"),
        ("Account Owner", "owner"),
        ("CSM", "owner"),
        ("Chargé de clientèle", "owner"),
        ("Propriétaire du compte", "owner"),
        ("Responsable", "owner"),
        ("ARR (k€)", "arr"),
        ("ARR 2026", "arr"),
        ("CA récurrent annuel HT", "arr"),
        ("Annual contract value", "arr"),
        ("MRR", "mrr"),
        ("CA mensuel (€)", "mrr"),
        ("Devise", "currency"),
        ("Renewal Date", "ends_on"),
        ("Date d'échéance", "ends_on"),
        ("Date de fin de contrat", "ends_on"),
        ("Prochain renouvellement", "ends_on"),
        ("Expires", "ends_on"),
        ("Début de contrat", "starts_on"),
        ("Contract Start Date", "starts_on"),
        ("Préavis (mois)", "notice"),
        ("Notice period (days)", "notice"),
        ("Nb de licences", "seats"),
        ("# Seats", "seats"),
        ("Nombre d’utilisateurs", "seats"),
        ("Country/Region", "country"),
        ("Pays", "country"),
        ("Langue", "language"),
        ("Secteur d'activité", "industry"),
        ("Contract starts", "starts_on"),
        ("Contract ends", "ends_on"),
        ("Contact e-mail", "contact_email"),
        ("Interlocuteur principal", "contact"),
        ("Sponsor", "contact"),
        ("Contact – Nom", "contact"),
    ],
)
def test_a_heading_of_accounts_is_understood(heading: str, target: str) -> None:
    assert meant(Kind.ACCOUNTS, [heading]) == [target]


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Full name", "name"),
        ("Prénom", "first_name"),
        ("First Name", "first_name"),
        ("E-mail", "email"),
        ("Adresse e-mail", "email"),
        ("Courriel", "email"),
        ("Tél. portable", "phone"),
        ("Phone Number", "phone"),
        ("Société", "account"),
        ("Associated Company", "account"),
        ("Account ID", "account_id"),
        ("Job Title", "position"),
        ("Fonction", "position"),
        ("Rôle", "role"),
        ("Buying role", "role"),
        ("Influence", "influence"),
        ("Niveau d’influence", "influence"),
        ("Sentiment", "sentiment"),
        ("Consentement RGPD", "consent"),
        ("Opt-in", "consent"),
        ("Commentaire", "note"),
    ],
)
def test_a_heading_of_contacts_is_understood(heading: str, target: str) -> None:
    assert meant(Kind.CONTACTS, [heading]) == [target]


@pytest.mark.parametrize(
    "heading",
    [
        "Date de création",
        "Dernier contact",
        "Last Modified",
        "Annual Revenue",
        "Comments",
        "NPS",
        "",
        "???",
    ],
)
def test_what_we_have_no_name_for_is_not_forced_into_one(heading: str) -> None:
    assert meant(Kind.ACCOUNTS, [heading]) == [None]


def test_each_meaning_is_given_once_to_the_surest_heading() -> None:
    assert meant(Kind.ACCOUNTS, ["Statut", "Étape", "Client", "Raison sociale"]) == [None, "stage", "name", None]


def test_a_weak_heading_needs_cells_that_agree() -> None:
    def cells_are_cities(_target: object, _column: int) -> tuple[float, int]:
        return 0.1, 40

    guesses = guess_columns(Kind.ACCOUNTS, ["Segment", "Tier"], cells_are_cities)
    assert [guess.target.key if guess.target else None for guess in guesses] == [None, "tier"]


def test_nom_is_the_whole_name_unless_a_first_name_stands_beside_it() -> None:
    assert meant(Kind.CONTACTS, ["Nom", "E-mail"]) == ["name", "email"]
    assert meant(Kind.CONTACTS, ["Nom de famille", "Prénom"]) == ["last_name", "first_name"]


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (["Raison sociale", "CSM", "ARR", "Échéance"], Kind.ACCOUNTS),
        (["Prénom", "Nom", "E-mail", "Société"], Kind.CONTACTS),
        (["Name", "E-mail", "Company", "Job title"], Kind.CONTACTS),
        (["Société", "Contact", "E-mail", "Téléphone", "ARR"], Kind.ACCOUNTS),
        (["Client"], Kind.ACCOUNTS),
        (["", "x"], Kind.ACCOUNTS),
    ],
)
def test_the_kind_of_a_file_shows_in_its_headings(headings: list[str], kind: Kind) -> None:
    assert guess_kind(headings) is kind


def test_a_heading_tells_thousands_currency_and_unit() -> None:
    assert (hints_of("ARR (k€)").factor, hints_of("ARR (k€)").currency) == (1_000, "EUR")
    assert hints_of("ARR in USD").currency == "USD"
    assert hints_of("Préavis (mois)").months
    assert hints_of("Notice days").days


def test_the_same_headings_have_the_same_signature_however_they_are_written() -> None:
    assert signature(["Société", "ARR"]) == signature(["  societe ", "arr"])
    assert signature(["Société", "ARR"]) != signature(["ARR", "Société"])
