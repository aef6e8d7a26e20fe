"""Forwarded mail stands on the right timeline, once, private to its person until shared; a talk only if it is one."""

from __future__ import annotations

import mailbox
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts import service
from accounts.finding import search_talks
from accounts.inbox import service as inbox
from accounts.inbox.models import InboxMail, InboxState
from accounts.models import Account, Contact, ContactAccount, Direction, Interaction
from accounts.panels.people import people_of
from crm import clock
from crm.audit import AuditEntry
from crm.contracts import SectionContext
from crm.errors import Forbidden
from crm.identity.keys import Purpose, make_key, revoke_key
from crm.viewer import Viewer
from health_scores.models import HealthScore
from tests.accounts.inbox._corpus import BOUNCE, CALENDAR_INVITATION, GMAIL_FORWARD, HOSTILE_HTML, STRANGE, mail

Poll = Callable[..., str]


@pytest.fixture
def iris(make_contact: Callable[..., Contact]) -> Contact:
    return make_contact("Iris Weber", email="Iris@Acme.example")


def talks(session: Session) -> list[Interaction]:
    return list(session.exec(select(Interaction).order_by(col(Interaction.happened_at), col(Interaction.id))).all())


def test_a_customers_mail_stands_on_their_timeline(
    session: Session, poll: Poll, address: str, acme: Account, iris: Contact, ana: Viewer
) -> None:
    assert poll(mail("Can you call me?", Cc=address, Subject="A call")) == "1 filed"
    (talk,) = talks(session)
    assert (talk.account_id, talk.contact_id, talk.author_id) == (acme.id, iris.id, ana.user_id)
    assert (talk.direction, talk.two_way, talk.private_to) == (Direction.IN, False, ana.user_id)
    assert (talk.subject, talk.body) == ("A call", "Can you call me?")
    assert talk.happened_at.isoformat() == "2026-11-23T07:12:00+00:00"
    kept = session.exec(select(InboxMail)).one()
    assert (kept.state, kept.body) == (InboxState.FILED, "")  # its words stand in one place


def test_our_own_mail_in_bcc_goes_out(session: Session, poll: Poll, address: str, iris: Contact) -> None:
    raw = f"Delivered-To: {address}\r\n".encode() + mail(
        "Here are the prices.", From="Ana <ana@tenure.example>", To="Iris <iris@acme.example>"
    )
    assert poll(raw) == "1 filed"
    assert [talk.direction for talk in talks(session)] == [Direction.OUT]


def test_a_forwarded_mail_is_of_whoever_wrote_it(session: Session, poll: Poll, address: str, iris: Contact) -> None:
    poll(mail(GMAIL_FORWARD, From="Ana <ana@tenure.example>", To=address, Subject="Fwd: Prices"))
    (talk,) = talks(session)
    assert (talk.direction, talk.contact_id, talk.subject) == (Direction.IN, iris.id, "Prices for next year")
    assert clock.day_of(talk.happened_at) == date(2026, 11, 20)


def test_the_same_mail_comes_once(
    session: Session, poll: Poll, maildir: mailbox.Maildir, address: str, iris: Contact
) -> None:
    raw = mail(Cc=address)
    poll(raw)
    poll(raw, raw)
    assert len(talks(session)) == 1
    for path in (Path(maildir._path) / "cur").iterdir():  # as if a kill had kept the mailbox from being told
        path.rename(path.parent.parent / "new" / path.name.partition(":")[0])
    poll()
    assert len(talks(session)) == 1


def test_a_mail_that_was_taken_back_does_not_come_again(
    session: Session, poll: Poll, address: str, acme: Account, iris: Contact, ana: Viewer
) -> None:
    poll(mail(Cc=address))
    service.close_interaction(session, ana, acme, talks(session)[0])
    poll(mail(Cc=address))
    assert [talk.closed_at is not None for talk in talks(session)] == [True]


