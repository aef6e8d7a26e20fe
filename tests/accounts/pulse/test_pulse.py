"""The owner's own red, amber or green."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts import service
from accounts.listing.query import Scope
from accounts.models import Account, MovementKind, Stage
from accounts.pulse.models import Pulse, PulseColour
from accounts.pulse.outcomes import CHURNED, Became, OutcomeQuery, read_page, read_totals
from accounts.pulse.queries import current_pulse, get_pulse
from accounts.pulse.service import set_pulse, take_back_pulse
from crm.contracts import Bands
from crm.errors import Forbidden, Invalid, NotFound
from crm.viewer import Viewer, system_viewer

G, A, R = PulseColour.GREEN, PulseColour.AMBER, PulseColour.RED
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
TODAY = date(2026, 11, 23)


def days_ago(days: int) -> datetime:
    return datetime(2026, 11, 23, 8, 0, tzinfo=UTC) - timedelta(days=days)


Say = Callable[..., Pulse]


@pytest.fixture
def say(session: Session, ana: Viewer, acme: Account) -> Say:
    def said(colour: PulseColour, ago: int = 0, *, account: Account = acme, sentence: str = "Because.") -> Pulse:
        made = set_pulse(session, ana, account, colour=colour, sentence=sentence, happened_at=days_ago(ago))
        session.commit()
        return made

    return said


def test_the_newest_pulse_counts(session: Session, acme: Account, say: Say) -> None:
    say(G, 20)
    say(R, 3, sentence="The sponsor is leaving.")
    shown = current_pulse(session, acme.id)
    assert shown is not None
    assert (shown.pulse.colour, shown.pulse.sentence, shown.by) == (R, "The sponsor is leaving.", "Ana Duarte")


def test_what_was_taken_back_counts_no_more_and_is_kept(session: Session, ana: Viewer, acme: Account, say: Say) -> None:
    say(G, 20)
    wrong = say(R, 3)
    take_back_pulse(session, ana, acme, wrong)
    session.flush()
    shown = current_pulse(session, acme.id)
    assert shown is not None
    assert shown.pulse.colour is G
    assert session.get_one(Pulse, wrong.id).closed_at is not None


@pytest.mark.parametrize(("ago", "stale"), [(0, False), (30, False), (31, True)])
def test_a_pulse_is_stale_after_thirty_days(say: Say, ago: int, stale: bool) -> None:
    assert say(G, ago).is_stale(TODAY) is stale


@pytest.mark.parametrize("colour", [A, R])
def test_what_is_not_green_needs_a_sentence(session: Session, ana: Viewer, acme: Account, colour: PulseColour) -> None:
    with pytest.raises(Invalid):
        set_pulse(session, ana, acme, colour=colour, sentence="  ")
    assert session.exec(select(Pulse)).all() == []
    set_pulse(session, ana, acme, colour=G)


def test_whose_account_it_is_not_may_not_say(session: Session, zoe: Viewer, ben: Viewer, acme: Account) -> None:
    for viewer in (zoe, ben):
        with pytest.raises(Forbidden):
            set_pulse(session, viewer, acme, colour=G)
    assert session.exec(select(Pulse)).all() == []


# --- pages


def test_one_click_in_the_list_opens_a_form_and_a_colour_saves_it(
    as_ana: TestClient, session: Session, acme: Account
) -> None:
    listed = as_ana.get("/accounts")
    assert f'id="pulse-{acme.id}"' in listed.text
    cell = {**HTMX, "HX-Target": f"a#pulse-{acme.id}"}
    form = as_ana.get(f"/accounts/{acme.id}/pulse/new", headers=cell)
    assert form.text.count('name="colour"') == 3
    saved = as_ana.post(
        f"/accounts/{acme.id}/pulse", data={"colour": "amber", "sentence": "Budget talks"}, headers=cell
    )
    assert saved.status_code == 200
    assert "Amber" in saved.text
    assert "Budget talks" in saved.text
    assert session.exec(select(Pulse)).one().colour is A


def test_a_red_one_without_a_sentence_comes_back_in_the_cell(
    as_ana: TestClient, session: Session, acme: Account
) -> None:
    cell = {**HTMX, "HX-Target": f"form#pulse-{acme.id}"}
    again = as_ana.post(f"/accounts/{acme.id}/pulse", data={"colour": "red", "sentence": ""}, headers=cell)
    assert again.status_code == 422
    assert "Say in one sentence why it is Red." in again.text
    nothing = as_ana.post(f"/accounts/{acme.id}/pulse", data={"sentence": "x < y"}, headers=cell)
    assert nothing.status_code == 422
    assert "Choose green, amber or red." in nothing.text
    assert "x &lt; y" in nothing.text
    assert session.exec(select(Pulse)).all() == []


def test_without_javascript_the_same_form_is_a_page(as_ana: TestClient, session: Session, acme: Account) -> None:
    assert 'name="sentence"' in as_ana.get(f"/accounts/{acme.id}/pulse/new").text
    saved = as_ana.post(f"/accounts/{acme.id}/pulse", data={"colour": "green"}, follow_redirects=False)
    assert saved.status_code == 303
    assert "Green" in as_ana.get(f"/accounts/{acme.id}").text


def test_the_list_is_filtered_and_sorted_by_pulse(
    as_ana: TestClient, make_account: Callable[..., Account], acme: Account, say: Say
) -> None:
    others = {name: make_account(name) for name in ("Red Works", "Old Works", "Green Works")}
    say(R, account=others["Red Works"])
    say(A, 40, account=others["Old Works"])
    say(G, account=others["Green Works"])

    def names(address: str) -> list[str]:
        text = as_ana.get(f"/accounts.csv?{address}").text
        return [line["Account"] for line in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))]

    assert names("sort=-pulse") == ["Red Works", "Old Works", "Green Works", "Acme"]
    assert names("pulse=red") == ["Red Works"]
    assert names("pulse=stale") == ["Old Works"]
    assert names("pulse=none") == ["Acme"]


def test_the_account_page_shows_a_stale_pulse_as_such(as_ana: TestClient, acme: Account, say: Say) -> None:
    say(R, 45, sentence="They want out")
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "They want out" in page
    assert "Older than 30 days, so it counts as unknown." in page
    assert "pulse-fact" not in page  # beside the score stands only what is fresh


# --- what became of them


def judged(session: Session, viewer: Viewer, bands: Bands | None = None, **values: object) -> list[Became]:
    query = OutcomeQuery(scope=Scope.ALL, **values)  # type: ignore[arg-type]
    return list(read_page(session, viewer, query, bands).rows)


def test_what_became_of_a_pulse_is_what_happened_within_90_days(
    session: Session, ana: Viewer, acme: Account, make_account: Callable[..., Account], say: Say
) -> None:
    left, grew, later = make_account("Left"), make_account("Grew"), make_account("Later")
    for account in (left, grew, later):
        say(R, 150, account=account)
    system = system_viewer()
    service.change_stage(session, system, left, Stage.CHURNED, on=TODAY - timedelta(days=100))
    for account, ago in ((grew, 61), (later, 59)):  # the 90th day is 60 days ago
        service.move_arr(session, system, account, MovementKind.NEW, 500_00, effective_on=TODAY - timedelta(days=ago))
    session.flush()
    found = {one.account_name: one for one in judged(session, ana)}
    assert found["Left"].churned_on == TODAY - timedelta(days=100)
    assert (found["Grew"].arr_change_minor, found["Later"].arr_change_minor) == (500_00, 0)
    assert all(one.is_over(TODAY) for one in found.values())
    (red,) = read_totals(session, ana, OutcomeQuery(scope=Scope.ALL))
    assert (red.said, red.over, red.churned, red.grew, red.arr_change_minor) == (3, 3, 1, 1, 500_00)
    assert [one.account_name for one in judged(session, ana, became=CHURNED)] == ["Left"]


def test_a_renewal_within_the_90_days_is_seen(session: Session, ana: Viewer, acme: Account, say: Say) -> None:
    say(A, 20)
    contract = service.add_contract(session, ana, acme, starts_on=date(2025, 12, 1), ends_on=date(2026, 12, 1))
    assert judged(session, ana)[0].renewed is False
    service.renew_contract(session, ana, acme, contract, ends_on=date(2027, 12, 1))
    session.flush()
    assert judged(session, ana)[0].renewed is True


def test_saying_the_same_again_is_no_second_prophecy(session: Session, ana: Viewer, say: Say) -> None:
    for ago, colour in ((60, R), (50, R), (40, A), (30, A), (20, R)):
        say(colour, ago)
    assert [one.colour for one in judged(session, ana)] == [R, A, R]


def test_bands_then_and_after_come_from_the_slice_that_scores(
    session: Session, ana: Viewer, acme: Account, say: Say
) -> None:
    say(R, 100)
    bands = Bands(
        now=lambda _, ids: dict.fromkeys(ids, "green"),
        on=lambda _, asked: {one: "red" if one[1] < TODAY - timedelta(days=50) else "amber" for one in asked},
    )
    (one,) = judged(session, ana, bands)
    assert (one.band_then, one.band_after) == ("red", "amber")
    say(G, 10)
    newest = judged(session, ana, bands)[0]
    assert (newest.band_then, newest.band_after) == ("amber", "green")


def test_money_is_left_out_for_those_who_do_not_read_it(
    session: Session, agent: Viewer, acme: Account, say: Say
) -> None:
    say(R, 20)
    assert judged(session, agent)[0].arr_change_minor is None


@pytest.mark.settings(books="own")
def test_others_accounts_are_not_in_the_judgement(session: Session, zoe: Viewer, acme: Account, say: Say) -> None:
    say(R, 20)
    assert judged(session, zoe) == []
    assert read_totals(session, zoe, OutcomeQuery(scope=Scope.ALL)) == []


def test_the_pages_take_the_same_queries_for_one_pulse_and_for_many(
    as_ana: TestClient, acme: Account, make_account: Callable[..., Account], say: Say, count_queries: Callable[..., int]
) -> None:
    say(R, 200)
    addresses = [f"/accounts/{acme.id}", f"/accounts/{acme.id}/pulse", "/pulse", "/accounts"]
    few = [count_queries(lambda address=address: as_ana.get(address)) for address in addresses]
    for number in range(12):
        account = make_account(f"Account {number}")
        say((R, G)[number % 2], 100 + number, account=account)
        say((R, G)[number % 2], 180 - number)
    assert [count_queries(lambda address=address: as_ana.get(address)) for address in addresses] == few


def test_a_pulse_of_another_account_is_not_found(
    session: Session, make_account: Callable[..., Account], say: Say
) -> None:
    other = make_account("Other")
    with pytest.raises(NotFound):
        get_pulse(session, other, say(G).id)
