"""The ledger leads from 100 to the score, always and exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlmodel import Session, select

from accounts.models import Account, ContactRoleKind
from health_scores.default_model import DEFINITION, VERSION
from health_scores.definition import ModelDefinition, parse
from health_scores.ledger import read_ledger, total
from health_scores.models import Band, HealthScore
from health_scores.recompute import InSession, recompute_all
from tests.health_scores._histories import BOARD, LIVE, NOW, ago, person, random_book, talk, tell, ticket

MakeAccount = Callable[..., Account]


def scores(session: Session) -> list[HealthScore]:
    return list(session.exec(select(HealthScore).execution_options(populate_existing=True)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_lines_add_up_to_the_score_of_any_account(session: Session, make_account: MakeAccount, seed: int) -> None:
    random_book(session, [make_account(f"Account {seed} {n}") for n in range(6)], seed)
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    for row in scores(session):
        assert total(read_ledger(row.ledger, row.t, "Europe/Paris")) == row.score_hundredths
        assert row.shown_hundredths == (None if row.band is Band.UNKNOWN else row.score_hundredths)
    session.rollback()


def test_a_score_below_nothing_stops_at_0_with_a_line_that_says_so(session: Session, acme: Account) -> None:
    sinking = _model(measures=[{**one, "points": 100} for one in DEFINITION["measures"]])
    tell(session, *(ticket(acme, ago(days=40 + n), priority=1) for n in range(6)))
    _publish(session, sinking)
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    (row,) = scores(session)
    lines = read_ledger(row.ledger, row.t, "Europe/Paris")
    assert row.score_hundredths == 0 == total(lines)
    assert lines[-1].kind == "floor"
    assert lines[-1].points == -10_000 - sum(line.points for line in lines[:-1])


def test_a_gone_champion_caps_the_score_with_a_line_that_says_who_and_when(session: Session, acme: Account) -> None:
    person(session, acme, ContactRoleKind.CHAMPION, to_on=ago(days=20).date())
    tell(session, ticket(acme, ago(days=1)))
    talk(session, acme, ago(days=5))  # else too little is known
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    (row,) = scores(session)
    line = read_ledger(row.ledger, row.t, "Europe/Paris")[-1]
    assert (line.kind, line.key) == ("cap", "champion_gone")
    assert row.score_hundredths == 6900
    assert row.band is Band.AMBER
    assert "The champion has been gone since 2026-11-03" in str(line.words(BOARD.measures))


def test_lines_stand_in_falling_order_of_points(session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=9), priority=1), *(ticket(acme, ago(days=40)) for _ in range(5)))
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    (row,) = scores(session)
    points = [line.points for line in read_ledger(row.ledger, row.t, "Europe/Paris") if line.kind == "measure"]
    assert points == sorted(points)
    assert len(points) >= 2


def test_words_carry_numbers_and_time(session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=9), priority=1), ticket(acme, ago(days=3), priority=1))
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    (row,) = scores(session)
    first = read_ledger(row.ledger, row.t, "Europe/Paris")[0]
    assert str(first.words(BOARD.measures)) == "2 urgent open past their targets, oldest 9 days"


def _model(**changed: Any) -> ModelDefinition:
    return parse(2, "Test", {**DEFINITION, **changed})


def _publish(session: Session, model: ModelDefinition) -> None:
    from health_scores.models import HealthModel

    measures = [
        {
            "key": one.key,
            "points": one.points / 100,
            "curve": [list(pair) for pair in zip(one.curve.xs, one.curve.shares, strict=True)],
        }
        for one in model.measures
    ]
    session.add(
        HealthModel(
            version=VERSION + 1, title="Test", definition={**DEFINITION, "measures": measures}, published_at=NOW
        )
    )
    session.flush()


def test_bits_of_known_measures_follow_the_order_of_the_model(session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=9)))
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    (row,) = scores(session)
    keys = [one["key"] for one in DEFINITION["measures"]]
    known = {key for place, key in enumerate(keys) if row.known_measures >> place & 1}
    assert {"urgent_open", "open_burden", "silence"} <= known
    assert not known & {"satisfaction", "key_silence", "resolution"}
    weights = {one["key"]: one["points"] for one in DEFINITION["measures"]}
    asked = {key: points for key, points in weights.items() if key not in {"usage", "nps", "overdue_invoices"}}
    share = np.floor(10_000 * sum(weights[key] for key in known) / sum(asked.values()))  # others: never told
    assert row.coverage_hundredths == share