def test_an_answer_to_the_other_side_is_a_talk(session: Session, poll: Poll, address: str, iris: Contact) -> None:
    ours = {"From": "Ana <ana@tenure.example>", "To": f"iris@acme.example, {address}", "Message_ID": "<q@tenure>"}
    theirs = {"Cc": address, "Message_ID": "<a@acme>", "In_Reply_To": "<q@tenure>", "Subject": "Re: prices"}
    poll(mail("Which prices?", **ours))
    poll(mail("Those of next year.", **theirs))
    assert [(talk.direction, talk.two_way) for talk in sorted(talks(session), key=lambda one: one.id)] == [
        (Direction.OUT, False),
        (Direction.IN, True),
    ]


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}, {"List_Id": "<x>"}],
    ids=str,
)
def test_automatic_answers_and_mass_mail_are_never_a_talk(
    session: Session, poll: Poll, address: str, iris: Contact, headers: dict[str, str]
) -> None:
    poll(mail("?", From="ana@tenure.example", To=f"iris@acme.example, {address}", Message_ID="<q@tenure>"))
    poll(mail("I am away.", Cc=address, Message_ID="<a@acme>", In_Reply_To="<q@tenure>", **headers))
    away = next(talk for talk in talks(session) if talk.direction is Direction.IN)
    assert away.automatic or away.mass
    assert not away.two_way


@pytest.mark.parametrize("raw", [BOUNCE, CALENDAR_INVITATION], ids=["bounce", "calendar"])
def test_bounces_and_answers_to_invitations_leave_nothing(
    session: Session, poll: Poll, address: str, iris: Contact, raw: bytes
) -> None:
    assert poll(f"Delivered-To: {address}\r\n".encode() + raw) == "1 ignored"
    assert talks(session) == []


def test_every_strange_mail_is_survived_and_the_next_one_arrives(
    session: Session, poll: Poll, address: str, iris: Contact
) -> None:
    delivered = f"Delivered-To: {address}\r\n".encode()
    said = poll(*(delivered + raw for raw in STRANGE.values()), mail("At last", Cc=address, Message_ID="<last@x>"))
    assert "unreadable" not in said
    assert "At last" in [talk.body for talk in talks(session)]


def test_html_of_others_never_reaches_a_page(
    session: Session, poll: Poll, address: str, acme: Account, iris: Contact, as_ana: TestClient
) -> None:
    poll(
        f"Delivered-To: {address}\r\nFrom: iris@acme.example\r\nSubject: <b>bold</b><script>x</script>\r\n".encode()
        + b"Content-Type: text/html\r\n\r\n"
        + HOSTILE_HTML.encode()
    )
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "Dear Ana," in page
    for never in ("<script>", "onerror=", "<iframe", "javascript:alert", "<b>bold</b>"):
        assert never not in page.replace('<script src="', "")


def test_a_token_that_is_nobodys_changes_nothing(session: Session, poll: Poll, address: str, iris: Contact) -> None:
    assert poll(mail(Cc="crm+abcdefghijklmnopqrstuvwxyz@firm.example")) == "1 nobody's"
    assert session.exec(select(InboxMail)).all() == []


@pytest.mark.parametrize("renewed", [True, False])
def test_an_old_address_is_worth_nothing(
    session: Session, poll: Poll, address: str, ana: Viewer, iris: Contact, renewed: bool
) -> None:
    make_key(session, ana, ana.user_id, Purpose.MAIL) if renewed else revoke_key(
        session, ana, ana.user_id, Purpose.MAIL
    )
    assert poll(mail(Cc=address)) == "1 nobody's"


def test_the_token_stands_in_no_table(session: Session, address: str) -> None:
    from tests.web._world import contents

    token = address.partition("+")[2].partition("@")[0]
    assert [table for table, rows in contents(session).items() if any(token in row for row in rows)] == []


# --- whose it is -----------------------------------------------------------------------------------------------------


