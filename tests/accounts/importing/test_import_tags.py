"""Tags out of a file: added, never taken away."""

from __future__ import annotations

from sqlmodel import Session, select

from accounts.models import Account
from accounts.tags.queries import tags_of
from tests.accounts.importing.conftest import Bring, outcome


def tags(session: Session, name: str) -> list[str]:
    account = session.exec(select(Account).where(Account.name == name)).one()
    return tags_of(session, [account.id])[account.id]


def test_tags_come_with_a_file(session: Session, bring: Bring) -> None:
    run = bring("Client;Étiquettes\nAcme;pilote, SAP\nBeta;\nCeta;Pilote\n")
    assert outcome(run) == (3, 0, 0, 0)
    assert [tags(session, name) for name in ("Acme", "Beta", "Ceta")] == [["pilote", "SAP"], [], ["pilote"]]


def test_a_later_file_adds_and_takes_none_away(session: Session, bring: Bring) -> None:
    bring("Client;Tags\nAcme;pilote\nBeta;SAP\n")
    run = bring("Client;Tags\nAcme;SAP|PILOTE\nBeta;sap\n")
    assert outcome(run) == (0, 1, 1, 0)
    assert [tags(session, name) for name in ("Acme", "Beta")] == [["pilote", "SAP"], ["SAP"]]


def test_a_tag_too_long_is_to_be_mended(session: Session, bring: Bring) -> None:
    run = bring(f"Client;Tags\nAcme;{'x' * 41}\n")
    assert outcome(run) == (0, 0, 0, 1)
