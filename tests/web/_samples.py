"""For every route of the app: who may use it, and one request that somebody who may would send.

A route without an entry here fails ``test_rights_matrix``. To add one: its method and name (for a second case of the
same route also what it is about, after " · "), the policy that docs/rights.md gives it, where its path gets its ids
from (a name of ``Scene``; in ``words`` the very words, or ``@`` and a name of ``World.ids``), and its form or query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crm.viewer import CAPABILITIES, Capability, Role
from tests.web._world import Ownership, Scene, World

Refused = int | None  # the status of the refusal; None: allowed
Policy = Callable[[World, Ownership], Refused]
Value = str | Callable[[World, Scene], str]


@dataclass(frozen=True)
class Sample:
    policy: Policy
    params: Mapping[str, str] = field(default_factory=dict)  # parameter → attribute of the scene whose id it is
    words: Mapping[str, str] = field(default_factory=dict)  # parameter → the very words
    query: Mapping[str, Value] = field(default_factory=dict)
    form: Mapping[str, Value] | None = None
    ok: frozenset[int] = frozenset({200, 303})
    strangers: int = 303  # what a browser without a session gets

    @property
    def is_about_an_account(self) -> bool:
        return bool(self.params) or any(callable(value) for value in {**self.query, **(self.form or {})}.values())


# --- policies: the sentences of docs/rights.md -----------------------------------------------------------------------


def everybody(world: World, ownership: Ownership) -> Refused:
    return None


def nobody(status: int) -> Policy:
    return lambda world, ownership: status


def whoever_may(capability: Capability) -> Policy:
    return lambda world, ownership: None if _may(world, capability) else 403


def readers(world: World, ownership: Ownership) -> Refused:
    return None if world.sees(ownership) else 404


def _on_account(world: World, ownership: Ownership, allowed: bool) -> Refused:
    if not world.sees(ownership):
        return 404
    return None if allowed else 403


def note_writers(world: World, ownership: Ownership) -> Refused:
    return _on_account(world, ownership, _may(world, Capability.NOTE))


def note_writers_first(world: World, ownership: Ownership) -> Refused:
    """The role is asked before the account."""
    return readers(world, ownership) if _may(world, Capability.NOTE) else 403


def changers(world: World, ownership: Ownership) -> Refused:
    allowed = world.has_in_hands(ownership) and _may(world, Capability.CHANGE_ACCOUNT)
    return _on_account(world, ownership, allowed)


def money_changers(world: World, ownership: Ownership) -> Refused:
    allowed = world.has_in_hands(ownership) and _may(world, Capability.CHANGE_MONEY)
    return _on_account(world, ownership, allowed)


def money_readers(world: World, ownership: Ownership) -> Refused:
    return _on_account(world, ownership, world.reads_money(ownership))


def assigners(world: World, ownership: Ownership) -> Refused:
    return _on_account(world, ownership, world.manages(ownership))


def reporters(world: World, ownership: Ownership) -> Refused:
    """The role is asked before the account, so that this refusal tells nothing about it."""
    return readers(world, ownership) if _may(world, Capability.REPORT) else 403


def _may(world: World, capability: Capability) -> bool:
    return capability in CAPABILITIES[world.viewer.role]


# --- samples ---------------------------------------------------------------------------------------------------------

DAY = "2026-11-23"

OPEN_TO_ALL = {
    "GET system.health": Sample(everybody, strangers=200),
    "GET system.readiness": Sample(everybody, strangers=200),
    "GET system.robots": Sample(everybody, strangers=200),
    "GET system.styleguide": Sample(nobody(404), strangers=404),  # only while developing
    "GET assets.show": Sample(everybody, words={"version": "x", "path": "css/app.css"}, strangers=200),
}

IDENTITY = {
    "GET identity.sign_in.new": Sample(everybody, strangers=200),
    "POST identity.sign_in.create": Sample(
        everybody, form={"email": "vera@tenure.example", "password": "wrong horse"}, ok=frozenset({422}), strangers=422
    ),
    "POST identity.sign_out": Sample(everybody, form={}),
    "GET identity.welcome.show": Sample(everybody),
    "GET identity.welcome.new": Sample(everybody),
    "POST identity.welcome.create": Sample(
        nobody(409),
        form={"name": "X", "email": "x@x.example", "password": "correct horse battery", "team": "X"},
        strangers=409,
    ),
    "GET identity.demo.show": Sample(everybody),
    "POST identity.demo.create": Sample(nobody(409), form={}, strangers=409),
    "POST identity.demo.enter": Sample(nobody(404), form={"role": "administrator"}, strangers=404),
    "POST identity.preferences.update": Sample(everybody, form={"theme": "dark"}),
    "GET identity.me.show": Sample(everybody),
    "POST identity.me.update": Sample(
        everybody, form={"name": "Vera T.", "language": "fr", "time_zone": "Europe/Paris"}
    ),
    "POST identity.me.password.update": Sample(
        everybody, form={"current": "correct horse battery", "new": "staple battery horse"}
    ),
    "POST identity.me.sessions.delete": Sample(everybody, form={"session": "others"}),
    "GET search.show": Sample(everybody, query={"q": "zephyr"}),
    "GET search.palette": Sample(everybody, query={"q": "zephyr"}),
}

_users = whoever_may(Capability.MANAGE_USERS)
_ben = {"user_id": "@ben"}

USERS = {
    "GET identity.users.index": Sample(_users),
    "GET identity.users.new": Sample(_users),
    "POST identity.users.create": Sample(
        _users, form={"name": "New", "email": "new@x.example", "role": "manager", "language": "en", "team_id": ""}
    ),
    "GET identity.users.edit": Sample(_users, words=_ben),
    "POST identity.users.role.update": Sample(_users, words=_ben, form={"role": "manager", "team_id": ""}),
    "POST identity.users.password.create": Sample(_users, words=_ben, form={}),
    "POST identity.users.disablement.create": Sample(_users, words=_ben, form={}),
    "POST identity.users.enablement.create": Sample(_users, words=_ben, form={}, ok=frozenset({409})),
    "POST identity.teams.create": Sample(_users, form={"name": "East"}),
}


def importers_of_their_own(world: World, ownership: Ownership) -> Refused:
    return None if _may(world, Capability.IMPORT) else 403


def importers_of_others(world: World, ownership: Ownership) -> Refused:
    """What somebody else brings in is opened by administrators."""
    if not _may(world, Capability.IMPORT):
        return 403
    return None if world.viewer.role is Role.ADMINISTRATOR else 404


IMPORT = {
    "GET accounts.import.new": Sample(importers_of_their_own),
    "POST accounts.import.create": Sample(importers_of_their_own, form={"kind": "guess"}, ok=frozenset({422})),
    "GET accounts.import.show": Sample(importers_of_their_own, words={"run_id": "@run"}),
    "GET accounts.import.show · somebody else's": Sample(importers_of_others, words={"run_id": "@foreign_run"}),
    "POST accounts.import.columns": Sample(importers_of_their_own, words={"run_id": "@run"}, form={}),
    "POST accounts.import.columns · somebody else's": Sample(
        importers_of_others, words={"run_id": "@foreign_run"}, form={}
    ),
    "POST accounts.import.start": Sample(importers_of_their_own, words={"run_id": "@started_run"}, form={}),
    "POST accounts.import.again": Sample(importers_of_their_own, words={"run_id": "@run"}, form={}),
    "POST accounts.import.remove": Sample(importers_of_their_own, words={"run_id": "@removed_run"}, form={}),
    "GET support.import.new": Sample(importers_of_their_own),
    "POST support.import.create": Sample(importers_of_their_own, form={}, ok=frozenset({422})),
    "GET support.import.show": Sample(importers_of_their_own, words={"run_id": "@ticket_run"}),
    "GET support.import.show · somebody else's": Sample(importers_of_others, words={"run_id": "@foreign_ticket_run"}),
    "POST support.import.columns": Sample(importers_of_their_own, words={"run_id": "@ticket_run"}, form={}),
    "POST support.import.columns · somebody else's": Sample(
        importers_of_others, words={"run_id": "@foreign_ticket_run"}, form={}
    ),
    "POST support.import.files": Sample(
        importers_of_their_own, words={"run_id": "@ticket_run"}, form={}, ok=frozenset({422})
    ),
    "POST support.import.start": Sample(importers_of_their_own, words={"run_id": "@started_ticket_run"}, form={}),
    "POST support.import.cancel": Sample(importers_of_their_own, words={"run_id": "@ticket_run"}, form={}),
    "POST support.import.again": Sample(importers_of_their_own, words={"run_id": "@ticket_run"}, form={}),
    "POST support.import.undo": Sample(importers_of_their_own, words={"run_id": "@undone_ticket_run"}, form={}),
    "POST support.import.remove": Sample(importers_of_their_own, words={"run_id": "@removed_ticket_run"}, form={}),
    "GET support.import.mend": Sample(importers_of_their_own, words={"run_id": "@ticket_run"}),
    "GET support.import.mend · somebody else's": Sample(importers_of_others, words={"run_id": "@foreign_ticket_run"}),
    "GET accounts.import.mend": Sample(importers_of_their_own, words={"run_id": "@run"}),
    "GET accounts.import.mend · somebody else's": Sample(importers_of_others, words={"run_id": "@foreign_run"}),
}


def of_account(**more: str) -> dict[str, str]:
    return {"account_id": "account", **more}


ACCOUNTS = {
    "GET accounts.list": Sample(everybody, query={"scope": "all"}),
    "GET accounts.list.csv": Sample(whoever_may(Capability.EXPORT), query={"scope": "all"}),
    "GET accounts.new": Sample(whoever_may(Capability.IMPORT)),
    "POST accounts.create": Sample(whoever_may(Capability.IMPORT), form={"name": "Newcomer"}),
    "GET accounts.show": Sample(readers, of_account()),
    "GET accounts.header.show": Sample(readers, of_account()),
    "GET accounts.panels.show": Sample(readers, of_account(), words={"key": "timeline"}),
    "GET accounts.details.edit": Sample(changers, of_account()),
    "POST accounts.details.update": Sample(
        changers,
        of_account(),
        form={
            "name": lambda _, one: one.account.name,
            "tier": "enterprise",
            "version": lambda _, one: str(one.account.version),
        },
    ),
    "GET accounts.stage.edit": Sample(changers, of_account()),
    "POST accounts.stage.update": Sample(changers, of_account(), form={"stage": "renewing", "on": DAY}),
    "GET accounts.own.edit": Sample(changers, of_account(field_id="own_field")),
    "POST accounts.own.update": Sample(changers, of_account(field_id="own_field"), form={"value": "West"}),
    # talks, tasks
    "GET accounts.notes.new_anywhere": Sample(whoever_may(Capability.NOTE)),
    "GET accounts.notes.new_anywhere · on an account": Sample(
        note_writers_first, query={"account": lambda _, one: str(one.account.id)}
    ),
    "GET accounts.notes.new": Sample(note_writers, of_account()),
    "POST accounts.notes.create": Sample(
        note_writers,
        of_account(),
        form={"channel": "call", "direction": "both", "body": "Spoke.", "next_step": "Write"},
    ),
    "GET accounts.interactions.edit": Sample(changers, of_account(interaction_id="interaction")),
    "POST accounts.interactions.update": Sample(
        changers,
        of_account(interaction_id="interaction"),
        form={"channel": "call", "direction": "both", "body": "Spoke longer.", "happened_on": "2026-11-20"},
    ),
    "POST accounts.interactions.remove": Sample(changers, of_account(interaction_id="interaction"), form={}),
    "GET accounts.tasks.new": Sample(note_writers, of_account()),
    "POST accounts.tasks.create": Sample(note_writers, of_account(), form={"title": "Write", "due_on": "2026-12-01"}),
    "GET accounts.next_step.edit": Sample(note_writers, of_account()),
    "POST accounts.next_step.update": Sample(note_writers, of_account(), form={"next": "Call, Friday"}),
    # people
    "GET accounts.contacts.index": Sample(readers, of_account()),
    "GET contacts.show": Sample(readers, {"contact_id": "contact"}),
    "GET accounts.contacts.new": Sample(changers, of_account()),
    "POST accounts.contacts.create": Sample(changers, of_account(), form={"name": "Nina New"}),
    "GET accounts.contacts.edit": Sample(changers, of_account(contact_id="contact")),
    "POST accounts.contacts.update": Sample(
        changers, of_account(contact_id="contact"), form={"name": lambda _, one: one.contact.name, "position": "CTO"}
    ),
    "GET accounts.roles.new": Sample(changers, of_account(contact_id="contact")),
    "POST accounts.roles.create": Sample(
        changers, of_account(contact_id="contact"), form={"role": "champion", "from_on": DAY}
    ),
    "POST accounts.roles.end": Sample(changers, of_account(role_id="role"), form={}),
    # money
    "GET accounts.contracts.new": Sample(money_changers, of_account()),
    "POST accounts.contracts.create": Sample(
        money_changers, of_account(), form={"starts_on": "2027-01-05", "ends_on": "2028-01-04", "notice_days": "30"}
    ),
    "GET accounts.renewals.new": Sample(money_changers, of_account(contract_id="contract")),
    "POST accounts.renewals.create": Sample(
        money_changers, of_account(contract_id="contract"), form={"ends_on": "2028-01-04", "notice_days": "30"}
    ),
    "GET accounts.closings.new": Sample(money_changers, of_account(contract_id="contract")),
    "POST accounts.closings.create": Sample(
        money_changers, of_account(contract_id="contract"), form={"reason": "They left"}
    ),
    "GET accounts.movements.index": Sample(money_readers, of_account()),
    # Usage, survey answers, invoices: whoever reads the account; amounts are left out for those who read no money.
    "GET accounts.usage.show": Sample(readers, of_account()),
    "GET accounts.nps.show": Sample(readers, of_account()),
    "GET accounts.invoices.show": Sample(readers, of_account()),
    "GET accounts.movements.new": Sample(money_changers, of_account()),
    "POST accounts.movements.create": Sample(
        money_changers, of_account(), form={"kind": "expansion", "amount": "1000", "effective_on": DAY}
    ),
    "GET accounts.corrections.new": Sample(money_changers, of_account(movement_id="movement")),
    "POST accounts.corrections.create": Sample(
        money_changers, of_account(movement_id="movement"), form={"amount": "95000", "note": "Typed wrongly"}
    ),
    "GET accounts.seats.edit": Sample(money_changers, of_account()),
    "POST accounts.seats.update": Sample(money_changers, of_account(), form={"seats": "40"}),
    # hands
    "GET accounts.owner.edit": Sample(assigners, of_account()),
    "POST accounts.owner.update": Sample(
        assigners, of_account(), form={"owner": lambda world, _: str(world.ids["mia"]), "on": DAY, "reason": "Balance"}
    ),
    "GET accounts.covers.new": Sample(changers, of_account()),
    "POST accounts.covers.create": Sample(
        changers,
        of_account(),
        form={"user": lambda world, _: str(world.ids["mia"]), "from_on": "2026-12-10", "to_on": "2026-12-12"},
    ),
    "POST accounts.covers.end": Sample(changers, of_account(cover_id="cover"), form={}),
    "GET accounts.members.new": Sample(changers, of_account()),
    "POST accounts.members.create": Sample(
        changers,
        of_account(),
        form={"user": lambda world, _: str(world.ids["mia"]), "role": "backup", "from_on": DAY},
    ),
    "POST accounts.members.end": Sample(changers, of_account(member_id="member"), form={}),
}


def role_money_readers(world: World, ownership: Ownership) -> Refused:
    """Lists of money: whoever reads any; what they may not read is left out of them."""
    return None if _may(world, Capability.READ_MONEY) else 403


def of_contract(**more: str) -> dict[str, str]:
    return {"contract_id": "contract", **more}


RENEWALS = {
    "GET renewals.list": Sample(role_money_readers, query={"scope": "all", "when": "all"}),
    "GET renewals.list.csv": Sample(role_money_readers, query={"scope": "all", "when": "all"}),
    "GET renewals.board": Sample(role_money_readers, query={"scope": "all"}),
    "GET renewals.changes": Sample(role_money_readers, query={"scope": "all"}),
    "GET renewals.show": Sample(money_readers, of_contract()),
    "POST renewals.update": Sample(
        money_changers, of_contract(), form={"forecast": "likely", "amount": "90000", "note": "They said so"}
    ),
    "GET renewals.cells.edit": Sample(money_changers, of_contract(), words={"cell": "forecast"}),
    "POST renewals.cells.update": Sample(
        money_changers, of_contract(), words={"cell": "forecast"}, form={"value": "commit"}
    ),
    "POST renewals.cells.update · uplift": Sample(
        money_changers, of_contract(), words={"cell": "uplift"}, form={"value": "+5 %"}
    ),
    "POST renewals.cells.update · month": Sample(
        money_changers, of_contract(), words={"cell": "month"}, form={"value": "2027-03"}
    ),
    "GET retention.show": Sample(role_money_readers, query={"scope": "all"}),
    "GET retention.records": Sample(
        role_money_readers, query={"scope": "all", "from": "2025-12-01", "until": "2026-11-23"}
    ),
    "GET retention.csv": Sample(role_money_readers, query={"scope": "all"}),
    "GET accounts.contracts.index": Sample(money_readers, of_account()),
    "GET accounts.amendments.new": Sample(money_changers, of_account(contract_id="contract")),
    "POST accounts.amendments.create": Sample(
        money_changers,
        of_account(contract_id="contract"),
        form={"title": "Ten more", "effective_on": DAY, "seats": "50", "product": "Board", "amount": "4000"},
    ),
    "GET accounts.currency.edit": Sample(money_changers, of_account()),
    "POST accounts.currency.update": Sample(
        money_changers, of_account(), form={"currency": "GBP", "amount": "80000", "effective_on": DAY}
    ),
}


def changers_of_something(world: World, ownership: Ownership) -> Refused:
    """Readers of a contact who may change accounts at all; which ones is asked when they say so."""
    return _on_account(world, ownership, _may(world, Capability.CHANGE_ACCOUNT))


_left = of_account(contact_id="contact")
_two = {"contact_id": "contact", "other_id": "twin"}
_matching = whoever_may(Capability.MANAGE_MATCHING)

PEOPLE = {
    "POST accounts.contacts.leave": Sample(changers, _left, form={}),
    "GET accounts.departures.edit": Sample(changers, _left),
    "POST accounts.departures.update": Sample(changers, _left, form={"on": DAY}, ok=frozenset({422})),  # is there
    "POST accounts.departures.undo": Sample(changers, _left, form={}, ok=frozenset({409})),
    "GET contacts.accounts.new": Sample(changers_of_something, {"contact_id": "contact"}),
    "POST contacts.accounts.create": Sample(
        changers,
        {"contact_id": "contact"},
        form={"account": lambda _, one: one.account.name},
        ok=frozenset({422}),  # is there already
    ),
    "GET contacts.duplicates.index": Sample(whoever_may(Capability.CHANGE_ACCOUNT)),
    "GET contacts.merges.choose": Sample(changers_of_something, {"contact_id": "contact"}),
    "GET contacts.merges.new": Sample(changers, _two),
    "POST contacts.merges.create": Sample(changers, _two, form={"kept": lambda _, one: str(one.contact.id)}),
    "POST contacts.merges.undo": Sample(changers, {"merge_id": "merge"}, form={}),
    "POST contacts.not_the_same.create": Sample(changers, _two, form={}),
    # in whose hands
    "GET accounts.covers.edit": Sample(changers, of_account(cover_id="cover")),
    "POST accounts.covers.update": Sample(
        changers, of_account(cover_id="cover"), form={"from_on": DAY, "to_on": "2026-12-18"}
    ),
    "GET accounts.members.edit": Sample(changers, of_account(member_id="member")),
    "POST accounts.members.update": Sample(
        changers, of_account(member_id="member"), form={"role": "specialist", "from_on": DAY}
    ),
    # whose company, whose domain
    "GET accounts.parent.edit": Sample(changers, of_account()),
    "POST accounts.parent.update": Sample(
        changers, of_account(), form={"parent": lambda _, one: one.account.name}, ok=frozenset({422})
    ),  # nobody is their own parent
    "POST accounts.parent.remove": Sample(changers, of_account(), form={}, ok=frozenset({409})),  # it has none
    "GET accounts.partners.index": Sample(_matching),
    "POST accounts.partners.create": Sample(_matching, form={"domain": "agency.example"}),
    "POST accounts.partners.remove": Sample(_matching, words={"domain_id": "@partner"}, form={}),
}


def on_ones_own_day(world: World, ownership: Ownership) -> Refused:
    """The task of an account somebody else owns is not on the viewer's day."""
    if not world.sees(ownership):
        return 404
    return None if ownership is Ownership.OWN else 409