def test_an_unknown_sender_waits_with_a_suggestion_and_one_click_files_it(
    session: Session, poll: Poll, address: str, acme: Account, as_ana: TestClient
) -> None:
    acme.domain = "acme.example"
    poll(mail("Who are you?", From="Nils Holm <nils@acme.example>", Cc=address))
    page = as_ana.get("/mail").text
    assert "Nils Holm" in page
    assert "Acme</span>" in page
    kept = session.exec(select(InboxMail)).one()
    answer = as_ana.post(f"/mail/{kept.id}/filing", data={"account": str(acme.id), "add_contact": "true"})
    assert answer.status_code == 303
    session.expire_all()
    (talk,) = talks(session)
    nils = session.get_one(Contact, talk.contact_id)
    assert (nils.name, nils.email, talk.account_id) == ("Nils Holm", "nils@acme.example", acme.id)
    assert session.get_one(InboxMail, kept.id).body == ""
    poll(mail("Again", From="nils@acme.example", Cc=address, Message_ID="<two@x>"))  # knows its way by now
    assert len(talks(session)) == 2


def test_a_stranger_of_a_free_mail_service_suggests_nothing(
    session: Session, poll: Poll, address: str, acme: Account, as_ana: TestClient
) -> None:
    acme.domain = "gmail.com"
    poll(mail(From="nils@gmail.com", Cc=address))
    assert "Acme</span>" not in as_ana.get("/mail").text


def test_a_person_of_several_accounts_waits_unless_others_tell(
    session: Session,
    poll: Poll,
    address: str,
    acme: Account,
    iris: Contact,
    make_account: Callable[..., Account],
    make_contact: Callable[..., Contact],
) -> None:
    beta = make_account("Beta")
    session.add(ContactAccount(contact_id=iris.id, account_id=beta.id))
    make_contact("Bo", account=beta, email="bo@beta.example")
    assert poll(mail(Cc=address)) == "1 to_sort"
    beta.domain = "beta.example"
    raw = mail("Both", Cc=f"bo@beta.example, {address}", Message_ID="<both@x>")
    assert poll(raw) == "1 filed"
    assert [talk.account_id for talk in talks(session)] == [beta.id]


@pytest.mark.settings(books="own")
def test_a_mail_never_lands_on_an_account_one_may_not_read(
    session: Session, poll: Poll, address: str, zoe: Viewer, make_account: Callable[..., Account], make_contact: Any
) -> None:
    hers = make_account("Zephyr", owner=zoe)
    hers.domain = "zephyr.example"
    make_contact("Zed", account=hers, email="zed@zephyr.example")
    assert poll(mail(From="zed@zephyr.example", Cc=address)) == "1 to_sort"
    assert talks(session) == []


def test_waiting_mail_is_seen_by_its_person_alone(
    session: Session, poll: Poll, address: str, as_ben: TestClient, as_admin: TestClient, as_ana: TestClient, acme: Any
) -> None:
    poll(mail("Secret words", From="x@nowhere.example", Cc=address))
    kept = session.exec(select(InboxMail)).one()
    for browser in (as_ben, as_admin):
        assert "Secret words" not in browser.get("/mail").text
        assert browser.get(f"/mail/{kept.id}").status_code == 404
        assert browser.post(f"/mail/{kept.id}/filing", data={"account": str(acme.id)}).status_code == 404
        assert browser.post(f"/mail/{kept.id}/dismissal").status_code == 404
    assert as_ana.post(f"/mail/{kept.id}/dismissal").status_code == 303
    session.expire_all()
    assert (kept.state, kept.body) == (InboxState.IGNORED, "")


def test_unsorted_mail_is_forgotten_after_a_month(session: Session, poll: Poll, address: str) -> None:
    poll(mail(From="x@nowhere.example", Cc=address))
    kept = session.exec(select(InboxMail)).one()
    assert inbox.forget_unsorted(session) == 0
    kept.received_at -= timedelta(days=31)
    session.flush()
    assert inbox.forget_unsorted(session) == 1


# --- private until shared --------------------------------------------------------------------------------------------


@pytest.fixture
def talk(session: Session, poll: Poll, address: str, iris: Contact) -> Interaction:
    poll(mail("Confidential figures", Subject="Qxprivate", Cc=address))
    return talks(session)[0]


