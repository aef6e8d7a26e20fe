"""How forms on an account are shown, refused and shown again: as a page, in a drawer, or in place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from sqlmodel import Session

from accounts.models import Account
from accounts.service._row import hold
from crm.audit import entries_of
from crm.errors import Conflict, Invalid
from crm.text import Text
from crm.undo import UndoEntry
from crm.web.forms import FormT, Submitted, seen_of, settle
from crm.web.pages import offering_undo, page, path_for, see_other, viewer_of, writer_of

PAGE, DRAWER = "accounts/form.html", "accounts/_drawer.html"


@dataclass(frozen=True)
class Edited:
    """What a form is about, where two people may change it at once: by field, what it is called and what it says now.

    A name that is no field of the form is watched only: the person is told, and goes on or not.
    """

    account: Account
    fields: Mapping[str, tuple[str, str]]  # name: (N_(…), value as the browser would send it)
    words: Callable[[str, str], Text | str] = lambda name, value: value  # how a value of a field is said

    @property
    def current(self) -> dict[str, str]:
        return {name: value for name, (_title, value) in self.fields.items()}

    def settle(self, form_type: type[FormT], sent: Submitted[FormT]) -> Submitted[FormT]:
        """``sent`` together with what others have written since the form was shown."""
        return settle(form_type, sent, self.current)


@dataclass(frozen=True)
class ClashLine:
    title: str  # N_(…)
    mine: Text | str | None
    theirs: Text | str


@dataclass(frozen=True)
class ClashNotice:
    """Somebody else changed the same while the form stood open: who and when, and what the two of us wrote."""

    by: str | None
    at: datetime | None
    lines: tuple[ClashLine, ...]

    names: str  # of the fields in which both wrote, parted by spaces

    @property
    def is_mine_to_keep(self) -> bool:
        return bool(self.names)


def begin_edit(session: Session, account: Account) -> None:
    """Nobody writes between our look at what others have written and our own change."""
    hold(session, account)


def show_form(
    request: Request,
    form: str,
    title: Text,
    *,
    account: Account | None = None,
    edited: Edited | None = None,
    **values: Any,
) -> Response:
    """An empty form; ``form`` is its fragment."""
    given: dict[str, Any] = {"form": form, "title": title, "account": account, "raw": {}, "errors": {}}
    return page(request, PAGE, DRAWER, **given, **seen(edited), **values)


def form_again(
    request: Request,
    form: str,
    title: Text,
    sent: Submitted[Any],
    *,
    account: Account | None = None,
    edited: Edited | None = None,
    **values: Any,
) -> Response:
    """The form with what was typed and what needs mending: the page, or the form alone where it was swapped."""
    given: dict[str, Any] = {"form": form, "title": title, "account": account, "raw": sent.raw, "errors": sent.errors}
    return page(request, PAGE, form, status=422, **given, **seen(edited, clash_of(request, edited, sent)), **values)


def seen(edited: Edited | None, clash: ClashNotice | None = None) -> dict[str, Any]:
    """What every form gets: the values it is made from, and what two people have written at once."""
    return {"seen": seen_of(edited.current) if edited else "", "clash": clash}


def clash_of(request: Request, edited: Edited | None, sent: Submitted[Any]) -> ClashNotice | None:
    viewer, session = viewer_of(request), request.state.session
    if edited is None or viewer is None or not sent.clashes:
        return None
    lines = tuple(
        ClashLine(
            edited.fields[one.name][0],
            None if one.mine is None else edited.words(one.name, one.mine),
            edited.words(one.name, one.theirs),
        )
        for one in sent.clashes
    )
    latest = session.exec(entries_of(edited.account.id, 20))
    last = next((one for one in latest if one.actor_id != viewer.user_id), None)
    names = " ".join(one.name for one in sent.clashes if one.mine is not None)
    return ClashNotice(last.actor_name if last else None, last.at if last else None, lines, names)


def attempt(session: Session, sent: Submitted[Any], verb: Callable[[], object]) -> Submitted[Any] | None:
    """Do ``verb``. What it refuses becomes a message on the form, and nothing of it is kept; ``None``: done."""
    try:
        with session.begin_nested():
            verb()
    except (Conflict, Invalid) as refusal:
        return Submitted(None, sent.raw, {**sent.errors, "form": refusal.sentence})
    return None


def to_account(request: Request, account: Account) -> Response:
    return see_other(request, "accounts.show", account_id=account.id)


def telling(
    request: Request, answer: Response, *events: str, toast: Text | None = None, undo: UndoEntry | None = None
) -> Response:
    """``answer``, after which htmx lets other parts of the page know what happened, and says ``toast``."""
    told: dict[str, Any] = {event: {} for event in events}
    if toast is not None:
        told["toast"] = {"text": writer_of(request)(toast)}
        if undo is not None:
            told["toast"]["undo"] = path_for(request, "identity.undo.create", entry_id=undo.id)
    answer.headers["HX-Trigger"] = json.dumps(told)  # ASCII, as headers must be
    return answer


__all__ = [
    "Edited",
    "attempt",
    "begin_edit",
    "clash_of",
    "form_again",
    "offering_undo",
    "seen",
    "show_form",
    "telling",
    "to_account",
]
