"""crm health: what an administrator asks, and what programs read from its last line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from accounts.models import Account
from crm import cli, migrate
from crm.db import Database
from health_scores.models import HealthDay, HealthScore, HealthSnapshot
from health_scores.recompute import InSession, recompute_all
from tests.health_scores._histories import BOARD, LIVE, ago, resolved, tell, ticket

Run = Callable[..., tuple[int, str, dict[str, Any]]]


@pytest.fixture
def crm(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; the answer: exit code, what it said, and its last line as JSON."""
    monkeypatch.setattr(migrate, "ensure_current", lambda database: None)

    def run(*words: str) -> tuple[int, str, dict[str, Any]]:
        monkeypatch.setattr("sys.argv", ["crm", *words, "--json"])
        code: Any = 0
        try:
            cli.run()
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr().out
        return int(code or 0), said, json.loads(said.strip().splitlines()[-1])

    return run


@pytest.fixture
def troubled(session: Session, acme: Account) -> Account:
    tell(session, *(ticket(acme, ago(days=60 + n), resolved(ago(days=59 + n), in_time=True)) for n in range(3)))
    tell(session, ticket(acme, ago(days=9), priority=1), ticket(acme, ago(days=1), resolved(ago())))
    session.commit()
    return acme


def test_show_says_score_band_coverage_and_a_ledger_that_adds_up(crm: Run, troubled: Account) -> None:
    code, said, result = crm("health", "show", "acme")
    assert code == 0
    assert result["account"] == str(troubled.id)
    assert round(100 + sum(line["points"] for line in result["ledger"]), 2) == result["points"]
    assert result["ledger"][0]["measure"] == "urgent_open"
    assert result["ledger"][0]["reason"] == "1 urgent open past its target, oldest 9 days"
    assert result["score"] == int(result["points"])
    assert 0 < result["coverage"] < 100
    assert "satisfaction" in result["unknown"]
    assert "100 − " in said
    assert "Unknown: Satisfaction." in said


def test_show_looks_back(crm: Run, troubled: Account) -> None:
    day = ago(days=30).date().isoformat()
    _, _, then = crm("health", "show", str(troubled.id), "--as-of", day)
    _, _, now = crm("health", "show", str(troubled.id))
    assert then["points"] > now["points"]
    assert then["as_of"].startswith(day)


def test_an_account_nobody_knows_is_refused_with_a_sentence(crm: Run, troubled: Account) -> None:
    code, _, result = crm("health", "show", "Nobody Ltd")
    assert code == 2
    assert result == {"error": "There is no account Nobody Ltd."}


def test_recompute_scores_all_and_says_how_they_stand(crm: Run, session: Session, troubled: Account) -> None:
    code, said, result = crm("health", "recompute")
    assert code == 0
    assert result["accounts"] == 1
    assert sum(result["bands"].values()) == 1
    assert "1 account scored" in said
    assert session.exec(select(HealthScore)).one().account_id == troubled.id


def test_recompute_as_of_a_day_keeps_that_days_snapshot(crm: Run, session: Session, troubled: Account) -> None:
    day = ago(days=30).date()
    code, _, result = crm("health", "recompute", "--as-of", day.isoformat())
    assert (code, result["accounts"]) == (0, 1)
    snapshot = session.get_one(HealthSnapshot, (troubled.id, day))
    assert snapshot.hindsight
    assert session.exec(select(HealthDay)).one().day == day
    _, _, shown = crm("health", "show", "Acme", "--as-of", day.isoformat())
    assert shown["points"] == snapshot.score_hundredths / 100
    assert shown["snapshot"]["points"] == shown["points"]


def test_recompute_of_one_account_equals_that_of_all(crm: Run, session: Session, troubled: Account) -> None:
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    session.commit()
    before = session.get_one(HealthScore, troubled.id).score_hundredths
    session.commit()
    _, _, result = crm("health", "recompute", "--account", "Acme")
    assert result["accounts"] == 1
    session.expire_all()
    assert session.get_one(HealthScore, troubled.id).score_hundredths == before


def test_a_day_to_come_is_refused(crm: Run, troubled: Account) -> None:
    code, _, result = crm("health", "recompute", "--as-of", "2027-03-01")
    assert code == 2
    assert "has not come yet" in result["error"]


def test_backfill_takes_the_ends_of_past_weeks(crm: Run, session: Session, troubled: Account) -> None:
    code, said, result = crm("health", "backfill", "--weeks", "6")
    assert (code, result) == (0, {"weeks": 6, "accounts": 1})
    assert "6 past weeks scored" in said
    assert len(session.exec(select(HealthDay)).all()) == 6