def without_a_mark(world: World, ownership: Ownership) -> Refused:
    return 404


_item: dict[str, Value] = {
    "account_id": lambda _, one: str(one.account.id),
    "kind": "task_due",
    "key": lambda _, one: str(one.task.id),
}

DASHBOARD = {
    "GET dashboard.today": Sample(everybody),
    "POST dashboard.marks.create": Sample(on_ones_own_day, form={**_item, "verdict": "later", "until": "2026-11-26"}),
    "POST dashboard.outcomes.create": Sample(without_a_mark, form={**_item, "words": "Sent"}),
    "POST dashboard.marks.delete": Sample(readers, form=_item),
}

_arrangers = whoever_may(Capability.ARRANGE)
_field = {"field_id": "@own_field"}


def assigners_of_many(world: World, ownership: Ownership) -> Refused:
    return None if world.viewer.role in (Role.MANAGER, Role.ADMINISTRATOR) else 403


def one_may_choose(world: World, ownership: Ownership) -> Refused:
    """What one may not read cannot be chosen: it is not there."""
    if not _may(world, Capability.CHANGE_ACCOUNT):
        return 403
    return None if world.sees(ownership) else 422


VIEWS = {
    "GET accounts.list.columns": Sample(everybody, query={"scope": "all"}),
    "GET views.new": Sample(everybody, query={"of": "accounts", "query": "scope=all"}),
    "POST views.create": Sample(everybody, form={"of": "accounts", "query": "scope=all", "title": "Everything"}),
    "POST views.create · for a role": Sample(
        _arrangers,
        form={"of": "accounts", "query": "scope=all", "title": "For all", "shared": "true", "roles": "manager"},
    ),
    "GET views.menu": Sample(everybody, query={"of": "accounts"}),
    "GET views.open": Sample(everybody, words={"view_id": "@view"}),
    "GET views.open · somebody else's own": Sample(nobody(404), words={"view_id": "@foreign_view"}),
    "GET views.edit": Sample(everybody, words={"view_id": "@view"}),
    "GET views.edit · somebody else's own": Sample(nobody(404), words={"view_id": "@foreign_view"}),
    "GET views.edit · shared by somebody else": Sample(everybody, words={"view_id": "@shared_view"}),
    "POST views.update": Sample(everybody, words={"view_id": "@view"}, form={"title": "Renamed"}),
    "POST views.update · somebody else's own": Sample(
        nobody(404), words={"view_id": "@foreign_view"}, form={"title": "Renamed"}
    ),
    "POST views.update · shared by somebody else": Sample(
        everybody, words={"view_id": "@shared_view"}, form={"title": "Renamed", "shared": "true", "first": "true"}
    ),
    "POST views.query.update": Sample(everybody, words={"view_id": "@view"}, form={"query": "scope=mine"}),
    "POST views.query.update · shared by somebody else": Sample(
        _arrangers, words={"view_id": "@shared_view"}, form={"query": "scope=mine"}
    ),
    "POST views.remove": Sample(everybody, words={"view_id": "@view"}, form={}),
    "POST views.remove · shared by somebody else": Sample(_arrangers, words={"view_id": "@shared_view"}, form={}),
    "POST identity.undo.create": Sample(everybody, words={"entry_id": "@undo"}, form={}),
    "POST identity.undo.create · somebody else's": Sample(nobody(404), words={"entry_id": "@foreign_undo"}, form={}),
    "GET accounts.own_fields.index": Sample(_arrangers),
    "POST accounts.own_fields.create": Sample(_arrangers, form={"title": "Sector", "kind": "text"}),
    "GET accounts.own_fields.edit": Sample(_arrangers, words=_field),
    "POST accounts.own_fields.update": Sample(_arrangers, words=_field, form={"title": "Area", "places": "list"}),
    "POST accounts.own_fields.kind.update": Sample(_arrangers, words=_field, form={"kind": "choice"}),
    "POST accounts.own_fields.place.update": Sample(_arrangers, words=_field, form={"move": "hide"}),
    "GET accounts.tags.edit": Sample(changers, of_account()),
    "POST accounts.tags.update": Sample(changers, of_account(), form={"tags": "pilot"}),
    "POST accounts.bulk.create": Sample(
        one_may_choose, form={"action": "tags", "account": lambda _, one: str(one.account.id)}
    ),
    "POST accounts.bulk.create · owners": Sample(
        lambda world, ownership: (
            one_may_choose(world, ownership) if assigners_of_many(world, ownership) is None else 403
        ),
        form={"action": "owner", "account": lambda _, one: str(one.account.id)},
    ),
    "GET accounts.bulk.show": Sample(everybody, words={"run_id": "@bulk"}),
    "GET accounts.bulk.show · somebody else's": Sample(nobody(404), words={"run_id": "@foreign_bulk"}),
    "POST accounts.bulk.start": Sample(
        whoever_may(Capability.CHANGE_ACCOUNT), words={"run_id": "@bulk_chosen"}, form={"add": "pilot"}
    ),
    "POST accounts.bulk.start · somebody else's": Sample(
        nobody(404), words={"run_id": "@foreign_bulk"}, form={"add": "pilot"}
    ),
    "POST accounts.bulk.undo": Sample(everybody, words={"run_id": "@bulk"}, form={}),
    "POST accounts.bulk.undo · somebody else's": Sample(nobody(404), words={"run_id": "@foreign_bulk"}, form={}),
}


