"""Plays that run on the account, how far they are, and the last that have ended."""

from __future__ import annotations

from accounts.plays.queries import runs_on
from accounts.plays.words import run_words
from crm.contracts import AccountAction, Panel, PanelContext
from crm.text import N_
from crm.viewer import Capability

ENDED_SHOWN = 3


def load(context: PanelContext) -> dict[str, object] | None:
    lines = runs_on(context.session, context.account_id, ENDED_SHOWN)
    if not lines:
        return None
    return {
        "running": [line for line in lines if line.run.ended_on is None],
        "ended": [line for line in lines if line.run.ended_on is not None],
        "run_words": run_words,
    }


PLAYS = Panel(
    key="plays",
    title=N_("Plays"),
    template="accounts/plays/panel.html",
    load=load,
    order=24,
    place="side",
    summary="accounts/plays/_summary.html",
    refresh_on="tasks-changed",
)
START = AccountAction(
    key="start_play",
    template="accounts/plays/_action.html",
    order=40,
    place="more",
    needs=Capability.CHANGE_ACCOUNT,
)
