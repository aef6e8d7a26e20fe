"""What one row of a file of contacts would change: whom it means, at which account, and what would be other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.importing.known import Accounts, KnownAccount, Whereabouts
from accounts.importing.known_contacts import Contacts, KnownContact, Place
from accounts.importing.mapping import Mapping
from accounts.importing.matching import TwoMeant, match
from accounts.importing.planning import Outcome
from accounts.importing.rows import Row, Wrong
from accounts.importing.values import FREE_MAIL
from accounts.models import ContactRoleKind
from accounts.names import fold
from crm.clock import today
from crm.ids import new_id
from crm.text import N_, Text, text

PERSONAL = ("name", "email", "phone", "language", "external_id", "consent", "consent_on", "consent_how")
STANDING = ("influence", "sentiment")  # at one account


@dataclass
class ContactPlan:
    """``values``: what the person will have that they have not yet. ``joins``: they are not at the account yet."""

    row: Row
    outcome: Outcome
    account: KnownAccount | None = None
    known: KnownContact | None = None
    values: dict[str, Any] = field(default_factory=dict)
    joins: bool = False
    position: str | None = None
    roles: tuple[ContactRoleKind, ...] = ()
    standing: dict[str, Any] = field(default_factory=dict)  # influence and sentiment that are other than before
    note: str = ""  # what the row says besides, if it is not here yet
    wrong: list[Wrong] = field(default_factory=list)


class ContactPlanner:
    """Plans rows of one file, one after the other; remembers of whom each line spoke."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._spoken_of: dict[int, int] = {}  # contact → line

    def account_of(self, row: Row, accounts: Accounts, whereabouts: Whereabouts) -> KnownAccount | Wrong:
        """The account that the row names; where it names none, the one at which the person is known to be; else the
        one whose domain the e-mail address has, unless it is a partner's."""
        values = row.values
        keys = {"external_id": "account_id", "domain": "account_domain", "name": "account"}
        named = {key: values[ours] for key, ours in keys.items() if ours in values}
        at = whereabouts.of(row) if not named else set()
        if len(at) == 1 and (there := accounts.by_id.get(next(iter(at)))) is not None and there.visible:
            return there
        if not named and "email" in values:
            domain = values["email"].rpartition("@")[2].lower()
            if domain in FREE_MAIL:
                reason = text(N_("This row names no account, and %(domain)s is nobody's own domain."), domain=domain)
                return self._at(row, "account", reason)
            named = {"domain": domain}
        if not named:
            return self._at(row, "account", text(N_("This row names no account.")))
        if named.keys() == {"domain"} and named["domain"] in accounts.partners:
            reason = text(
                N_("%(domain)s is a partner's, who serves several accounts; name the account."), domain=named["domain"]
            )
            return self._at(row, "account", reason)
        try:
            found = match(Row(row.line, row.cells, named), accounts)
        except TwoMeant as two:
            return self._at(row, keys.get(two.key or "", "account"), two.reason)
        if found is None and named.keys() == {"name"}:
            found = accounts.of_other_form(named)
        if found is None or not found.visible:
            shown = named.get("name") or named.get("external_id") or named["domain"]
            reason = text(N_("There is no account “%(name)s” here; import it first, or mend the name."), name=shown)
            return self._at(row, next(ours for key, ours in keys.items() if key in named), reason)
        return found

    def plan(self, row: Row, account: KnownAccount | Wrong, contacts: Contacts) -> ContactPlan:
        plan = ContactPlan(row, Outcome.REJECTED, wrong=list(row.wrong))
        if isinstance(account, Wrong):
            plan.wrong.append(account)
        if plan.wrong or isinstance(account, Wrong):
            return plan
        plan.account = account
        try:
            plan.known = self._whom(row, account, contacts)
        except TwoMeant as two:
            plan.wrong.append(self._at(row, two.key, two.reason))
            return plan
        if (reason := _consent_refused(row, plan.known)) is not None:
            plan.wrong.append(self._at(row, "consent" if "consent" in row.values else "consent_on", reason))
            return plan
        if plan.known is None:
            self._plan_new(plan)
        else:
            self._plan_change(plan, account, plan.known)
        if plan.outcome in (Outcome.NEW, Outcome.UPDATED) and account.hands and not account.hands.may_change:
            plan.outcome = Outcome.REJECTED
            plan.wrong.append(Wrong(None, "", account.hands.whom_to_ask))
        return plan

    def remember(self, plan: ContactPlan, contacts: Contacts) -> None:
        """Later rows of the file find whom this one makes or changes."""
        if plan.outcome is Outcome.REJECTED or plan.account is None:
            return
        if plan.known is None:
            plan.known = KnownContact(id=new_id(), name=plan.values["name"])
        known = plan.known
        for key, value in plan.values.items():
            setattr(known, key, value)
        place = known.places.setdefault(plan.account.id, Place())
        place.left = place.left and not plan.joins
        place.position = plan.position if plan.position is not None else place.position
        place.roles |= set(plan.roles)
        for key, value in plan.standing.items():
            setattr(place, key, value)
        contacts.index(known)
        self._spoken_of.setdefault(known.id, plan.row.line)

    def _at(self, row: Row, key: str | None, reason: Text) -> Wrong:
        column = self._mapping.column_of(key) if key else None
        return Wrong(column, row.cells[column] if column is not None and column < len(row.cells) else "", reason)

    def _whom(self, row: Row, account: KnownAccount, contacts: Contacts) -> KnownContact | None:
        """By identifier, else by e-mail, else by exact name at the account where one of the two has no e-mail."""
        external_id, email, name = (row.values.get(key) for key in ("external_id", "email", "name"))
        by_id = contacts.by_external.get(external_id) if external_id else None
        if by_id is not None and by_id.closed:
            reason = text(N_("“%(id)s” belonged to a contact that was merged or deleted."), id=external_id)
            raise TwoMeant("external_id", reason)
        mailed = _others(contacts.by_email.get(email.lower(), ()) if email else (), external_id, by_id)
        if by_id is not None:
            if mailed and by_id not in mailed:
                raise _two("email", by_id, mailed[0])
            return by_id
        if len(mailed) > 1:
            here = [contact for contact in mailed if account.id in contact.places]
            if len(here) != 1:
                reason = text(N_("%(n)s contacts have the address %(email)s."), n=len(mailed), email=email)
                raise TwoMeant("email", reason)
            return here[0]
        if mailed:
            return mailed[0]
        namesakes = _others(contacts.by_name.get((account.id, fold(name)), ()) if name else (), external_id, None)
        namesakes = [contact for contact in namesakes if not (email and contact.email)]
        if len(namesakes) > 1:
            reason = text(N_("%(n)s contacts of %(account)s are called “%(name)s”; add an e-mail address."),
                          n=len(namesakes), account=account.name, name=name)  # fmt: skip
            raise TwoMeant("name", reason)
        return namesakes[0] if namesakes else None

    def _plan_new(self, plan: ContactPlan) -> None:
        values = plan.row.values
        if "name" not in values:
            reason = text(N_("No such contact is here, and a new one needs a name."))
            plan.wrong.append(self._at(plan.row, "name", reason))
            return
        plan.outcome = Outcome.NEW
        plan.joins = True
        plan.values = {key: values[key] for key in PERSONAL if key in values}
        plan.position = values.get("position")
        plan.roles = values.get("role", ())
        plan.standing = {key: values[key] for key in STANDING if key in values}

    def _plan_change(self, plan: ContactPlan, account: KnownAccount, known: KnownContact) -> None:
        values = plan.row.values
        for key in PERSONAL:
            if key in values and not _same(key, values[key], getattr(known, key)):
                plan.values[key] = values[key]
        place = known.places.get(account.id)
        plan.joins = place is None or place.left
        if "position" in values and (place is None or values["position"] != place.position):
            plan.position = values["position"]
        plan.roles = tuple(role for role in values.get("role", ()) if place is None or role not in place.roles)
        earlier = self._spoken_of.get(known.id)
        if plan.values and earlier is not None:
            reason = text(N_("Line %(line)s already speaks of %(contact)s, and says something else."),
                          line=earlier, contact=known.name)  # fmt: skip
            plan.wrong.append(self._at(plan.row, next(iter(plan.values)), reason))
            return
        plan.standing = {
            key: values[key]
            for key in STANDING
            if key in values and (place is None or values[key] is not getattr(place, key))
        }
        changes = plan.values or plan.joins or plan.position is not None or plan.roles or plan.standing
        plan.outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED


def _consent_refused(row: Row, known: KnownContact | None) -> Text | None:
    """A consent that could not be shown is none; and a day or way of saying it needs to be of something."""
    values = row.values
    consent = values.get("consent", known.consent if known else None)
    if consent is None and ("consent_on" in values or "consent_how" in values):
        return text(N_("This row does not say whether they may be mailed; it says only when or how."))
    day = values.get("consent_on")
    if day is not None and day > today():
        return text(N_("“%(day)s” lies ahead; nobody has said so yet."), day=day)
    return None


def _same(key: str, said: Any, kept: Any) -> bool:
    if key == "name":
        return fold(said) == fold(kept)
    if key == "email":
        return str(said).lower() == (kept or "").lower()
    return bool(said == kept)


def _others(found: Sequence[KnownContact], external_id: str | None, by_id: KnownContact | None) -> list[KnownContact]:
    return [
        contact
        for contact in found
        if contact is by_id or not external_id or not contact.external_id or contact.external_id == external_id
    ]


def _two(key: str, one: KnownContact, other: KnownContact) -> TwoMeant:
    return TwoMeant(
        key, text(N_("This row means two contacts at once: “%(one)s” and “%(other)s”."), one=one.name, other=other.name)
    )
