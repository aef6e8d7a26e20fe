"""Two people on one form: what only one changed is kept of both, what both changed is asked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sqlmodel import Session

from accounts import service
from accounts.models import Account, Contact, Contract, OwnField, OwnFieldKind, Tier
from crm.clock import today
from crm.viewer import Viewer
from crm.web.forms import EditForm, Submitted, parse, seen_of, settle


class PlaceForm(EditForm):
    city: str = ""
    street: str = ""
    open: bool = False


def sent(shown: dict[str, str], **mine: str) -> Submitted[PlaceForm]:
    return parse(PlaceForm, {"seen": [seen_of(shown)], **{name: [value] for name, value in mine.items()}})


WORD = st.sampled_from(["", "a", "b", "c"])
PLACE = st.fixed_dictionaries({"city": WORD, "street": WORD})


@given(shown=PLACE, mine=PLACE, theirs=PLACE)
def test_nothing_anybody_wrote_is_lost_unasked(
    shown: dict[str, str], mine: dict[str, str], theirs: dict[str, str]
) -> None:
    """Mine where I alone changed a field, theirs where they alone did; where both did, it is asked."""
    settled = settle(PlaceForm, sent(shown, **mine), theirs)
    both = {
        name for name in shown if mine[name] != shown[name] != theirs[name] and mine[name] != theirs[name]
    }  # fmt: skip
    assert {clash.name for clash in settled.clashes} == both
    if not both:
        assert settled.form is not None
        for name in shown:
            assert getattr(settled.form, name) == (theirs[name] if mine[name] == shown[name] else mine[name])
        return
    assert settled.form is None
    again = {name: settled.raw[name] for name in shown}  # the form as it came back, made from what is there now
    keep = settle(PlaceForm, sent(theirs, **again), theirs)
    take = settle(PlaceForm, sent(theirs, **again, take=" ".join(sorted(both))), theirs)
    assert keep.form is not None
    assert take.form is not None
    for name in shown:
        merged = theirs[name] if mine[name] == shown[name] else mine[name]
        assert getattr(keep.form, name) == merged
        assert getattr(take.form, name) == (theirs[name] if name in both else merged)


def test_a_box_that_is_not_ticked_is_an_answer_too() -> None:
    settled = settle(PlaceForm, sent({"city": "a", "open": ""}, city="b"), {"city": "a", "open": "true"})
    assert settled.form is not None
    assert (settled.form.city, settled.form.open) == ("b", True)


@pytest.mark.parametrize("seen", ["", "x", "[]", "{}", '{"city": 3}'])
def test_a_form_that_does_not_say_what_it_saw_is_left_alone(seen: str) -> None:
    mine = parse(PlaceForm, {"seen": [seen], "city": ["b"]})
    assert settle(PlaceForm, mine, {"street": "other"}) is mine


# --- on pages --------------------------------------------------------------------------------------------------------


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")


def test_details_of_two_people(as_ana: Any, session: Session, mia: Viewer, acme: Account) -> None:
    address = f"/accounts/{acme.id}/details"
    seen = seen_in(as_ana.get(address).text)
    said = {"domain": None, "country": None, "language": None}
    service.change_details(session, mia, acme, name="Acme Group", industry="Paper", **said)  # type: ignore[arg-type]
    session.commit()
    mine = {"name": "Acme", "tier": "enterprise", "industry": "Wood", "seen": seen}
    asked = as_ana.post(address, data=mine)
    assert asked.status_code == 422
    assert "Mia Lindqvist changed this while you were writing" in asked.text
    assert "Paper" in asked.text
    assert 'value="Wood"' in asked.text
    assert 'value="Acme Group"' in asked.text  # theirs alone: not asked
    session.expire_all()
    assert (acme.industry, acme.tier) == ("Paper", Tier.MID)  # nothing of it was kept
    kept = as_ana.post(address, data={**mine, "name": "Acme Group", "seen": seen_in(asked.text)})
    assert kept.status_code == 303
    session.expire_all()
    assert (acme.name, acme.industry, acme.tier) == ("Acme Group", "Wood", Tier.ENTERPRISE)


def test_theirs_can_be_taken(as_ana: Any, session: Session, mia: Viewer, acme: Account) -> None:
    address = f"/accounts/{acme.id}/seats"
    seen = seen_in(as_ana.get(address).text)
    service.set_seats(session, mia, acme, 50)
    session.commit()
    asked = as_ana.post(address, data={"seats": "40", "seen": seen})
    assert asked.status_code == 422
    assert 'name="take" value="seats"' in asked.text
    again = {"seats": "40", "seen": seen_in(asked.text), "take": "seats"}
    assert as_ana.post(address, data=again).status_code == 303
    session.expire_all()
    assert acme.seats == 50


def test_names_stand_for_people_in_the_question(
    as_mia: Any, session: Session, ben: Viewer, admin: Viewer, zoe: Viewer, acme: Account, as_user: Any
) -> None:
    address = f"/accounts/{acme.id}/owner"
    seen = seen_in(as_mia.get(address).text)
    service.assign_owner(session, admin, acme, as_user(ben), on=today(), reason="x")
    session.commit()
    asked = as_mia.post(
        address, data={"owner": str(zoe.user_id), "on": "today", "reason": "y", "seen": seen}
    )  # fmt: skip
    assert asked.status_code == 422
    assert re.search(r"theirs</small> Ben Okafor", asked.text)
    assert re.search(r"yours</small> Zoe Marchand", asked.text)


def test_a_contract_that_was_closed_meanwhile_is_watched(
    as_ana: Any, session: Session, mia: Viewer, acme: Account, contract: Contract
) -> None:
    address = f"/accounts/{acme.id}/contracts/{contract.id}/renewal"
    seen = seen_in(as_ana.get(address).text)
    contract.notice_days = 30
    session.commit()
    asked = as_ana.post(address, data={"ends_on": "2028-01-31", "notice_days": "90", "seen": seen})
    assert asked.status_code == 422
    assert "Go on all the same" in asked.text
    again = {"ends_on": "2028-01-31", "notice_days": "90", "seen": seen_in(asked.text)}
    assert as_ana.post(address, data=again).status_code == 303


def test_a_contact_a_task_and_a_next_step_ask_too(
    as_ana: Any, session: Session, ana: Viewer, mia: Viewer, acme: Account, iris: Contact
) -> None:
    task = service.create_task(session, ana, acme, title="Call", due_on=today())
    session.commit()
    contact, day, step = f"contacts/{iris.id}", f"tasks/{task.id}/day", "next-step"
    pages = {part: as_ana.get(f"/accounts/{acme.id}/{part}").text for part in (contact, day, step)}
    iris.phone = "+33 1"
    task.due_on, task.title = task.due_on.replace(day=28), "Write"
    session.commit()
    sent_ = {
        contact: {"name": iris.name, "email": iris.email, "phone": "+33 2", "seen": seen_in(pages[contact])},
        day: {"due_on": "2026-12-24", "seen": seen_in(pages[day])},
        step: {"next": "Meet, 2026-12-24", "seen": seen_in(pages[step])},
    }
    for part, form in sent_.items():
        answer = as_ana.post(f"/accounts/{acme.id}/{part}", data=form)
        assert (answer.status_code, "while you were writing" in answer.text) == (422, True), part


def test_an_own_field_asks_too(as_ana: Any, session: Session, mia: Viewer, acme: Account) -> None:
    own = OwnField(key="erp", title="ERP", kind=OwnFieldKind.TEXT)
    session.add(own)
    session.flush()
    address = f"/accounts/{acme.id}/own/{own.id}"
    seen = seen_in(as_ana.get(address).text)
    assert json.loads(seen) == {"value": ""}
    service.set_own_value(session, mia, acme, own, "SAP")
    session.commit()
    assert as_ana.post(address, data={"value": "Oracle", "seen": seen}).status_code == 422
    assert as_ana.post(address, data={"value": "SAP", "seen": seen}).status_code == 303  # the same: nothing to ask