def typed_account_writers(world: World, ownership: Ownership) -> Refused:
    """The account is typed: what one may not read cannot be found by its name."""
    if not _may(world, Capability.NOTE):
        return 403
    return None if world.sees(ownership) else 422


_one_task = of_account(task_id="task")

TASKS = {
    "GET accounts.tasks.index": Sample(everybody, query={"whose": "all"}),
    "GET accounts.tasks.index · of an account": Sample(
        readers, query={"account": lambda _, one: str(one.account.id), "state": "done"}
    ),
    "GET accounts.tasks.new_anywhere": Sample(whoever_may(Capability.NOTE)),
    "GET accounts.tasks.new_anywhere · on an account": Sample(
        note_writers_first, query={"account": lambda _, one: str(one.account.id)}
    ),
    "POST accounts.notes.create_anywhere": Sample(
        typed_account_writers,
        form={"account": lambda _, one: str(one.account.id), "channel": "call", "body": "Spoke."},
    ),
    "POST accounts.tasks.create_anywhere": Sample(
        typed_account_writers,
        form={"account": lambda _, one: str(one.account.id), "title": "Write", "due_on": "2026-12-01"},
    ),
    "POST accounts.tasks.complete": Sample(changers, _one_task, form={}),
    "POST accounts.tasks.outcome": Sample(changers, of_account(task_id="done_task"), form={"outcome": "Sent"}),
    "POST accounts.tasks.reopen": Sample(changers, of_account(task_id="done_task"), form={}),
    "GET accounts.tasks.move": Sample(changers, _one_task),
    "POST accounts.tasks.moved": Sample(changers, _one_task, form={"due_on": "2026-12-03"}),
    "GET accounts.tasks.edit": Sample(changers, _one_task),
    "POST accounts.tasks.update": Sample(changers, _one_task, form={"title": "Write again", "due_on": "2026-12-03"}),
    "GET accounts.tasks.give": Sample(changers, _one_task),
    "POST accounts.tasks.given": Sample(
        changers, _one_task, form={"assignee": lambda world, _: str(world.ids["admin"]), "words": "Please"}
    ),
    "GET accounts.tasks.skip": Sample(changers, _one_task),
    "POST accounts.tasks.skipped": Sample(changers, _one_task, form={"reason": "Settled"}),
}

