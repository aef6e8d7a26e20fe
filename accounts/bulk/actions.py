"""What can be done to many accounts at once: owner, stage, tier, tags. Further slices bring further actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from accounts import service
from accounts.colleagues import colleague, colleagues
from accounts.models import Account, Stage, Tier
from accounts.models.account import STAGE_TITLES, TIER_TITLES
from accounts.reversals import merge_tags, owner_said, stage_said, tier_said
from accounts.rights import assignable_by, in_hands_of
from accounts.tags.queries import every_tag, tags_of
from accounts.tags.service import set_tags
from accounts.tags.words import words_of
from crm import clock
from crm.contracts import BulkAction, Changed
from crm.errors import Invalid
from crm.text import N_, Text, text
from crm.viewer import Capability, Role, Viewer

Sent = Mapping[str, Sequence[str]]
Values = Mapping[str, Any]
NOBODY = "nobody"
REASON = N_("many at once")


def _one(sent: Sent, name: str, most: int = 300) -> str:
    return (sent.get(name) or [""])[-1].strip()[:most]


# --- owner -----------------------------------------------------------------------------------------------------------


def _owner_choices(session: Session, viewer: Viewer) -> Mapping[str, Any]:
    return {"colleagues": colleagues(session), "nobody": NOBODY}


def _read_owner(session: Session, viewer: Viewer, sent: Sent) -> Values:
    said = _one(sent, "owner")
    if said == NOBODY:
        return {"owner": None, "reason": _one(sent, "reason")}
    if said not in {str(one) for one, _name in colleagues(session)}:
        raise Invalid(N_("Please choose who shall own them."))
    return {"owner": said, "reason": _one(sent, "reason")}


def _say_owner(session: Session, values: Values) -> Text:
    if values["owner"] is None:
        return text(N_("Owner: nobody (pool)"))
    return text(N_("Owner: %(name)s"), name=colleague(session, int(values["owner"])).name)


def _change_owner(session: Session, viewer: Viewer, account_id: int, values: Values) -> Changed | None:
    account = session.get_one(Account, account_id)
    owner = colleague(session, int(values["owner"])) if values["owner"] else None
    if account.owner_id == (owner.id if owner else None):
        return None
    before = owner_said(account)
    service.assign_owner(session, viewer, account, owner, on=clock.today(), reason=values["reason"] or REASON)
    return Changed(before, owner_said(account))


# --- stage and tier --------------------------------------------------------------------------------------------------


def _stages(session: Session, viewer: Viewer) -> Mapping[str, Any]:
    return {"stages": [(stage.value, text(title)) for stage, title in STAGE_TITLES.items()]}


def _read_stage(session: Session, viewer: Viewer, sent: Sent) -> Values:
    said = _one(sent, "stage")
    if said not in list(Stage):
        raise Invalid(N_("Please choose a stage."))
    return {"stage": said, "reason": _one(sent, "reason")}


def _say_stage(session: Session, values: Values) -> Text:
    return text(N_("Stage: %(stage)s"), stage=text(STAGE_TITLES[Stage(values["stage"])]))


def _change_stage(session: Session, viewer: Viewer, account_id: int, values: Values) -> Changed | None:
    account, stage = session.get_one(Account, account_id), Stage(values["stage"])
    if account.stage is stage:
        return None
    before = stage_said(account)
    service.change_stage(session, viewer, account, stage, on=clock.today(), reason=values["reason"] or REASON)
    return Changed(before, stage_said(account))


def _tiers(session: Session, viewer: Viewer) -> Mapping[str, Any]:
    return {"tiers": [(tier.value, text(title)) for tier, title in TIER_TITLES.items()]}


def _read_tier(session: Session, viewer: Viewer, sent: Sent) -> Values:
    said = _one(sent, "tier")
    if said not in list(Tier):
        raise Invalid(N_("Please choose a tier."))
    return {"tier": said}


def _say_tier(session: Session, values: Values) -> Text:
    return text(N_("Tier: %(tier)s"), tier=text(TIER_TITLES[Tier(values["tier"])]))


def _change_tier(session: Session, viewer: Viewer, account_id: int, values: Values) -> Changed | None:
    account, tier = session.get_one(Account, account_id), Tier(values["tier"])
    if account.tier is tier:
        return None
    before = tier_said(account)
    service.set_tier(session, viewer, account, tier)
    return Changed(before, tier_said(account))


# --- tags ------------------------------------------------------------------------------------------------------------


def _known_tags(session: Session, viewer: Viewer) -> Mapping[str, Any]:
    return {"known": every_tag(session)}


def _read_tags(session: Session, viewer: Viewer, sent: Sent) -> Values:
    add, remove = words_of(_one(sent, "add", 1_000)), words_of(_one(sent, "remove", 1_000))
    if not add and not remove:
        raise Invalid(N_("Please write a tag to add or to take away."))
    return {"add": add, "remove": remove}


def _say_tags(session: Session, values: Values) -> Text:
    add, remove = ", ".join(values["add"]), ", ".join(values["remove"])
    if add and remove:
        return text(N_("Tags: + %(add)s, − %(remove)s"), add=add, remove=remove)
    return text(N_("Tags: + %(add)s"), add=add) if add else text(N_("Tags: − %(remove)s"), remove=remove)


def _change_tags(session: Session, viewer: Viewer, account_id: int, values: Values) -> Changed | None:
    account = session.get_one(Account, account_id)
    before = tags_of(session, [account_id])[account_id]
    wanted = merge_tags(values["add"], values["remove"], before)
    if wanted == before:
        return None
    set_tags(session, viewer, account, wanted)
    return Changed(before, tags_of(session, [account_id])[account_id])


def _assigns(viewer: Viewer) -> bool:
    """Managers and administrators; others only what nobody owns, one by one."""
    return viewer.may(Capability.CHANGE_ANY_ACCOUNT) or viewer.role is Role.MANAGER


BULK_ACTIONS = (
    BulkAction(
        key="owner",
        title=N_("Change the owner"),
        icon="user",
        order=10,
        fields="accounts/bulk/fields/owner.html",
        choices=_owner_choices,
        read=_read_owner,
        say=_say_owner,
        allowed=assignable_by,
        change=_change_owner,
        reversal="account.owner",
        offered=_assigns,
    ),
    BulkAction(
        key="stage",
        title=N_("Change the stage"),
        icon="flag",
        order=20,
        fields="accounts/bulk/fields/stage.html",
        choices=_stages,
        read=_read_stage,
        say=_say_stage,
        allowed=in_hands_of,
        change=_change_stage,
        reversal="account.stage",
    ),
    BulkAction(
        key="tier",
        title=N_("Change the tier"),
        icon="building",
        order=30,
        fields="accounts/bulk/fields/tier.html",
        choices=_tiers,
        read=_read_tier,
        say=_say_tier,
        allowed=in_hands_of,
        change=_change_tier,
        reversal="account.tier",
    ),
    BulkAction(
        key="tags",
        title=N_("Change the tags"),
        icon="edit",
        order=40,
        fields="accounts/bulk/fields/tags.html",
        choices=_known_tags,
        read=_read_tags,
        say=_say_tags,
        allowed=in_hands_of,
        change=_change_tags,
        reversal="account.tags",
    ),
)
