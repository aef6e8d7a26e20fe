"""Promises on the account page."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.panels.context import hands_of
from accounts.promises.models import Promise
from accounts.promises.queries import ShownPromise, promises_of
from accounts.rights import Hands
from crm import clock
from crm.contracts import Panel, PanelContext
from crm.text import N_
from crm.viewer import Capability, Viewer

MOST_SHOWN = 30


@dataclass(frozen=True)
class PromiseLine:
    shown: ShownPromise
    may_settle: bool

    @property
    def promise(self) -> Promise:
        return self.shown.promise


def may_settle(viewer: Viewer, hands: Hands, promise: Promise) -> bool:
    theirs = viewer.user_id in (promise.promised_by, promise.created_by)
    return (theirs and viewer.may(Capability.NOTE)) or hands.may_change


def load(context: PanelContext) -> dict[str, object]:
    hands = hands_of(context)
    lines = [
        PromiseLine(one, may_settle(context.viewer, hands, one.promise))
        for one in promises_of(context.session, context.account_id, MOST_SHOWN)
    ]
    return {
        "open_promises": [line for line in lines if line.promise.is_open],
        "settled_promises": [line for line in lines if not line.promise.is_open],
        "today": clock.today(),
    }


PROMISES = Panel(
    key="promises",
    title=N_("Promises"),
    template="accounts/panels/promises.html",
    load=load,
    order=14,
    place="side",
    refresh_on="account-changed",
)