def test_a_private_mail_is_read_by_its_person_alone(
    session: Session, talk: Interaction, as_ana: TestClient, as_ben: TestClient, as_admin: TestClient, iris: Contact
) -> None:
    pages = [f"/accounts/{talk.account_id}", f"/contacts/{iris.id}", "/search?q=Confidential"]
    for path in pages:
        mine = as_ana.get(path).text
        assert "Qxprivate" in mine or "Confidential figures" in mine
        for browser in (as_ben, as_admin):
            page = browser.get(path).text
            assert "Qxprivate" not in page
            assert "Confidential figures" not in page
    edit = f"/accounts/{talk.account_id}/interactions/{talk.id}/correction"
    assert as_ana.get(edit).status_code == 200
    for browser in (as_ben, as_admin):
        assert browser.get(edit).status_code == 404
        assert browser.post(edit.replace("correction", "removal")).status_code == 404
        assert browser.post(edit.replace("correction", "sharing"), data={"shared": "true"}).status_code == 404
    session.expire_all()
    assert session.get_one(Interaction, talk.id).closed_at is None


def test_shared_it_is_everybodys_and_can_be_hidden_again(
    session: Session, talk: Interaction, as_ana: TestClient, as_ben: TestClient
) -> None:
    path, share = f"/accounts/{talk.account_id}", f"/accounts/{talk.account_id}/interactions/{talk.id}/sharing"
    assert as_ana.post(share, data={"shared": "true"}).status_code == 303
    assert "Qxprivate" in as_ben.get(path).text
    assert as_ben.post(share, data={"shared": "false"}).status_code == 403
    as_ana.post(share, data={"shared": "false"})
    assert "Qxprivate" not in as_ben.get(path).text
    said = [one.verb for one in session.exec(select(AuditEntry)) if one.verb.startswith("interaction.")]
    assert said == ["interaction.logged", "interaction.shared", "interaction.hidden"]


def test_a_report_leaves_private_talks_out_and_a_brief_shows_ones_own(
    session: Session, talk: Interaction, ana: Viewer, ben: Viewer
) -> None:
    from accounts.report import load_talks

    def told(viewer: Viewer, own: bool) -> bool:
        context = SectionContext(session, viewer, talk.account_id, clock.now(), "en", "internal", for_own_use=own)
        return load_talks(context) is not None

    assert [told(ana, False), told(ana, True), told(ben, True)] == [False, True, False]


def test_with_whom_somebody_spoke_is_theirs_too(
    session: Session, talk: Interaction, ana: Viewer, ben: Viewer, iris: Contact
) -> None:
    talk.two_way = True
    session.flush()

    def last(viewer: Viewer) -> object:
        return people_of(session, viewer, talk.account_id, clock.now(), limit=5)[0].talked_at

    assert (last(ana), last(ben)) == (talk.happened_at, None)
    assert [len(search_talks(session, one, "Qxprivate", 5)) for one in (ana, ben)] == [1, 0]


def test_the_score_is_one_for_all_and_counts_it_without_its_words(
    session: Session, poll: Poll, address: str, acme: Account, iris: Contact, as_ben: TestClient
) -> None:
    poll(mail("?", From="ana@tenure.example", To=f"iris@acme.example, {address}", Message_ID="<q@tenure>"))
    poll(mail("Qxwords", Subject="Qxsubject", Cc=address, Message_ID="<a@x>", In_Reply_To="<q@tenure>"))
    assert session.get(HealthScore, acme.id) is not None
    page = as_ben.get(f"/accounts/{acme.id}/health/silence").text
    assert "Qx" not in page
    assert "private to Ana Duarte" in page


def test_a_correction_stays_private_and_keeps_its_source(
    session: Session, talk: Interaction, ana: Viewer, acme: Account, poll: Poll, address: str
) -> None:
    service.correct_interaction(
        session, ana, acme, talk, channel=talk.channel, direction=talk.direction, body="Right", contact=None
    )
    right = next(one for one in talks(session) if one.closed_at is None)
    assert (right.private_to, right.source_key) == (ana.user_id, "mail")