_writers_of_plays = whoever_may(Capability.MANAGE_PLAYS)
_play, _plain_play = {"play_id": "@play"}, {"play_id": "@off_play"}
_play_form: dict[str, Value] = {
    "title": "Before the decision",
    "trigger": "decision",
    "days_before": "90",
    "step_title": "Call",
    "step_role": "owner",
    "step_days": "0",
    "step_anchor": "start",
}

PLAYS = {
    "GET plays.index": Sample(everybody),
    "GET plays.show": Sample(everybody, words=_play),
    "GET plays.runs.index": Sample(everybody, words=_play, query={"show": "running"}),
    "GET plays.new": Sample(_writers_of_plays),
    "POST plays.create": Sample(_writers_of_plays, form=_play_form),
    "GET plays.edit": Sample(_writers_of_plays, words=_play),
    "POST plays.update": Sample(_writers_of_plays, words=_play, form=_play_form),
    "POST plays.copy": Sample(_writers_of_plays, words=_play, form={}),
    "POST plays.switch": Sample(_writers_of_plays, words=_plain_play, form={"on": "true"}),
    "POST plays.due.start": Sample(_writers_of_plays, words=_play, form={}),
    "GET plays.start.new": Sample(changers, query={"account_id": lambda _, one: str(one.account.id)}),
    "POST plays.start.create": Sample(
        changers,
        form={
            "account_id": lambda _, one: str(one.account.id),
            "play": lambda world, _: str(world.ids["off_play"]),
        },
    ),
    "GET plays.stop.new": Sample(changers, of_account(run_id="play_run")),
    "POST plays.stop.create": Sample(changers, of_account(run_id="play_run"), form={"reason": "Settled"}),
}

