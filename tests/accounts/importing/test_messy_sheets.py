"""Spreadsheets as teams keep them go in by the wizard's pages, and nothing of them is lost.

The oracle looks at every filled cell of every row: it stands in a typed field with the value that the generator meant,
in an own field or note as it was written, at a contact, or the row is told with line, column, value and reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts.importing.legal_forms import called
from accounts.importing.unreadable import is_empty
from accounts.models import (
    Account,
    Consent,
    Contact,
    ContactAccount,
    Contract,
    Influence,
    Interaction,
    OwnField,
    OwnValue,
    Sentiment,
)
from accounts.names import fold
from crm.csv_io import ImportProblem, ImportRun
from crm.identity.models import User
from crm.viewer import Role
from tests.accounts.importing._book import Company
from tests.accounts.importing._sheets import OWNERS, SHAPES, Column, Sheet, contacts_en, merged_fr, renewals_fr
from tests.accounts.importing.test_import_pages import FormFields
from tests.conftest import MakePerson, SignIn


@pytest.fixture
def as_manager(make_person: MakePerson, sign_in: SignIn) -> TestClient:
    for name in OWNERS:
        mail = f"{fold(name).replace(' ', '.')}@tenure.example"
        make_person(name, Role.RELATIONSHIP_MANAGER, "North", email=mail)
    return sign_in(make_person("Mia Lindqvist", Role.MANAGER, "North"))


def bring(browser: TestClient, sheet: Sheet) -> dict[str, str]:
    """As a person would without JavaScript: send, look, settle the words that are asked, start. What the form said."""
    sent = browser.post("/import", files={"file": (sheet.name, sheet.content)}, data={"kind": "guess"})
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    page = browser.get(path).text
    fields = FormFields(page).fields
    unsettled = {name for name, value in fields.items() if name.startswith("word.") and not value}
    assert {name.split(".", 2)[2] for name in unsettled} == {fold(word) for word in sheet.asked}
    for word, name in sheet.settle.items():
        key = next(field for field in fields if field.endswith(f".{word}"))
        if fields[key]:
            continue  # understood without being told
        fields[key] = re.search(rf'<option value="(\d+)"[^>]*>{name}<', page)[1]  # type: ignore[index]
    started = browser.post(f"{path}/start", data=fields)
    assert started.status_code == 303, started.text
    assert browser.get(path).status_code == 200
    return fields


class Found:
    """Everything that stands in the database after an import, read once."""

    def __init__(self, session: Session) -> None:
        session.rollback()
        session.expire_all()
        run = session.exec(select(ImportRun).order_by(col(ImportRun.id).desc()).limit(1)).one()
        self.counts = run.counts
        self.told: dict[int, list[ImportProblem]] = defaultdict(list)
        for problem in session.exec(select(ImportProblem).where(col(ImportProblem.import_run_id) == run.id)):
            self.told[problem.line].append(problem)
        self.accounts = {fold(account.name): account for account in session.exec(select(Account))}
        self.by_stem = {called(account.name).stem: account for account in self.accounts.values()}
        self.owners = {user.id: user.name for user in session.exec(select(User))}
        self.contracts = {contract.account_id: contract for contract in session.exec(select(Contract))}
        self.own: dict[int, dict[str, str]] = defaultdict(dict)
        fields = {one.id: one.title for one in session.exec(select(OwnField))}
        self.own_titles = set(fields.values())
        for value in session.exec(select(OwnValue)):
            self.own[value.account_id][fields[value.field_id]] = value.text
        self.people: dict[int, list[tuple[Contact, ContactAccount]]] = defaultdict(list)
        for link, contact in session.exec(
            select(ContactAccount, Contact).join(Contact, col(Contact.id) == col(ContactAccount.contact_id))
        ):
            self.people[link.account_id].append((contact, link))

    def typed(self, account: Account, key: str) -> Any:
        contract = self.contracts.get(account.id)
        match key:
            case "owner":
                return self.owners.get(account.owner_id or 0)
            case "arr" | "mrr":
                return account.arr_minor
            case "starts_on" | "ends_on":
                return getattr(contract, key) if contract else None
            case "notice":
                return round(contract.notice_days / 30.4) if contract else None
            case "name":
                return account.name
        return getattr(account, key)


def truth(company: Company, key: str, *, staged: bool) -> Any:
    match key:
        case "arr" | "mrr":  # whoever has left pays nothing, whatever the sheet still says; the page notes it
            return 0 if staged and company.stage == "churned" else company.arr * 100
        case "notice":
            return company.notice_months
    return getattr(company, key)


def lost(found: Found, sheet: Sheet) -> list[str]:
    """Cells of which neither the right value nor the words stand anywhere."""
    missing = []
    for line, company in sheet.companies.items():
        cells = sheet.cells[line]
        if line in found.told:
            if found.told[line][0].row != cells:
                missing.append(f"line {line} is told otherwise than it was")
            continue
        account = found.accounts.get(fold(company.name)) or found.by_stem.get(called(company.name).stem)
        if account is None:
            missing.append(f"line {line}: {company.name} is not here")
            continue
        no_end = any(column.key == "ends_on" and is_empty(cells[at]) for at, column in enumerate(sheet.columns))
        for column, cell in zip(sheet.columns, cells, strict=True):
            if is_empty(cell) and column.key != "own":
                continue
            if not cell.strip():
                continue
            staged = any(one.key == "stage" for one in sheet.columns)
            if not _stands(found, account, company, column, cell, no_end=no_end, staged=staged):
                missing.append(f"line {line}, {column.heading}: {cell!r}")
    return missing


def _stands(
    found: Found, account: Account, company: Company, column: Column, cell: str, *, no_end: bool, staged: bool
) -> bool:
    own = found.own[account.id]
    match column.key:
        case "own":
            kept = {value for title, value in own.items() if title.startswith(column.heading or "Column")}
            said = {"O": "yes", "N": "no", "Y": "yes", "x": "yes", "✓": "yes"}.get(cell)
            return cell.strip() in kept or said in kept
        case "people":
            people = found.people[account.id]
            if cell.strip() in own.values():
                return True
            return all(
                any(
                    fold(person.name) == fold(contact.name)
                    and (person.email not in cell or contact.email == person.email)
                    and (person.phone not in cell or contact.phone == person.phone)
                    and (not person.position or person.position not in cell or link.position == person.position)
                    for contact, link in people
                )
                for person in column.people(company)
            )
        case "starts_on" | "notice" if no_end:
            return bool(found.contracts.get(account.id) is None)
        case "name":
            return called(account.name).stem == called(company.name).stem
    value, meant = found.typed(account, column.key), truth(company, column.key, staged=staged)
    return bool(value == meant)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_messy_sheet_goes_in_with_nothing_lost(as_manager: TestClient, session: Session, shape: str) -> None:
    sheet = SHAPES[shape](Random(f"1 {shape}"))
    bring(as_manager, sheet)
    found = Found(session)
    assert lost(found, sheet) == []
    assert len(found.accounts) == 300 - len(sheet.unreadable)
    for line, (heading, cell) in sheet.unreadable.items():
        assert (heading, cell) in {(problem.column_name, problem.value) for problem in found.told[line]}
    assert all(str(problem.reason) for problems in found.told.values() for problem in problems)
    assert set(found.told) == {*sheet.unreadable, *sheet.never}  # sums and notes are told, and nothing else is


def test_the_second_sheet_finds_the_accounts_of_the_first(as_manager: TestClient, session: Session) -> None:
    first = merged_fr(Random("2"))
    bring(as_manager, first)
    number = len(Found(session).accounts)
    second = renewals_fr(Random("3"), first)
    bring(as_manager, second)
    found = Found(session)
    assert lost(found, second) == []
    assert len(found.accounts) == number  # none is doubled for its capitals or its legal form
    assert found.told == {}


def test_a_sheet_brought_twice_changes_nothing(as_manager: TestClient, session: Session) -> None:
    sheet = SHAPES["stacked_fr"](Random("4"))
    bring(as_manager, sheet)
    once = Found(session)
    bring(as_manager, sheet)
    again = Found(session)
    assert (again.counts["new"], again.counts["updated"]) == (0, 0)
    assert again.own == once.own
    assert {key: len(people) for key, people in again.people.items()} == {
        key: len(people) for key, people in once.people.items()
    }


def test_a_sheet_of_contacts_keeps_how_they_stand_and_what_they_agreed_to(
    as_manager: TestClient, session: Session
) -> None:
    first = SHAPES["us_en"](Random("5"))
    bring(as_manager, first)
    here = [company for line, company in first.companies.items() if line not in first.unreadable]
    content, people = contacts_en(here)
    sheet = Sheet("contacts.csv", ())
    sheet._out.write(content)
    fields = bring(as_manager, sheet)
    assert fields["kind"] == "contacts"
    assert "out" not in {value for name, value in fields.items() if name.startswith("column.")}
    found = Found(session)
    assert found.told == {}
    by_mail = {contact.email: (contact, link) for links in found.people.values() for contact, link in links}
    assert len(by_mail) == len(people)
    notes = {note.contact_id: note.body for note in session.exec(select(Interaction)) if note.contact_id}
    for number, (company, person) in enumerate(people):
        contact, link = by_mail[person.email]
        which = number % 3
        assert link.account_id == found.by_stem[called(company.name).stem].id
        assert (contact.name, contact.phone, link.position) == (person.name, person.phone, person.position)
        assert link.influence is (Influence.DECIDES, Influence.SHAPES, Influence.LITTLE)[which]
        assert link.sentiment is (Sentiment.FOR, Sentiment.NEUTRAL, Sentiment.AGAINST)[which]
        assert contact.language == ("fr", "en", "de")[which]
        assert contact.consent is (Consent.GIVEN, Consent.REFUSED, None)[which]
        assert contact.consent_on == (date(2025, 3, 20), date(2025, 11, 30), None)[which]
        assert contact.consent_how == ("order form", "", "")[which]
        assert f"Birthday: {number % 28 + 1} May" in notes[contact.id]
        assert (f"Remarks: likes {number}" in notes[contact.id]) is bool(number % 2)
    bring(as_manager, sheet)
    again = Found(session)
    assert (again.counts["new"], again.counts["updated"], again.counts["rejected"]) == (0, 0, 0)
    assert len(session.exec(select(Interaction)).all()) == len(notes)