def test_executives_have_no_address_and_sort_nothing(
    session: Session, exec_: Viewer, as_exec: TestClient, acme: Account
) -> None:
    assert as_exec.get("/mail").status_code == 403
    assert as_exec.post("/me/mail-address").status_code == 403
    with pytest.raises(Forbidden):
        inbox.sort_mail(session, exec_, InboxMail(), acme)


def test_me_shows_the_address_and_renews_it(as_ana: TestClient, address: str) -> None:
    assert address in as_ana.get("/me").text
    as_ana.post("/me/mail-address")
    page = as_ana.get("/me").text
    assert address not in page
    assert "crm+" in page
    as_ana.post("/me/mail-address/removal")
    assert "crm+" not in as_ana.get("/me").text


def test_without_a_mailbox_me_says_what_is_missing(as_ana: TestClient) -> None:
    assert "CRM_MAILBOX_URL" in as_ana.get("/me").text


def test_the_list_takes_as_many_queries_for_one_mail_as_for_thirty(
    session: Session, poll: Poll, address: str, acme: Account, as_ana: TestClient, count_queries: Any
) -> None:
    acme.domain = "acme.example"
    poll(mail(From="one@acme.example", Cc=address, Message_ID="<m0@x>"))
    few = count_queries(lambda: as_ana.get("/mail"))
    poll(*(mail(From=f"p{n}@acme.example", Cc=address, Message_ID=f"<m{n}@x>") for n in range(1, 30)))
    assert count_queries(lambda: as_ana.get("/mail")) == few


def test_imap_is_read_and_told(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    import imaplib

    from accounts.inbox.mailboxes import open_mailbox

    said: list[tuple[Any, ...]] = []

    class Server:
        def __init__(self, host: str, port: int, **_kw: Any) -> None:
            said.append(("connect", host, port))

        def login(self, *given: str) -> None:
            said.append(("login", *given))

        def select(self, folder: str) -> tuple[str, list[bytes]]:
            said.append(("select", folder))
            return "OK", [b"2"]

        def uid(self, verb: str, *given: str) -> tuple[str, list[Any]]:
            said.append((verb, *given))
            if verb == "SEARCH":
                return "OK", [b"7 9"]
            if given[1] == "(RFC822.SIZE)":
                return "OK", [b"1 (UID 7 RFC822.SIZE 99999999)" if given[0] == "7" else b"1 (RFC822.SIZE 10)"]
            return "OK", [(b"1 (BODY[] {5}", b"bytes"), b")"]

        def logout(self) -> None:
            said.append(("logout",))

    monkeypatch.setattr(imaplib, "IMAP4_SSL", Server)
    url = "imaps://crm%40firm.example:p%40ss@mail.firm.example/In%20box"
    with open_mailbox(settings.model_copy(update={"mailbox_url": url})) as waiting:
        first, second = list(waiting)
        assert (first.read(), second.read()) == (b"bytes", b"bytes")
        first.done()
        second.set_aside()
    assert ("login", "crm@firm.example", "p@ss") in said
    assert ("select", '"In box"') in said
    assert ("FETCH", "7", "(BODY.PEEK[HEADER]<0.65536>)") in said
    assert ("FETCH", "9", "(BODY.PEEK[])") in said
    assert ("STORE", "7", "+FLAGS", r"(\Seen)") in said
    assert ("STORE", "9", "+FLAGS", r"(\Seen \Flagged)") in said
    assert said[-1] == ("logout",)


def test_a_merge_of_people_keeps_a_private_mail_private_and_its_thread(
    session: Session, talk: Interaction, make_contact: Any, mia: Viewer, ben: Viewer, iris: Contact
) -> None:
    from accounts.people.merging import merge_contacts

    double = make_contact("I. Weber", email="i.weber@acme.example")
    merge_contacts(session, mia, double, iris)
    session.flush()
    (moved,) = [one for one in talks(session) if one.closed_at is None]
    assert (moved.contact_id, moved.private_to) == (double.id, talk.private_to)
    assert session.exec(select(InboxMail)).one().interaction_id == moved.id
    assert moved.is_hidden_from(ben.user_id)
