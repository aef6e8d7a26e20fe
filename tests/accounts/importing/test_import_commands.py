"""``crm import accounts`` and ``crm import contacts``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from accounts.models import Account, Contact
from crm.csv_io import ImportRun
from crm.db import Database
from crm.viewer import Viewer

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def crm(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command: its exit code, its JSON and all it printed."""
    from crm.cli import run

    def command(*words: str) -> tuple[int, dict[str, Any], str]:
        monkeypatch.setattr(sys, "argv", ["crm", *words, "--json"])
        code = 0
        try:
            run()
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr().out
        return code, json.loads(printed.splitlines()[-1]), printed

    return command


def test_accounts_come_in_by_command(crm: Run, session: Session, tmp_path: Path, ana: Viewer) -> None:
    file = tmp_path / "clients.csv"
    file.write_text("Client;CSM;ARR\nAcme;Ana;1 000 €\nBeta;Nobody;2\n", "utf-8")
    code, result, printed = crm("import", "accounts", str(file), "--dry-run")
    assert (code, result["counts"]) == (1, {"new": 1, "updated": 0, "unchanged": 0, "rejected": 1, "rows": 2})
    assert result["columns"] == {"Client": "name", "CSM": "owner", "ARR": "arr"}
    assert session.exec(select(Account)).all() == []
    session.rollback()

    code, result, printed = crm("import", "accounts", str(file))
    assert (code, result["counts"]["new"], result["finished"]) == (1, 1, True)
    assert "line 3, CSM: Nobody here is called “Nobody”" in printed
    made = session.exec(select(Account)).one()
    assert (made.name, made.owner_id) == ("Acme", ana.user_id)
    run = session.exec(select(ImportRun)).one()
    assert (run.file_name, str(run.id)) == ("clients.csv", result["run"])
    session.rollback()

    file.write_text("Client;CSM;ARR\nAcme;Ana;1 000 €\n", "utf-8")
    code, result, _printed = crm("import", "accounts", str(file))
    assert (code, result["counts"]["unchanged"], result["counts"]["new"]) == (0, 1, 0)


def test_contacts_come_in_by_command(crm: Run, session: Session, tmp_path: Path, acme: Account) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Name,E-mail,Company\nIris,iris@acme.example,Acme\n", "utf-8")
    session.commit()
    code, result, _printed = crm("import", "contacts", str(file))
    assert (code, result["counts"]["new"]) == (0, 1)
    assert session.exec(select(Contact.name)).one() == "Iris"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"Colour\nred\n"])
def test_a_file_that_is_none_ends_with_one_sentence(crm: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    for further in ((), ("--dry-run",)):
        code, result, _printed = crm("import", "accounts", str(file), *further)
        assert (code, bool(result["error"])) == (2, True)


def test_a_file_that_is_not_there_is_wrong_use(crm: Run, tmp_path: Path) -> None:
    code, result, _printed = crm("import", "accounts", str(tmp_path / "nowhere.csv"))
    assert (code, bool(result["error"])) == (2, True)
