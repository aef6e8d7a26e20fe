"""What one row would change: which account it means, whether it may be changed, and what would be other than before.

Pure over what was loaded; the preview shows the very plans that an import carries out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping as Dict, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accounts.importing.days import Notice
from accounts.importing.feet import TITLE
from accounts.importing.known import Accounts, KnownAccount, Term
from accounts.importing.mapping import Mapping
from accounts.importing.matching import TwoMeant, match
from accounts.importing.rows import Arr, Row, Wrong
from accounts.importing.words import NOBODY
from accounts.models import Stage, Tier
from accounts.names import fold
from crm.ids import new_id
from crm.text import N_, Text, plural, text
from crm.viewer import Role, Viewer

if TYPE_CHECKING:
    from accounts.importing.contact_planning import ContactPlan

NOTICE_DAYS = 90  # where the file says nothing
A_RENEWAL = timedelta(days=28)  # an end that moves by this much, without a new start, is the next term
PLAIN = ("name", "external_id", "domain", "tier", "stage", "seats", "country", "language", "industry")


class Outcome(StrEnum):
    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Note(StrEnum):
    """What is worth knowing of a row that is taken."""

    NO_END = "no_end"
    NO_START = "no_start"
    NO_NOTICE = "no_notice"
    CHURNED_ARR = "churned_arr"
    NOBODYS = "nobodys"
    OTHER_FORM = "other_form"
    KEPT_AS_WRITTEN = "kept_as_written"


NOTE_SENTENCES: dict[Note, Callable[[int], Text]] = {
    Note.NO_END: lambda n: plural(
        N_("%(n)s row has no day on which the contract ends: no contract is written for it."),
        N_("%(n)s rows have no day on which the contract ends: no contract is written for them."),
        n,
    ),
    Note.NO_START: lambda n: plural(
        N_("%(n)s contract has no first day: one year before its end is assumed."),
        N_("%(n)s contracts have no first day: one year before their end is assumed."),
        n,
    ),
    Note.NO_NOTICE: lambda n: plural(
        N_("%(n)s contract has no notice: 90 days are assumed."),
        N_("%(n)s contracts have no notice: 90 days are assumed."),
        n,
    ),
    Note.CHURNED_ARR: lambda n: plural(
        N_("%(n)s account has churned: its ARR counts as 0."),
        N_("%(n)s accounts have churned: their ARR counts as 0."),
        n,
    ),
    Note.NOBODYS: lambda n: plural(
        N_("%(n)s account will have no owner yet."),
        N_("%(n)s accounts will have no owner yet."),
        n,
    ),
    Note.OTHER_FORM: lambda n: plural(
        N_("%(n)s row names its account with or without its legal form (SAS, Ltd): it is taken for the one here."),
        N_("%(n)s rows name their account with or without its legal form (SAS, Ltd): they are taken for those here."),
        n,
    ),
    Note.KEPT_AS_WRITTEN: lambda n: plural(
        N_("%(n)s row does not show whose address or phone it holds: the cell is kept as it is, as an own field."),
        N_("%(n)s rows do not show whose address or phone they hold: the cells are kept as they are, as own fields."),
        n,
    ),
}


@dataclass(frozen=True)
class Deal:
    """The term that a row asks for. ``replaces``: the open contract that it follows or corrects."""

    starts_on: date
    ends_on: date
    notice_days: int
    replaces: Term | None = None


@dataclass
class AccountPlan:
    """``values``: what the account will have that it has not yet, by column of ``KnownAccount``."""

    row: Row
    outcome: Outcome
    known: KnownAccount | None = None
    id: int = field(default_factory=new_id)  # of the account that it makes
    values: dict[str, Any] = field(default_factory=dict)
    people: list[ContactPlan] = field(default_factory=list)  # whom it brings or changes
    arr: int | None = None
    deal: Deal | None = None
    own: dict[int, str] = field(default_factory=dict)  # columns of own fields whose value changes
    tags: tuple[str, ...] = ()  # that it does not have yet
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class AccountPlanner:
    """Plans rows of one file, one after the other; remembers which account each line spoke of."""

    def __init__(self, viewer: Viewer, mapping: Mapping, own_keys: Dict[int, str]) -> None:
        self._viewer = viewer
        self._mapping = mapping
        self._own_keys = own_keys  # by column
        self._spoken_of: dict[int, int] = {}  # account → line

    def plan(self, row: Row, accounts: Accounts) -> AccountPlan:
        plan = AccountPlan(row, Outcome.REJECTED, wrong=list(row.wrong))
        if any(self._mapping.own_kind(column) is None for column in row.own):
            plan.notes.append(Note.KEPT_AS_WRITTEN)
        try:
            plan.known = match(row, accounts)
            if plan.known is None and (known := accounts.of_other_form(row.values)) is not None:
                plan.known = known
                plan.notes.append(Note.OTHER_FORM)
                del row.values["name"]  # what it is called stays
        except TwoMeant as two:
            plan.wrong.append(self._at(row, two.key, two.reason))
        if plan.wrong:
            return plan
        if plan.known is None:
            self._plan_new(plan)
        else:
            self._plan_change(plan, plan.known)
        return plan

    def remember(self, plan: AccountPlan, accounts: Accounts) -> None:
        """Later rows of the file find what this one makes or changes."""
        if plan.outcome is Outcome.REJECTED:
            return
        if plan.known is None:
            plan.known = KnownAccount(id=plan.id, name=plan.values["name"])
            accounts.add(plan.known)
            _apply(plan, plan.known, self._own_keys)
            accounts.index(plan.known)
        elif plan.outcome is Outcome.UPDATED:
            _apply(plan, plan.known, self._own_keys)
            accounts.index(plan.known)
        self._spoken_of.setdefault(plan.known.id, plan.row.line)

    def _at(self, row: Row, key: str | None, reason: Text) -> Wrong:
        column = self._mapping.column_of(key) if key else None
        return Wrong(column, row.cells[column] if column is not None and column < len(row.cells) else "", reason)

    # --- a new account

    def _plan_new(self, plan: AccountPlan) -> None:
        row, values = plan.row, plan.row.values
        if "name" not in values:
            plan.wrong.append(self._at(row, "name", text(N_("No such account is here, and a new one needs a name."))))
            return
        if row.is_title:
            plan.wrong.append(self._at(row, "name", text(TITLE)))
            return
        plan.outcome = Outcome.NEW
        plan.values = {key: values[key] for key in PLAIN if key in values}
        owner = values.get("owner")
        if owner is None and self._mapping.column_of("owner") is None:
            owner = self._viewer.user_id if self._viewer.role is Role.RELATIONSHIP_MANAGER else None
        plan.values["owner_id"] = None if owner in (None, NOBODY) else owner
        if plan.values["owner_id"] is None:
            plan.notes.append(Note.NOBODYS)
        arr: Arr | None = values.get("arr")
        plan.values["currency"] = arr.currency if arr else values.get("currency", self._mapping.style.currency)
        plan.values.setdefault("tier", Tier.MID)
        plan.values.setdefault("stage", Stage.LIVE)
        if plan.values["stage"] is Stage.CHURNED:
            if arr and arr.minor:
                plan.notes.append(Note.CHURNED_ARR)
        elif arr and arr.minor:
            plan.arr = arr.minor
        plan.deal = self._deal(plan, [])
        plan.own = {column: cell.text for column, cell in row.own.items()}
        plan.tags = values.get("tags", ())

    # --- one that is here

    def _plan_change(self, plan: AccountPlan, known: KnownAccount) -> None:
        row, values = plan.row, plan.row.values
        stage = values.get("stage", known.stage)
        for key in PLAIN:
            if key in values and values[key] != getattr(known, key) and not _is_alias(known, key, values[key]):
                plan.values[key] = values[key]
        if (owner := values.get("owner")) is not None:
            wanted = None if owner == NOBODY else owner
            if wanted != known.owner_id:
                plan.values["owner_id"] = wanted
        self._plan_money(plan, known, stage)
        self._plan_own(plan, known)
        plan.tags = tuple(name for name in values.get("tags", ()) if fold(name) not in known.tags)
        changes = bool(plan.values or plan.own or plan.tags or plan.deal or plan.arr is not None)
        if plan.wrong:
            return
        if not changes:
            plan.outcome = Outcome.UNCHANGED
            return
        earlier = self._spoken_of.get(known.id)
        if earlier is not None:
            reason = text(
                N_("Line %(line)s already speaks of %(account)s, and says something else."),
                line=earlier,
                account=known.name,
            )
            plan.wrong.append(self._at(row, "name", reason))
            return
        self._refuse_what_is_not_theirs(plan, known)
        if not plan.wrong:
            plan.outcome = Outcome.UPDATED

    def _plan_money(self, plan: AccountPlan, known: KnownAccount, stage: Stage | None) -> None:
        values = plan.row.values
        arr: Arr | None = values.get("arr")
        currency = arr.currency if arr and arr.said else values.get("currency")
        if currency and currency != known.currency:
            if known.arr_minor:
                plan.wrong.append(
                    self._at(
                        plan.row,
                        "arr" if arr else "currency",
                        text(
                            N_("%(account)s is kept in %(kept)s and this row says %(said)s; mend one of the two."),
                            account=known.name,
                            kept=known.currency,
                            said=currency,
                        ),
                    )
                )
                return
            plan.values["currency"] = currency
        if stage is Stage.CHURNED:
            if known.arr_minor:
                plan.arr = 0
            if arr and arr.minor:
                plan.notes.append(Note.CHURNED_ARR)
        elif arr is not None and arr.minor != known.arr_minor:
            plan.arr = arr.minor
        plan.deal = self._deal(plan, known.terms)

    def _plan_own(self, plan: AccountPlan, known: KnownAccount) -> None:
        for column, cell in plan.row.own.items():
            if known.own.get(self._own_keys[column]) != cell.text:
                plan.own[column] = cell.text

    def _deal(self, plan: AccountPlan, terms: Sequence[Term]) -> Deal | None:
        """The contract that the row asks for, or ``None`` where it asks for nothing new."""
        values = plan.row.values
        starts: date | None = values.get("starts_on")
        ends: date | None = values.get("ends_on")
        notice: Notice | None = values.get("notice")
        if starts is None and ends is None and notice is None:
            if self._mapping.column_of("ends_on") is not None and not terms:
                plan.notes.append(Note.NO_END)
            return None
        term = next((term for term in terms if term.ends_on == ends), None)
        if term is None and len(terms) > 1:
            reason = text(N_("This account has %(n)s contracts; change the right one on its page."), n=len(terms))
            plan.wrong.append(self._at(plan.row, "ends_on", reason))
            return None
        term = term or (terms[0] if terms else None)
        if term is None:
            return self._first_deal(plan, starts, ends, notice)
        until = ends or term.ends_on
        if starts is None:
            starts = term.ends_on if until - term.ends_on >= A_RENEWAL else term.starts_on
        deal = Deal(starts, until, notice.days_before(until) if notice else term.notice_days, term)
        if (term.starts_on, term.ends_on, term.notice_days) == (deal.starts_on, deal.ends_on, deal.notice_days):
            return None
        return self._if_in_order(plan, deal)

    def _first_deal(
        self, plan: AccountPlan, starts: date | None, ends: date | None, notice: Notice | None
    ) -> Deal | None:
        if ends is None:
            plan.notes.append(Note.NO_END)
            return None
        if starts is None:
            starts = _a_year_before(ends)
            plan.notes.append(Note.NO_START)
        if notice is None:
            plan.notes.append(Note.NO_NOTICE)
        return self._if_in_order(plan, Deal(starts, ends, notice.days_before(ends) if notice else NOTICE_DAYS))

    def _if_in_order(self, plan: AccountPlan, deal: Deal) -> Deal | None:
        if deal.starts_on <= deal.ends_on:
            return deal
        reason = text(
            N_("The contract ends on %(ends)s, before it starts on %(starts)s."),
            ends=deal.ends_on,
            starts=deal.starts_on,
        )
        plan.wrong.append(self._at(plan.row, "ends_on", reason))
        return None

    def _refuse_what_is_not_theirs(self, plan: AccountPlan, known: KnownAccount) -> None:
        hands = known.hands
        if hands is None:
            return
        row = plan.row
        if not known.visible:
            reason = text(N_("This account is already here, in other hands; ask a manager or an administrator."))
            plan.wrong.append(self._at(row, None, reason))
            return
        money = plan.arr is not None or plan.deal is not None or "seats" in plan.values or "currency" in plan.values
        other = plan.own or plan.tags or plan.values.keys() - {"seats", "currency", "owner_id"}
        if (money and not hands.may_change_money) or (other and not hands.may_change):
            plan.wrong.append(self._at(row, None, hands.whom_to_ask))
        if "owner_id" in plan.values and not hands.may_assign:
            reason = text(
                N_("Whose %(account)s is, is decided by the team's manager or an administrator; ask one of them."),
                account=known.name,
            )
            plan.wrong.append(self._at(row, "owner", reason))


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def _is_alias(known: KnownAccount, key: str, value: Any) -> bool:
    """Another way to write what is there already: a name in other letters, a further domain or identifier."""
    match key:
        case "name":
            return fold(value) in {fold(known.name), *known.aliases.get(key, ())}
        case "domain":
            return value in {(known.domain or "").lower(), *known.aliases.get(key, ())}
        case "external_id":
            return value in known.aliases.get(key, ())
    return False


def _apply(plan: AccountPlan, known: KnownAccount, own_keys: Dict[int, str]) -> None:
    for key, value in plan.values.items():
        setattr(known, key, value)
    if plan.arr is not None:
        known.arr_minor = plan.arr
    if plan.deal:
        known.terms = [term for term in known.terms if term != plan.deal.replaces]
        known.terms.append(Term(0, plan.deal.starts_on, plan.deal.ends_on, plan.deal.notice_days))
    known.tags |= {fold(name) for name in plan.tags}
    known.own.update({own_keys[column]: written for column, written in plan.own.items()})
