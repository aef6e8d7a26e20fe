"""NPS answers out of a file: by account or by the e-mail address of who answered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlmodel import Session, col

from accounts import service
from accounts.events import SignalsChanged, tell
from accounts.importing.facts import FactImporter, FactPlan, Whose
from accounts.importing.planning import Outcome
from accounts.importing.rows import Wrong
from accounts.models import Account, Contact, ContactAccount
from accounts.nps.models import NpsAnswer
from crm.audit import record
from crm.clock import end_of, now, today
from crm.db import table_of
from crm.ids import new_id
from crm.text import N_, text

SOURCE, SOURCE_TITLE = "nps", N_("NPS")
AT_ONCE = 500


@dataclass(frozen=True)
class Answer:
    account_id: int
    contact_id: int | None
    email: str | None
    answer_key: str
    person_key: str
    answered_on: date
    score: int
    comment: str

    @property
    def said(self) -> tuple[object, ...]:
        return (self.contact_id, self.answered_on, self.score, self.comment)


def answer_of(
    account_id: int, contact_id: int | None, email: str | None, day: date, score: int, comment: str, told_id: str = ""
) -> Answer:
    """Which answer it is: the survey's own id says it, else who and when. Without either, only its very words do."""
    if told_id:
        key = f"id:{told_id}"
    elif email:
        key = f"mail:{day.isoformat()}:{email}"
    else:
        key = f"words:{day.isoformat()}:{score}:{hashlib.sha256(comment.encode()).hexdigest()[:32]}"
    return Answer(account_id, contact_id, email, key, f"mail:{email}" if email else key, day, score, comment)


class NpsImporter(FactImporter):
    needed = (("day", N_("This row has no day.")), ("score", N_("This row has no score.")))

    def __init__(self, *given: Any, dry: bool) -> None:
        super().__init__(*given, dry=dry)
        self._lines: dict[tuple[int, str], tuple[int, Answer]] = {}  # where this file speaks of an answer

    def whose(self, session: Session, plans: Sequence[FactPlan]) -> Sequence[Whose | Wrong]:
        """The account that the row names; where it names none, that of the contact with this address, else the one
        whose domain the address has."""
        mails = {str(plan.row.values["email"]).lower() for plan in plans if "email" in plan.row.values}
        self._people = _people(session, sorted(mails))
        for plan in plans:
            values = plan.row.values
            if values.keys() & {"account", "account_id", "account_domain"} or "email" not in values:
                continue
            at = {place for places in self._people.get(values["email"].lower(), {}).values() for place in places}
            if len(at) == 1:
                (found,) = at
                values["account_id" if found[1] else "account"] = found[1] or found[2]
        return super().whose(session, plans)

    def settle(self, session: Session, plans: Sequence[FactPlan]) -> None:
        last = today()
        answers: list[tuple[FactPlan, Answer]] = []
        for plan in plans:
            values = plan.row.values
            if values["day"] > last:
                reason = text(N_("%(day)s has not come yet."), day=values["day"])
                plan.wrong.append(self.finder.at(plan.row, "day", reason))
            elif plan.account is not None:
                email = values["email"].lower() if "email" in values else None
                contact_id = self._contact(email, plan.account.id)
                answers.append(
                    (
                        plan,
                        answer_of(
                            plan.account.id, contact_id, email, values["day"], values["score"],
                            values.get("comment", ""), values.get("answer_id", ""),
                        ),
                    )
                )  # fmt: skip
        stored = _stored(session, [answer for _plan, answer in answers])
        for plan, answer in answers:
            place = (answer.account_id, answer.answer_key)
            earlier = self._lines.get(place)
            if earlier is not None:
                if earlier[1].said != answer.said:
                    reason = text(
                        N_("Line %(line)s already tells this person's answer of that day, and says something else."),
                        line=earlier[0],
                    )
                    plan.wrong.append(self.finder.at(plan.row, "score", reason))
                else:
                    plan.outcome = Outcome.UNCHANGED
                continue
            self._lines[place] = (plan.row.line, answer)
            known = stored.get(place)
            plan.fact, plan.before = answer, known
            if known is None:
                plan.outcome = Outcome.NEW
            else:
                pairs = (("day", "answered_on"), ("score", "score"), ("comment", "comment"), ("email", "contact_id"))
                plan.changed = tuple(key for key, name in pairs if getattr(known, name) != getattr(answer, name))
                plan.outcome = Outcome.UPDATED if plan.changed else Outcome.UNCHANGED

    def _contact(self, email: str | None, account_id: int) -> int | None:
        found = [
            contact_id
            for contact_id, places in self._people.get(email or "", {}).items()
            if any(place[0] == account_id for place in places)
        ]
        return found[0] if len(found) == 1 else None

    def write_facts(self, session: Session, plans: Sequence[FactPlan]) -> None:
        new = [plan.fact for plan in plans if plan.outcome is Outcome.NEW]
        changed = [(plan.before, plan.fact) for plan in plans if plan.outcome is Outcome.UPDATED]
        if new or changed:
            write_answers(session, new, changed)
            all_ = [*new, *(fact for _before, fact in changed)]
            at = min(end_of(max(one.answered_on for one in all_)), now())
            service.touch_source(session, SOURCE, title=SOURCE_TITLE, kind="nps", newest_event_at=at)
            ids = sorted({one.account_id for one in all_})
            record(session, self.viewer, None, "nps.imported", accounts=len(ids), new=len(new), changed=len(changed))
            tell(session, SignalsChanged, ids)


