"""The pulse on the account page: beside the score, and set at the side."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.pulse.models import JUDGED_AFTER_DAYS
from accounts.pulse.queries import ShownPulse, pulses_of
from crm import clock
from crm.contracts import AccountFact, Panel, PanelContext
from crm.text import N_

_PULSES = "accounts.pulses"
EARLIER_SHOWN = 4


def _pulses(context: PanelContext) -> Sequence[ShownPulse]:
    """The newest ones; one statement for the title line and the panel."""
    found: Sequence[ShownPulse] | None = context.shared.get(_PULSES)
    if found is None:
        found = context.shared[_PULSES] = pulses_of(context.session, context.account_id, limit=EARLIER_SHOWN + 1)
    return found


def load_fact(context: PanelContext) -> ShownPulse | None:
    """In the title line only while it is fresh."""
    found = _pulses(context)
    return found[0] if found and not found[0].pulse.is_stale(clock.today()) else None


def load(context: PanelContext) -> dict[str, object]:
    found = _pulses(context)
    return {
        "shown": found[0] if found else None,
        "earlier": found[1:],
        "today": clock.today(),
        "days": JUDGED_AFTER_DAYS,
    }


PULSE_FACT = AccountFact("pulse", load_fact, order=20, place="title", template="accounts/facts/pulse.html")

PULSE = Panel(
    key="pulse",
    title=N_("Pulse"),
    template="accounts/panels/pulse.html",
    load=load,
    order=4,
    place="side",
    refresh_on="account-changed",
)