SUPPORT = {
    "GET support.tickets.list": Sample(everybody, query={"scope": "all"}),
    "GET support.tickets.list.csv": Sample(whoever_may(Capability.EXPORT), query={"scope": "all"}),
    "GET support.tickets.unmatched": Sample(whoever_may(Capability.READ_UNMATCHED)),
    "GET support.tickets.show": Sample(readers, {"ticket_id": "ticket"}),
    "GET support.on_time": Sample(everybody, query={"scope": "all", "hours": "72", "sort": "due"}),
    "GET support.complete": Sample(everybody, query={"scope": "all"}),
}

_targets = whoever_may(Capability.MANAGE_TARGETS)
_calendar, _enterprise = {"calendar_id": "@calendar"}, {"tier": "enterprise", "channel": ""}
_hours = {"monday": "9-17", "zone": "Europe/Paris", "country": "FR", "from_on": DAY}

CLOCKS = {
    "GET hours.index": Sample(_targets),
    "POST hours.create": Sample(_targets, form={"title": "Weekends", "saturday": "10-16", "zone": "Europe/Paris"}),
    "GET hours.show": Sample(_targets, words=_calendar),
    "POST hours.set": Sample(_targets, words=_calendar, form=_hours),
    "POST hours.title.update": Sample(_targets, words=_calendar, form={"title": "Nights"}),
    "POST hours.take_back": Sample(_targets, words={**_calendar, "hours_id": "@hours"}, form={}),
    "POST hours.days.create": Sample(_targets, words=_calendar, form={"day": DAY, "title": "Summer party"}),
    "POST hours.days.delete": Sample(_targets, words={**_calendar, "day_id": "@closed_day"}, form={}),
    "GET support.targets.index": Sample(_targets),
    "GET support.targets.show": Sample(_targets, query={"tier": "enterprise", "channel": "phone"}),
    # the twelve targets are one field many times, which a sample does not send
    "POST support.targets.set": Sample(_targets, form={**_enterprise, "time": "4 h"}, ok=frozenset({422})),
    "POST support.targets.withdraw": Sample(_targets, form={**_enterprise, "from_on": DAY}),
    "POST support.targets.take_back": Sample(_targets, words={"rule_id": "@rule"}, query=_enterprise, form={}),
}