def write_answers(session: Session, new: Sequence[Answer], changed: Sequence[tuple[Any, Answer]] = ()) -> None:
    known = now()
    table: Any = table_of(NpsAnswer)
    for before, _answer in changed:
        session.execute(update(table).where(table.c.id == before.id).values(closed_at=known))
    rows = [*new, *(answer for _before, answer in changed)]
    session.execute(insert(table), [{"id": new_id(), "known_at": known, **vars(one)} for one in rows])


Place = tuple[int, str | None, str]  # account: id, identifier, name


def _people(session: Session, mails: Sequence[str]) -> dict[str, dict[int, list[Place]]]:
    """Contacts by their address, and where each is. Whoever was merged away is the person they were merged into."""
    found: dict[str, dict[int, list[Place]]] = {}
    who = func.coalesce(col(Contact.merged_into_id), col(Contact.id))
    for start in range(0, len(mails), AT_ONCE):
        rows = session.execute(
            select(
                func.lower(col(Contact.email)), who, col(Account.id), col(Account.external_id),
                col(Account.name),
            )
            .select_from(Contact)
            .join(ContactAccount, col(ContactAccount.contact_id) == who)
            .join(Account, col(Account.id) == col(ContactAccount.account_id))
            .where(
                func.lower(col(Contact.email)).in_(mails[start : start + AT_ONCE]),
                or_(col(Contact.closed_at).is_(None), col(Contact.merged_into_id).is_not(None)),
                col(Account.closed_at).is_(None),
            )
        )  # fmt: skip
        for mail, contact_id, *place in rows:
            found.setdefault(mail, {}).setdefault(contact_id, []).append((place[0], place[1], place[2]))
    return found


def _stored(session: Session, answers: Sequence[Answer]) -> dict[tuple[int, str], NpsAnswer]:
    found: dict[tuple[int, str], NpsAnswer] = {}
    keys = sorted({one.answer_key for one in answers})
    ids = sorted({one.account_id for one in answers})
    rows = session.execute(
        select(NpsAnswer).where(
            col(NpsAnswer.account_id).in_(ids), col(NpsAnswer.answer_key).in_(keys), col(NpsAnswer.closed_at).is_(None)
        )
    ).scalars()
    for row in rows:
        found[row.account_id, row.answer_key] = row
    return found
