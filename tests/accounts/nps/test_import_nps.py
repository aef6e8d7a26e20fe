"""Survey answers come in by file, find who gave them, and count in health."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts.importing.targets import Kind
from accounts.models import Account, Contact
from accounts.nps.importing import answer_of, write_answers
from accounts.nps.models import NpsAnswer
from tests.accounts.health.test_relationship_measures import figure, words
from tests.accounts.importing.conftest import outcome, reasons
from tests.accounts.usage.conftest import BringUsage, bring_usage

MakeContact = Callable[..., Contact]
MakeAccount = Callable[..., Account]

HEAD = "email,account,day,score,comment\n"
__all__ = ["bring_usage"]


def answers(session: Session) -> list[tuple[int, int | None, int, str]]:
    session.expire_all()
    found = session.exec(select(NpsAnswer).where(col(NpsAnswer.closed_at).is_(None)).order_by(col(NpsAnswer.score)))
    return [(one.account_id, one.contact_id, one.score, one.comment) for one in found]


def test_an_address_finds_the_person_and_the_account(
    session: Session, acme: Account, make_contact: MakeContact, make_account: MakeAccount, bring_usage: BringUsage
) -> None:
    iris = make_contact("Iris Weber", email="Iris@Acme.example")
    other = make_account("Corvin", domain="corvin.example")
    run = bring_usage(
        HEAD + "iris@acme.example,,2026-11-12,4,Nobody answers\nnew@corvin.example,,2026-11-13,9,\n"
        ",Acme,13/11/2026,7,\n",
        kind=Kind.NPS,
    )
    assert reasons(session, run) == []
    assert answers(session) == [
        (acme.id, iris.id, 4, "Nobody answers"),
        (acme.id, None, 7, ""),
        (other.id, None, 9, ""),
    ]


def test_again_changes_nothing_and_another_score_of_that_day_corrects(
    session: Session, acme: Account, bring_usage: BringUsage
) -> None:
    file = HEAD + "iris@acme.example,Acme,2026-11-12,4,\n,Acme,2026-11-12,4,\n,Acme,2026-11-12,9,\n"
    assert outcome(bring_usage(file, kind=Kind.NPS)) == (3, 0, 0, 0)
    assert outcome(bring_usage(file, kind=Kind.NPS)) == (0, 0, 3, 0)
    mended = HEAD + "iris@acme.example,Acme,2026-11-12,5,\n"
    assert outcome(bring_usage(mended, kind=Kind.NPS)) == (0, 1, 0, 0)
    assert [row[2] for row in answers(session)] == [4, 5, 9]
    closed = session.exec(select(NpsAnswer).where(col(NpsAnswer.closed_at).is_not(None))).one()
    assert (closed.score, closed.email) == (4, "iris@acme.example")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("x@y.example,Acme,2026-11-12,11,", "score", "“11” is not a whole number from 0 to 10."),
        ("x@y.example,Acme,2026-11-12,7.5,", "score", "“7.5” is not a whole number from 0 to 10."),
        ("x@y.example,Acme,2026-11-12,,", "score", "This row has no score."),
        ("x@y.example,Acme,2026-12-01,7,", "day", "2026-12-01 has not come yet."),
        ("x@gmail.com,,2026-11-12,7,", "account", "This row names no account, and gmail.com is nobody's own domain."),
    ],
)
def test_a_bad_answer_is_left_out_with_its_reason(
    session: Session, acme: Account, bring_usage: BringUsage, row: str, column: str, reason: str
) -> None:
    run = bring_usage(HEAD + row + "\n", kind=Kind.NPS)
    assert reasons(session, run) == [(2, column, reason)]


def test_the_last_answer_of_each_person_within_a_year_counts(session: Session, acme: Account) -> None:
    assert np.isnan(figure(session, "nps"))
    write_answers(
        session,
        [
            answer_of(acme.id, None, "iris@acme.example", date(2026, 3, 1), 9, ""),
            answer_of(acme.id, None, "iris@acme.example", date(2026, 11, 1), 3, ""),
            answer_of(acme.id, None, "tom@acme.example", date(2026, 10, 1), 8, ""),
            answer_of(acme.id, None, "old@acme.example", date(2025, 11, 20), 0, ""),
        ],
    )
    assert figure(session, "nps") == 5.5
    assert words(session, "nps") == "2 people answered the survey with 5.5 of 10 on average, the lowest 3"


def test_answers_stand_on_the_account_its_timeline_and_a_page_of_their_own(
    session: Session, acme: Account, as_ana: TestClient
) -> None:
    some = [
        answer_of(acme.id, None, f"n{n}@acme.example", date(2026, 10, 1 + n % 28), n % 11, f"Said {n}")
        for n in range(60)
    ]
    write_answers(session, some)
    session.commit()
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "60 people in a year" in page
    assert "10 of 10 from n" in page
    only = as_ana.get(f"/accounts/{acme.id}?channel=nps").text
    assert only.count("timeline__item--chat") == 25
    first = as_ana.get(f"/accounts/{acme.id}/nps").text
    assert first.count("answers__score") == 50
    following = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert as_ana.get(following).text.count("answers__score") == 10