_risk, _goal, _promise = {"risk_id": "risk"}, of_account(goal_id="goal"), of_account(promise_id="promise")

MATTERS = {
    # pulse
    "GET accounts.pulse.index": Sample(everybody, query={"scope": "all"}),
    "GET accounts.pulse.show": Sample(readers, of_account()),
    "GET accounts.pulse.new": Sample(changers, of_account()),
    "POST accounts.pulse.create": Sample(changers, of_account(), form={"colour": "amber", "sentence": "Doubts"}),
    "POST accounts.pulse.remove": Sample(changers, of_account(pulse_id="pulse"), form={}),
    # risks
    "GET risks.index": Sample(everybody, query={"scope": "all"}),
    "GET risks.csv": Sample(whoever_may(Capability.EXPORT), query={"scope": "all"}),
    "GET risks.show": Sample(readers, _risk),
    "GET risks.new": Sample(changers, of_account()),
    "POST risks.create": Sample(changers, of_account(), form={"reason": "price", "since_on": DAY}),
    "GET risks.edit": Sample(changers, _risk),
    "POST risks.update": Sample(changers, _risk, form={"reason": "budget", "since_on": DAY}),
    "GET risks.cells.edit": Sample(changers, _risk, words={"field": "step"}),
    "POST risks.cells.update": Sample(changers, _risk, words={"field": "step"}, form={"step": "Call, Friday"}),
    "POST risks.step.complete": Sample(changers, _risk, form={"outcome": "Called"}),
    "POST risks.help.complete": Sample(changers, _risk, form={}),
    "GET risks.closings.new": Sample(changers, _risk),
    "POST risks.closings.create": Sample(
        changers, _risk, form={"status": "mitigated", "outcome": "Averted", "on": DAY}
    ),
    "POST risks.reopen": Sample(changers, {"risk_id": "closed_risk"}, form={}),
    # goals
    "GET goals.show": Sample(readers, _goal),
    "GET goals.new": Sample(changers, of_account()),
    "POST goals.create": Sample(changers, of_account(), form={"objective": "Calm nights", "due_on": "2027-03-01"}),
    "GET goals.edit": Sample(changers, _goal),
    "POST goals.update": Sample(changers, _goal, form={"objective": "Calmer nights", "due_on": "2027-03-01"}),
    "GET goals.evidence.new": Sample(changers, _goal),
    "POST goals.evidence.create": Sample(changers, _goal, form={"words": "Calmer", "seen_on": DAY}),
    "POST goals.evidence.remove": Sample(changers, of_account(goal_id="goal", evidence_id="evidence"), form={}),
    "GET goals.settlings.new": Sample(changers, _goal),
    "POST goals.settlings.create": Sample(changers, _goal, form={"status": "reached", "on": DAY}),
    "POST goals.reopen": Sample(changers, of_account(goal_id="settled_goal"), form={}),
    # promises
    "GET promises.new": Sample(note_writers, of_account()),
    "POST promises.create": Sample(
        note_writers, of_account(), form={"what": "A date", "promised_on": DAY, "due_on": "2026-12-01"}
    ),
    "GET promises.edit": Sample(changers, _promise),
    "POST promises.update": Sample(
        changers, _promise, form={"what": "A day", "promised_on": DAY, "due_on": "2026-12-01"}
    ),
    "GET promises.settlings.new": Sample(changers, _promise),
    "POST promises.settlings.create": Sample(changers, _promise, form={"status": "kept", "on": DAY}),
    "POST promises.reopen": Sample(changers, of_account(promise_id="settled_promise"), form={}),
}

