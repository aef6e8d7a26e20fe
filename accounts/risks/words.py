"""What changed about a risk, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from accounts.risks.models import REASON_TITLES, STATUS_TITLES, RiskEvent, RiskEventKind, RiskReason, RiskStatus
from crm.i18n.write import Moment, Money
from crm.text import N_, Text, text


def event_words(event: RiskEvent, currency: str, names: Mapping[int, str], *, with_money: bool) -> list[Text]:
    """One sentence a change; amounts only for those who may read them."""
    if event.kind is RiskEventKind.OPENED:
        if with_money and event.arr_minor:
            return [text(N_("Opened with %(money)s at risk"), money=Money(event.arr_minor, currency))]
        return [text(N_("Opened"))]
    if event.kind is RiskEventKind.CLOSED:
        return [text(N_("Closed: %(status)s"), status=text(STATUS_TITLES[event.status]))]
    if event.kind is RiskEventKind.REOPENED:
        return [text(N_("Opened again"))]
    if event.kind is RiskEventKind.HELPED:
        return [text(N_("Helped: %(help)s"), help=event.changes["help_needed"][0])]
    if event.kind is RiskEventKind.STEP_DONE:
        return [text(N_("Done: %(step)s"), step=event.changes["next_step"][0])]
    return list(_changes(event.changes, currency, names, with_money=with_money))


def _changes(
    changes: Mapping[str, Any], currency: str, names: Mapping[int, str], *, with_money: bool
) -> Iterator[Text]:
    nobody = text(N_("nobody"))

    def who(id_: int | None) -> Text:
        return text("%(name)s", name=names.get(id_, "")) if id_ is not None else nobody

    if with_money and "arr_minor" in changes:
        before, after = (
            text("%(money)s", money=Money(one, currency)) if one is not None else text(N_("not estimated"))
            for one in changes["arr_minor"]
        )
        yield text(N_("At risk: %(before)s → %(after)s"), before=before, after=after)
    if "status" in changes:
        yield text(N_("Now %(status)s"), status=text(STATUS_TITLES[RiskStatus(changes["status"][1])]))
    if "reason" in changes:
        yield text(N_("Reason: %(reason)s"), reason=text(REASON_TITLES[RiskReason(changes["reason"][1])]))
    if "owner_id" in changes:
        yield text(
            N_("Owner: %(before)s → %(after)s"), before=who(changes["owner_id"][0]), after=who(changes["owner_id"][1])
        )
    if changes.get("next_step", ["", ""])[1]:
        yield text(N_("Next step: %(step)s"), step=changes["next_step"][1])
    elif "next_step" in changes:
        yield text(N_("Next step taken away"))
    elif changes.get("next_on", [None, None])[1]:
        yield text(N_("Next step moved to %(day)s"), day=Moment(date.fromisoformat(changes["next_on"][1])))
    if changes.get("help_needed", ["", ""])[1]:
        yield text(N_("Help needed: %(help)s"), help=changes["help_needed"][1])
    if "words" in changes:
        yield text(N_("Described anew"))
    if "since_on" in changes:
        yield text(N_("Since %(day)s"), day=date.fromisoformat(changes["since_on"][1]))


def people_in(events: list[RiskEvent]) -> set[int]:
    """Ids whose names the words need."""
    return {one for event in events for one in event.changes.get("owner_id", ()) if one is not None}
