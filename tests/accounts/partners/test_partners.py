"""An agency's address names no account: the person does, then the company, then somebody."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service
from accounts.importing.targets import Kind
from accounts.models import Account, Contact, ContactAccount
from accounts.participants import accounts_by_domain, matches
from accounts.partners.models import PartnerDomain
from accounts.partners.service import add_partner_domain, remove_partner_domain
from accounts.people.merging import merge_contacts
from crm.audit import AuditEntry
from crm.errors import Conflict, Forbidden, Invalid
from crm.viewer import Viewer, system_viewer
from support.models import EventKind, Ticket, UnmatchedTicket
from support.records import AccountHint, EventRecord, Requester, TicketRecord
from support.service import apply_tickets
from tests.accounts.importing.conftest import bring, look_at, outcome, reasons  # noqa: F401 - fixtures
from tests.support._telling import at

AGENCY = "agency.example"


@pytest.fixture
def agency(session: Session) -> PartnerDomain:
    made = add_partner_domain(session, system_viewer(), f"https://www.{AGENCY.title()}/", note="An agency")
    session.commit()
    return made


def ticket(number: int, *, mail: str, domain: str = AGENCY, name: str = "", **hint: Any) -> TicketRecord:
    return TicketRecord(
        source_key="desk",
        external_id=str(number),
        updated_at=at(number),
        events=(EventRecord(EventKind.OPENED, "opened", at(number)),),
        account=AccountHint(domain=domain, name=name, **hint),
        requester=Requester(name=mail, email=mail),
    )


def placed(session: Session) -> dict[str, int]:
    return dict(session.exec(select(Ticket.external_id, Ticket.account_id)).all())


def why_waiting(session: Session) -> dict[str, str]:
    return {one.external_id: str(one.why) for one in session.exec(select(UnmatchedTicket))}


def test_a_domain_is_kept_plain_and_once(session: Session, agency: PartnerDomain, ana: Viewer, mia: Viewer) -> None:
    assert agency.domain == AGENCY
    with pytest.raises(Conflict):
        add_partner_domain(session, mia, AGENCY)
    with pytest.raises(Invalid):
        add_partner_domain(session, mia, "no domain at all")
    with pytest.raises(Forbidden):
        add_partner_domain(session, ana, "other.example")
    with pytest.raises(Forbidden):
        remove_partner_domain(session, ana, agency)
    assert session.exec(select(PartnerDomain.domain)).all() == [AGENCY]
    verbs = session.exec(select(AuditEntry.verb)).all()
    assert verbs == ["partner_domain.added"]


def test_a_ticket_from_a_partner_is_never_placed_by_its_domain(
    session: Session, agency: PartnerDomain, ana: Viewer, make_account: Any
) -> None:
    owner_of_domain = make_account("Agency itself", domain=AGENCY)
    halden, brevik = make_account("Halden"), make_account("Brevik", external_id="C-7")
    service.add_contact(session, ana, halden, name="Kim", email=f"kim@{AGENCY}")
    for account in (halden, brevik):
        service.add_contact(session, ana, account, name="Lou", email=f"lou@{AGENCY}")
    session.commit()
    apply_tickets(
        session,
        [
            ticket(1, mail=f"new@{AGENCY}"),  # nobody knows them
            ticket(2, mail=f"Kim@{AGENCY}"),  # known at one account
            ticket(3, mail=f"lou@{AGENCY}"),  # known at two
            ticket(4, mail=f"kim@{AGENCY}", name="Brevik"),  # the company is named
            ticket(5, mail=f"lou@{AGENCY}", external_id="C-7"),
        ],
    )
    assert placed(session) == {"2": halden.id, "4": brevik.id, "5": brevik.id}
    waiting = f"“{AGENCY}” is the domain of a partner who serves several accounts."
    assert why_waiting(session) == {"1": waiting, "3": waiting}
    assert owner_of_domain.id not in placed(session).values()


def test_without_it_the_domain_names_the_account(session: Session, ana: Viewer, make_account: Any) -> None:
    own, halden = make_account("Agency itself", domain=AGENCY), make_account("Halden")
    service.add_contact(session, ana, halden, name="Kim", email=f"kim@{AGENCY}")
    session.commit()
    apply_tickets(session, [ticket(1, mail=f"new@{AGENCY}"), ticket(2, mail=f"kim@{AGENCY}")])
    assert placed(session) == {"1": own.id, "2": halden.id}  # whom we know comes before the domain


def test_whoever_was_merged_away_is_found_where_the_person_is(
    session: Session, agency: PartnerDomain, ana: Viewer, acme: Account
) -> None:
    kept = service.add_contact(session, ana, acme, name="Kim", email="kim@acme.example")
    gone = service.add_contact(session, ana, acme, name="Kim", email=f"kim@{AGENCY}")
    merge_contacts(session, ana, kept, gone)
    session.commit()
    apply_tickets(session, [ticket(1, mail=f"kim@{AGENCY}")])
    assert placed(session) == {"1": acme.id}
    assert session.exec(select(Ticket.contact_id)).one() == kept.id


def test_a_file_of_contacts_names_accounts_not_partners(
    session: Session,
    agency: PartnerDomain,
    ana: Viewer,
    bring: Any,  # noqa: F811
    make_account: Any,
) -> None:
    make_account("Agency itself", domain=AGENCY)
    halden = make_account("Halden")
    service.add_contact(session, ana, halden, name="Kim", email=f"kim@{AGENCY}")
    session.commit()
    run = bring(f"Name,E-mail,Position\nKim,kim@{AGENCY},Lead\nNew,new@{AGENCY},Helper\n", kind=Kind.CONTACTS)
    assert outcome(run) == (0, 1, 0, 1)
    assert reasons(session, run)[0][2] == f"{AGENCY} is a partner's, who serves several accounts; name the account."
    session.expire_all()
    link = session.exec(select(ContactAccount).join(Contact, col(Contact.id) == col(ContactAccount.contact_id))).one()
    assert (link.account_id, link.position) == (halden.id, "Lead")


def test_a_mail_from_a_partner_suggests_no_account_by_its_domain(
    session: Session, ana: Viewer, acme: Account, make_account: Any
) -> None:
    own = make_account("Agency itself", domain=AGENCY)
    kept = service.add_contact(session, ana, acme, name="Kim", email="kim@acme.example")
    gone = service.add_contact(session, ana, acme, name="Kim", email=f"kim@{AGENCY}")
    merge_contacts(session, ana, kept, gone)
    session.flush()
    assert accounts_by_domain(session, ana, [AGENCY]) == {AGENCY: [own]}
    add_partner_domain(session, system_viewer(), AGENCY)
    session.flush()
    assert accounts_by_domain(session, ana, [AGENCY]) == {}
    found = matches(session, ana, [f"kim@{AGENCY}"])
    assert [(one.contact.id, one.account.id) for one in found] == [(kept.id, acme.id)]


def test_the_settings_page(as_mia: Any, as_ana: Any, session: Session, make_account: Any) -> None:
    make_account("Agency itself", domain=AGENCY)
    path = "/settings/partner-domains"
    assert as_ana.get(path).status_code == 403
    assert as_ana.post(path, data={"domain": AGENCY}).status_code == 403
    again = as_mia.post(path, data={"domain": "what is this"})
    assert again.status_code == 422
    assert "what is this" in again.text
    assert as_mia.post(path, data={"domain": AGENCY, "note": "Our agency"}).status_code == 303
    page = as_mia.get(path).text
    assert "Our agency" in page
    assert "also the web domain of Agency itself" in page
    domain = session.exec(select(PartnerDomain)).one()
    assert as_ana.post(f"{path}/{domain.id}/removal").status_code == 403
    assert as_mia.post(f"{path}/{domain.id}/removal").status_code == 303
    assert session.exec(select(PartnerDomain.id)).all() == []


def test_the_settings_page_takes_the_same_queries_for_one_domain_or_thirty(
    as_mia: Any, session: Session, agency: PartnerDomain, count_queries: Any
) -> None:
    few = count_queries(lambda: as_mia.get("/settings/partner-domains"))
    for number in range(29):
        add_partner_domain(session, system_viewer(), f"agency-{number}.example")
    session.commit()
    assert count_queries(lambda: as_mia.get("/settings/partner-domains")) == few