HEALTH = {
    "GET health.show": Sample(readers, of_account()),
    "GET health.records": Sample(readers, of_account(), words={"key": "urgent_open"}),
    "GET health.model.show": Sample(everybody),
}

REPORTS = {
    "GET reports.account.show": Sample(reporters, of_account()),
    "GET reports.brief.show": Sample(readers, of_account()),
    "GET reports.brief.print": Sample(readers, of_account()),
}

_notes = whoever_may(Capability.NOTE)


def note_writers_of_readable_accounts(world: World, ownership: Ownership) -> Refused:
    """The role is asked before the account."""
    return readers(world, ownership) if _may(world, Capability.NOTE) else 403


def nobody_who_may_note(world: World, ownership: Ownership) -> Refused:
    """What belongs to somebody else is not there."""
    return 404 if _may(world, Capability.NOTE) else 403


def own_notes_only(world: World, ownership: Ownership) -> Refused:
    """Its author shares it; the viewer wrote down what is about their own account."""
    if not world.sees(ownership):
        return 404
    return None if _may(world, Capability.NOTE) and ownership is Ownership.OWN else 403


_chosen_account: dict[str, Value] = {"account": lambda _, one: str(one.account.id)}
_mail, _foreign_mail, _feed = {"mail_id": "@mail"}, {"mail_id": "@foreign_mail"}, {"feed_id": "@feed"}
_endpoint = {"endpoint_id": "@endpoint"}
_webhook: dict[str, Value] = {"url": "https://chat.example/y", "kinds": "account.stage_changed", "title": "Chat"}

