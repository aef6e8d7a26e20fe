"""One account: title line, panels of all slices, each panel alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from accounts.deps import AccountInScope
from accounts.models import Account
from accounts.panels.context import hands_of, make_context
from crm.contracts import AccountFact, Panel, PanelContext
from crm.errors import NotFound
from crm.identity.deps import CurrentViewer
from crm.text import N_
from crm.viewer import Viewer
from crm.web.htmx import wants_fragment
from crm.web.pages import page, part, see_other
from crm.web.session import AppRegistry, DbSession, Now, registry_of

router = APIRouter()


@dataclass(frozen=True)
class DrawnPanel:
    panel: Panel
    content: Markup
    summary: Markup | None = None


@dataclass(frozen=True)
class LoadedFact:
    key: str
    fact: object
    template: str | None


@router.get("/accounts/{account_id:int}", name="accounts.show")
def show_account(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
) -> Response:
    context = make_context(request, session, viewer, account, now)
    panels = [drawn for panel in registry.account_panels if (drawn := _draw(request, panel, context, account))]
    return page(
        request,
        "accounts/show.html",
        **_header(request, context, account),
        panels={place: [one for one in panels if one.panel.place == place] for place in ("main", "side", "below")},
    )


@router.get("/accounts/{account_id:int}/header", name="accounts.header.show")
def show_header(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    """The title line alone, fetched again after a write; as a page it is the account's."""
    if not wants_fragment(request):
        return see_other(request, "accounts.show", account_id=account.id)
    context = make_context(request, session, viewer, account, now)
    return page(request, "accounts/_header.html", **_header(request, context, account))


@router.get("/accounts/{account_id:int}/panels/{key}", name="accounts.panels.show")
def show_panel(
    request: Request, account: AccountInScope, key: str, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    """One panel, to be swapped; without JavaScript a page of its own."""
    return panel_answer(request, session, viewer, account, key, now)


def panel_answer(
    request: Request,
    session: Session,
    viewer: Viewer,
    account: Account,
    key: str,
    now: datetime,
    *,
    status: int = 200,
    **values: object,
) -> Response:
    registry = registry_of(request)
    panel = next((one for one in registry.account_panels if one.key == key), None)
    if panel is None:
        raise NotFound(N_("There is no such part of this page."))
    context = make_context(request, session, viewer, account, now)
    drawn = _draw(request, panel, context, account, **values) or DrawnPanel(panel, Markup())
    return page(
        request,
        "accounts/panel.html",
        "accounts/_panel.html",
        status=status,
        account=account,
        hands=hands_of(context),
        one=drawn,
    )


def _draw(request: Request, panel: Panel, context: PanelContext, account: Account, **more: object) -> DrawnPanel | None:
    values = panel.load(context)
    if values is None:
        return None
    hands = hands_of(context)
    given = {"account": account, "hands": hands, "now": context.now, "raw": {}, "errors": {}, **values, **more}
    summary = part(request, panel.summary, **given) if panel.summary else None
    return DrawnPanel(panel, part(request, panel.template, **given), summary)


def _header(request: Request, context: PanelContext, account: Account) -> dict[str, Any]:
    registry = registry_of(request)
    viewer = context.viewer
    actions = [one for one in registry.account_actions if one.needs is None or viewer.may(one.needs)]
    return {
        "account": account,
        "hands": hands_of(context),
        "title_facts": _facts([one for one in registry.account_facts if one.place == "title"], context),
        "facts": _facts([one for one in registry.account_facts if one.place == "facts"], context),
        "actions": [one for one in actions if one.place == "bar"],
        "more_actions": [one for one in actions if one.place == "more"],
    }


def _facts(facts: Sequence[AccountFact], context: PanelContext) -> list[LoadedFact]:
    return [LoadedFact(one.key, found, one.template) for one in facts if (found := one.load(context)) is not None]
