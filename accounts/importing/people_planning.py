"""People whom rows of accounts name: planned and written by the hands that bring in files of contacts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from accounts.importing.contact_planning import ContactPlanner
from accounts.importing.contact_writing import write_contacts
from accounts.importing.known import KnownAccount
from accounts.importing.known_contacts import Contacts, load_contacts
from accounts.importing.mapping import Mapping
from accounts.importing.people_cells import Person
from accounts.importing.planning import AccountPlan, Outcome
from accounts.importing.rows import Row, Wrong
from crm.text import N_, Text, text
from crm.viewer import Viewer


@dataclass
class PersonRow(Row):
    """One person of a row, as a row of contacts would say it. ``columns``: where each part of them stands."""

    columns: dict[str, int] = field(default_factory=dict)


class _Planner(ContactPlanner):
    def _at(self, row: Row, key: str | None, reason: Text) -> Wrong:
        columns = row.columns if isinstance(row, PersonRow) else {}
        column = columns.get(key or "", columns.get("name"))
        return Wrong(column, row.cells[column] if column is not None else "", reason)


class PeopleOfAccounts:
    """Plans the people of rows, one row after the other."""

    def __init__(self, viewer: Viewer, mapping: Mapping, *, dry: bool) -> None:
        self._viewer = viewer
        self._planner = _Planner(mapping)
        self._contacts = Contacts()
        self._dry = dry

    def load(self, session: Session, rows: Sequence[Row], account_ids: Collection[int]) -> None:
        """Whom ``rows`` name and who is here already; nothing is asked where they name nobody."""
        if not self._dry:
            self._contacts = Contacts()
        named = [person for row in rows for person in _rows_of(row)]
        for known in load_contacts(session, named, account_ids) if named else ():
            self._contacts.add(known)

    def plan(self, plan: AccountPlan) -> None:
        """Adds to ``plan`` whom its row brings; what speaks against one of them speaks against the row."""
        if plan.outcome is Outcome.REJECTED:
            return
        account = plan.known or KnownAccount(id=plan.id, name=plan.values["name"])
        for row in _rows_of(plan.row):
            one = self._planner.plan(row, account, self._contacts)
            plan.wrong += one.wrong
            if one.outcome in (Outcome.NEW, Outcome.UPDATED):
                plan.people.append(one)
                self._planner.remember(one, self._contacts)
        if plan.people and not account.visible:
            reason = N_("This account is already here, in other hands; ask a manager or an administrator.")
            plan.wrong.append(Wrong(None, "", text(reason)))
        if plan.wrong:
            plan.outcome = Outcome.REJECTED
        elif plan.people and plan.outcome is Outcome.UNCHANGED:
            plan.outcome = Outcome.UPDATED

    def write(self, session: Session, plans: Sequence[AccountPlan]) -> None:
        """After the accounts: whom the verbs refuse after all makes their row one to mend."""
        taken = [plan for plan in plans if plan.outcome is not Outcome.REJECTED and plan.people]
        write_contacts(session, self._viewer, [one for plan in taken for one in plan.people])
        for plan in taken:
            for one in plan.people:
                if one.outcome is Outcome.REJECTED:
                    plan.outcome = Outcome.REJECTED
                    plan.wrong += one.wrong


def _rows_of(row: Row) -> list[PersonRow]:
    return [_row_of(row, person) for person in row.people]


def _row_of(row: Row, person: Person) -> PersonRow:
    values = {"name": person.name, "email": person.email, "phone": person.phone, "position": person.position}
    said: dict[str, object] = {key: value for key, value in values.items() if value}
    if person.roles:
        said["role"] = person.roles
    return PersonRow(row.line, row.cells, said, columns=person.columns)
