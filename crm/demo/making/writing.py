"""What was written so far, so that what follows can refer to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from crm.db import table_of
from crm.demo.cast import Someone
from crm.demo.history import History
from crm.identity.models import User
from crm.ids import new_id

Progress = Callable[[float, str], None]


class Writing:
    """Rows go in as Core statements, thousands at once, and so keep to the rules of the verbs by themselves; tests hold
    that what is projected equals what it is projected from."""

    def __init__(self, session: Session, history: History) -> None:
        self.session = session
        self.history = history
        self.book = history.book
        self.users: dict[str, User] = {}
        self.accounts: dict[str, int] = {}
        self.contracts: dict[str, list[int]] = {}  # terms of a company, oldest first
        self.movements: dict[str, list[int]] = {}  # in the order of its history
        self.contacts: dict[tuple[str, str], int] = {}  # company, name

    def put(self, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
        table: Any = table_of(model)
        everything = [{"id": new_id(), **row} for row in rows]
        if everything:
            self.session.execute(insert(table), everything)

    def user(self, key: str) -> int:
        return self.users[key].id

    def contact(self, someone: Someone) -> int:
        return self.contacts[someone.company, someone.name]


def rows(names: str, values: Iterable[tuple[object, ...]], **more: object) -> list[dict[str, object]]:
    """Tuples as rows with the columns that ``names`` lists; ``more`` is the same in each."""
    return [{**dict(zip(names.split(), one, strict=True)), **more} for one in values]
