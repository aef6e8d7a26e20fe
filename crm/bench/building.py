"""Filling an empty database with a made-up book, and adding to one."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text as sql

from crm.bench.book import make_accounts, make_money, make_people
from crm.bench.making import Maker
from crm.bench.work import make_work
from crm.contracts import Registry
from crm.db import Database
from crm.errors import Conflict
from crm.identity import queries
from crm.text import N_
from health_scores.recompute import InCommand, recompute_all

SEED = 2_026


class NotEmpty(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("A made-up book needs an empty database; this one has people in it. Nothing was changed."))


def refuse_unless_empty(database: Database) -> None:
    with database.reading() as session:
        if not queries.is_empty(session):
            raise NotEmpty


def build(database: Database, registry: Registry, first: int, after: int, *, seed: int = SEED) -> None:
    """Accounts ``first`` … ``after`` − 1 with all that hangs on them, scored; the planner then knows the tables."""
    database.handlers = registry.handlers
    parts: tuple[Callable[[Maker], None], ...] = (make_people, make_accounts, make_money, make_work)
    with database.unit_of_work() as session:
        maker = Maker(session, first, after, seed)
        for part in parts:
            part(maker)
    recompute_all(InCommand(database))
    analyze(database)


def analyze(database: Database) -> None:
    """What a served database knows about itself after a while."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))
