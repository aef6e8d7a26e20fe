"""What people see of a score: the list, the account, the ledger, the records, the model, the report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.models import Account, ContactRoleKind, Stage
from crm.contracts import DayContext
from crm.viewer import Viewer
from health_scores.models import HealthScore
from health_scores.recompute import InSession, backfill, recompute_all
from health_scores.today import band_drops, silences
from tests.health_scores._histories import BOARD, LIVE, NOW, ago, person, resolved, talk, tell, ticket

MakeAccount = Callable[..., Account]
CountQueries = Callable[[Callable[[], object]], int]


@pytest.fixture
def halden(session: Session, make_account: MakeAccount) -> Account:
    """Green until a week ago; now two urgent tickets are past their targets and nobody spoke with the sponsor for 47
    days."""
    account = make_account("Halden Logistics", arr_minor=18_400_000, seats=120)
    talk(session, account, ago(days=47), person(session, account, ContactRoleKind.SPONSOR, name="Ingrid Moe"))
    for n in range(8):
        opened = ago(days=120 - 10 * n)
        tell(session, ticket(account, opened, resolved(opened + timedelta(days=1), in_time=True)))
    url = "https://desk.example/4412"
    tell(
        session,
        ticket(account, ago(days=9), priority=1, external_id="4412", subject="Export fails", external_url=url),
        ticket(account, ago(days=3), priority=1, external_id="4413", subject="Nothing prints"),
    )
    backfill(InSession(session), 12, board=BOARD)
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    session.commit()
    return account


def text_of(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:500]
    return " ".join(unescape(answer.text).split())


def test_the_account_says_why_in_three_reasons_and_a_sum(as_ana: TestClient, halden: Account, session: Session) -> None:
    score = session.get_one(HealthScore, halden.id).score_hundredths // 100
    page = text_of(as_ana, f"/accounts/{halden.id}")
    assert f"Why {score}" in page
    assert "2 urgent open past their targets, oldest 9 days" in page
    assert f"100 − {100 - score} = {score}" in page
    assert "known: " in page
    assert f'href="/accounts/{halden.id}/health/urgent_open"' in page
    assert "Satisfaction" in page  # not known, and said so


def test_the_ledger_adds_up_in_sight(as_ana: TestClient, halden: Account, session: Session) -> None:
    row = session.get_one(HealthScore, halden.id)
    page = text_of(as_ana, f"/accounts/{halden.id}/health")
    lost, left = (10_000 - row.score_hundredths) / 100, row.score_hundredths / 100
    assert f"100 − {lost:.2f} = {left:.2f}" in page
    assert "−22.00" in page
    assert "12 weeks" not in page
    assert "were scored later, from what is known now" in page
    assert "<table" in page  # the chart's numbers


def test_a_line_opens_its_tickets_with_the_way_to_the_helpdesk(as_ana: TestClient, halden: Account) -> None:
    page = text_of(as_ana, f"/accounts/{halden.id}/health/urgent_open")
    assert "4412 · Export fails" in page
    assert "4413 · Nothing prints" in page
    assert 'href="https://desk.example/4412"' in page
    assert "urgent, open for 9 days, past its target" in page


def test_silence_opens_the_last_talks(as_ana: TestClient, halden: Account) -> None:
    page = text_of(as_ana, f"/accounts/{halden.id}/health/key_silence")
    assert "No talk with a sponsor, champion or decision maker for 47 days; owed every 30 days" in page
    assert "Call with Ingrid Moe" in page


def test_looking_back_shows_the_score_of_that_day(as_ana: TestClient, halden: Account) -> None:
    day = ago(days=20).date()
    page = text_of(as_ana, f"/accounts/{halden.id}/health?as_of={day}")
    assert "This is how Halden Logistics stood at the end of 3 November" in page
    assert "urgent open" not in page
    records = text_of(as_ana, f"/accounts/{halden.id}/health/urgent_open?as_of={day}")
    assert "4412" not in records


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [("2027-01-01", "1 January 2027 has not come yet."), ("soon", "“soon” is not a date")],
)
def test_a_day_that_cannot_be_looked_back_to_is_refused(
    as_ana: TestClient, halden: Account, asked: str, sentence: str
) -> None:
    assert sentence in text_of(as_ana, f"/accounts/{halden.id}/health?as_of={asked}", 422)


def test_a_measure_nobody_knows_is_not_there(as_ana: TestClient, halden: Account) -> None:
    text_of(as_ana, f"/accounts/{halden.id}/health/luck", 404)


def test_the_drawer_holds_the_same_ledger(as_ana: TestClient, halden: Account) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    for path in (f"/accounts/{halden.id}/health", f"/accounts/{halden.id}/health/urgent_open"):
        drawer = as_ana.get(path, headers=headers)
        assert drawer.status_code == 200
        assert "<html" not in drawer.text
        assert "data-drawer-content" in drawer.text


def test_an_unknown_account_says_what_is_missing_and_offers_the_button(
    as_ana: TestClient, session: Session, acme: Account
) -> None:
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    page = text_of(as_ana, f"/accounts/{acme.id}")
    assert "health is not known yet" in page.lower()
    assert "No ticket of this account is known yet" in page
    assert f'href="/accounts/{acme.id}/notes/new?channel=call"' in page
    assert "100 − 0 = 100" not in page


def test_the_list_shows_score_change_weeks_and_reason(
    as_ana: TestClient, session: Session, halden: Account, acme: Account
) -> None:
    score = session.get_one(HealthScore, halden.id)
    page = text_of(as_ana, "/accounts?scope=all&sort=score")
    assert f">{score.score_hundredths // 100}</b>" in page
    assert "2 urgent open past their targets, oldest 9 days" in page
    assert "12 weeks: from" in text_of(as_ana, "/accounts?scope=all&columns=score,trend")
    assert page.index("Halden Logistics") < page.index("Acme")  # the unknown come last
    only_red = text_of(as_ana, f"/accounts?scope=all&band={score.band.value}")
    assert "Halden Logistics" in only_red
    assert ">Acme<" not in only_red
    assert ">Acme<" in text_of(as_ana, "/accounts?scope=all&band=unknown")


def test_the_file_of_the_list_holds_score_and_reason(as_mia: TestClient, halden: Account) -> None:
    rows = as_mia.get("/accounts.csv?scope=all").text.splitlines()
    line = next(row for row in rows if "Halden Logistics" in row)
    assert "2 urgent open past their targets" in line
    assert "Score" in rows[0]


def test_the_published_model_is_told_measure_by_measure(as_ana: TestClient) -> None:
    page = text_of(as_ana, "/settings/health")
    for measure in BOARD.measures.values():
        assert measure.title in page
        assert " ".join(measure.definition.counts.split()) in page
    assert "from 70" in page
    assert "below 40" in page


def test_who_may_not_read_the_account_finds_no_ledger(
    as_zoe: TestClient, halden: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert as_zoe.get(f"/accounts/{halden.id}/health").status_code == 200  # books are open


@pytest.mark.settings(books="own")
def test_with_closed_books_a_strangers_ledger_is_not_there(as_zoe: TestClient, halden: Account) -> None:
    for path in ("health", "health/urgent_open", f"health?as_of={ago(days=20).date()}"):
        assert as_zoe.get(f"/accounts/{halden.id}/{path}").status_code == 404


def test_the_ledger_takes_as_many_statements_for_one_ticket_as_for_forty(
    as_ana: TestClient, session: Session, halden: Account, count_queries: CountQueries
) -> None:
    paths = [f"/accounts/{halden.id}/health", f"/accounts/{halden.id}/health/urgent_open"]
    paths.append(f"{paths[0]}?as_of={ago(days=20).date()}")
    few = [count_queries(lambda path=path: as_ana.get(path)) for path in paths]  # type: ignore[misc]
    tell(session, *(ticket(halden, ago(days=5 + n / 10), priority=1) for n in range(40)))
    session.commit()
    assert [count_queries(lambda path=path: as_ana.get(path)) for path in paths] == few  # type: ignore[misc]
    assert max(few) <= 20


# --- Today


def context(session: Session, viewer: Viewer) -> DayContext:
    return DayContext(session, viewer, NOW, NOW.date())


def test_a_fall_into_a_lower_band_is_on_the_owners_day(
    session: Session, halden: Account, ana: Viewer, zoe: Viewer
) -> None:
    (item,) = band_drops(context(session, ana))
    assert item.account_id == halden.id
    assert item.money_minor == 18_400_000
    assert str(item.reason).startswith("Green to Amber within 15 days: 2 urgent open past their targets")
    assert item.urgency == 60
    assert item.records_href == f"/accounts/{halden.id}/health"
    assert not band_drops(context(session, zoe))


def test_silence_past_the_cadence_is_on_the_day_until_somebody_speaks(
    session: Session, halden: Account, ana: Viewer
) -> None:
    (item,) = silences(context(session, ana))
    assert str(item.reason) == "No talk with a sponsor, champion or decision maker for 47 days; owed every 30 days"
    assert item.condition == 1  # it returns when another cadence has passed
    talk(session, halden, ago(days=1), person(session, halden, ContactRoleKind.SPONSOR, name="Tor Lund"))
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    assert not silences(context(session, ana))


def test_churned_accounts_are_on_nobodys_day(session: Session, halden: Account, ana: Viewer) -> None:
    halden.stage = Stage.CHURNED
    session.flush()
    assert not band_drops(context(session, ana))
    assert not silences(context(session, ana))
