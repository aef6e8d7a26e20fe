"""What happened to accounts, told once a chunk; other slices react in the same transaction.

A verb of this slice tells the fact right after its change. Whoever calls many verbs in a row (an import, the demo) does
so inside ``gathered(session)``: each fact is then told once, at the end, with all accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from crm.events import emit


@dataclass(frozen=True)
class AccountsChanged:
    """Tier, stage, seats, contract, ARR, owner, pulse or name of these accounts; or they are new."""

    account_ids: tuple[int, ...]


@dataclass(frozen=True)
class InteractionsChanged:
    account_ids: tuple[int, ...]


@dataclass(frozen=True)
class ContactsChanged:
    """People of these accounts, or the roles they have there."""

    account_ids: tuple[int, ...]


@dataclass(frozen=True)
class Departed:
    account_id: int
    contact_id: int
    on: date


@dataclass(frozen=True)
class ChampionLeft:
    """These champions no longer work there. Told by itself, beside ``ContactsChanged``."""

    departures: tuple[Departed, ...]


@dataclass(frozen=True)
class ChampionBack:
    """It was a mistake: these departures were taken back."""

    departures: tuple[Departed, ...]


@dataclass(frozen=True)
class ContactsMerged:
    """What belongs to ``gone_id`` belongs to ``kept_id`` from now on; ``merge_id`` names it until it is taken back."""

    merge_id: int
    kept_id: int
    gone_id: int


@dataclass(frozen=True)
class ContactsParted:
    """The merge ``merge_id`` was taken back: what it moved is ``gone_id``'s again."""

    merge_id: int
    kept_id: int
    gone_id: int


@dataclass(frozen=True)
class SignalsChanged:
    """Usage, survey answers or invoices of these accounts."""

    account_ids: tuple[int, ...]


Fact = type[AccountsChanged] | type[InteractionsChanged] | type[ContactsChanged] | type[SignalsChanged]

_GATHERED = "accounts.gathered"


def tell(session: Session, fact: Fact, account_ids: Iterable[int]) -> None:
    """Tell ``fact`` now, or at the end of the surrounding ``gathered``."""
    found = tuple(dict.fromkeys(account_ids))
    gathering: dict[Fact, dict[int, None]] | None = session.info.get(_GATHERED)
    if gathering is not None:
        gathering.setdefault(fact, {}).update(dict.fromkeys(found))
    elif found:
        session.flush()  # handlers read what was changed
        emit(session, fact(found))


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """Facts told inside are told once at the end; nothing is told when the block raises."""
    if _GATHERED in session.info:
        yield  # the outermost block tells
        return
    gathering: dict[Fact, dict[int, None]] = {}
    session.info[_GATHERED] = gathering
    try:
        yield
    finally:
        del session.info[_GATHERED]
    for fact, account_ids in gathering.items():
        tell(session, fact, account_ids)