MAIL_AND_CALENDARS = {
    "POST accounts.interactions.share": Sample(
        own_notes_only, of_account(interaction_id="interaction"), form={"shared": "true"}
    ),
    "GET accounts.inbox.index": Sample(_notes),
    "GET accounts.inbox.show": Sample(_notes, words=_mail),
    "GET accounts.inbox.show · somebody else's": Sample(nobody_who_may_note, words=_foreign_mail),
    "POST accounts.inbox.file": Sample(note_writers_of_readable_accounts, words=_mail, form=_chosen_account),
    "POST accounts.inbox.file · somebody else's": Sample(
        nobody_who_may_note, words=_foreign_mail, form=_chosen_account
    ),
    "POST accounts.inbox.dismiss": Sample(_notes, words=_mail, form={}),
    "POST accounts.inbox.dismiss · somebody else's": Sample(nobody_who_may_note, words=_foreign_mail, form={}),
    "POST accounts.inbox.address.create": Sample(_notes, form={}),
    "POST accounts.inbox.address.remove": Sample(_notes, form={}),
    "GET accounts.calendars.index": Sample(_notes),
    "POST accounts.calendars.create": Sample(_notes, form={"url": "https://calendar.example.com/x.ics"}),
    "POST accounts.calendars.upload": Sample(_notes, form={}, ok=frozenset({422})),
    "POST accounts.calendars.remove": Sample(_notes, words=_feed, form={}),
    "POST accounts.calendars.remove · somebody else's": Sample(
        nobody_who_may_note, words={"feed_id": "@foreign_feed"}, form={}
    ),
    "POST accounts.calendars.address.create": Sample(_notes, form={}),
    "POST accounts.calendars.address.remove": Sample(_notes, form={}),
    "GET accounts.calendars.show": Sample(nobody(404), words={"token": "nobodys"}, strangers=404),
    "POST dashboard.digest.update": Sample(everybody, form={"rhythm": "daily", "hour": "7"}),
    "GET dashboard.digest.off.show": Sample(nobody(404), words={"token": "nobodys"}, strangers=404),
    "POST dashboard.digest.off.create": Sample(nobody(404), words={"token": "nobodys"}, form={}, strangers=404),
    "GET webhooks.index": Sample(_users),
    "POST webhooks.create": Sample(_users, form=_webhook),
    "GET webhooks.show": Sample(_users, words=_endpoint),
    "POST webhooks.update": Sample(_users, words=_endpoint, form=_webhook),
    "POST webhooks.test": Sample(_users, words=_endpoint, form={}),
    "POST webhooks.secret.renew": Sample(_users, words=_endpoint, form={}),
    "POST webhooks.on": Sample(_users, words=_endpoint, form={}),
    "POST webhooks.off": Sample(_users, words=_endpoint, form={}),
    "POST webhooks.remove": Sample(_users, words=_endpoint, form={}),
    "POST webhooks.deliveries.again": Sample(_users, words={**_endpoint, "delivery_id": "@delivery"}, form={}),
}

_helpdesk = {"endpoint_id": "@helpdesk"}

# A browser's session opens nothing of the API, whoever's it is; token by scope: tests/support/test_api_tickets.py.
PROGRAMS = {
    "GET api.tokens.index": Sample(_users),
    "POST api.tokens.create": Sample(_users, form={"title": "Export", "scopes": "tickets:write"}),
    "POST api.tokens.revoke": Sample(_users, words={"token_id": "@api_token"}, form={}),
    "GET api.reference.show": Sample(everybody),
    "GET api.reference.file": Sample(everybody),
    "GET api.openapi": Sample(nobody(401), strangers=401),
    "POST support.intake.tickets": Sample(nobody(401), form={}, strangers=401),
    "POST support.intake.events": Sample(nobody(401), form={}, strangers=401),
    "POST support.intake.interactions": Sample(nobody(401), form={}, strangers=401),
    "GET support.intake.ticket": Sample(nobody(401), words={"source": "test", "ticket_id": "T-1"}, strangers=401),
    "POST support.inbound.receive": Sample(nobody(401), words=_helpdesk, form={}, strangers=401),
    "GET support.inbound.index": Sample(_users),
    "POST support.inbound.create": Sample(_users, form={"sender": "jira"}),
    "GET support.inbound.show": Sample(_users, words=_helpdesk),
    "POST support.inbound.secret.renew": Sample(_users, words=_helpdesk, form={}),
    "POST support.inbound.on": Sample(_users, words=_helpdesk, form={}),
    "POST support.inbound.off": Sample(_users, words=_helpdesk, form={}),
    "POST support.inbound.remove": Sample(_users, words=_helpdesk, form={}),
    "POST support.inbound.again": Sample(_users, words={**_helpdesk, "message_id": "@helpdesk_message"}, form={}),
}

SAMPLES: dict[str, Sample] = {
    **OPEN_TO_ALL,
    **IDENTITY,
    **USERS,
    **IMPORT,
    **ACCOUNTS,
    **RENEWALS,
    **PEOPLE,
    **VIEWS,
    **SUPPORT,
    **CLOCKS,
    **MATTERS,
    **HEALTH,
    **DASHBOARD,
    **TASKS,
    **PLAYS,
    **REPORTS,
    **MAIL_AND_CALENDARS,
    **PROGRAMS,
}

# Routes whose slice is being written; must be empty before we are done.
LATER: frozenset[str] = frozenset()
