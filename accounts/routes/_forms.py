"""How forms on an account are shown, refused and shown again: as a page, in a drawer, or in place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import Request, Response
from sqlmodel import Session

from accounts.models import Account
from crm.errors import Conflict, Invalid
from crm.text import Text
from crm.web.forms import Submitted
from crm.web.pages import page, see_other, writer_of

PAGE, DRAWER = "accounts/form.html", "accounts/_drawer.html"


def show_form(request: Request, form: str, title: Text, *, account: Account | None = None, **values: Any) -> Response:
    """An empty form; ``form`` is its fragment."""
    return page(request, PAGE, DRAWER, form=form, title=title, account=account, raw={}, errors={}, **values)


def form_again(
    request: Request, form: str, title: Text, sent: Submitted[Any], *, account: Account | None = None, **values: Any
) -> Response:
    """The form with what was typed and what needs mending: the page, or the form alone where it was swapped."""
    return page(
        request,
        PAGE,
        form,
        status=422,
        form=form,
        title=title,
        account=account,
        raw=sent.raw,
        errors=sent.errors,
        **values,
    )


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


def telling(request: Request, answer: Response, *events: str, toast: Text | None = None) -> Response:
    """``answer``, after which htmx lets other parts of the page know what happened, and says ``toast``."""
    told: dict[str, Any] = {event: {} for event in events}
    if toast is not None:
        told["toast"] = {"text": writer_of(request)(toast)}
    answer.headers["HX-Trigger"] = json.dumps(told)  # ASCII, as headers must be
    return answer
