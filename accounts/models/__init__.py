"""Tables of the accounts slice, one noun a file."""

from accounts.models.access import AccessKind, AccountAccess, AccountTeamMember, Assignment, Cover, TeamRole
from accounts.models.account import Account, AccountAlias, AccountFact, FactKey, Stage, Tier
from accounts.models.contact import (
    Consent,
    Contact,
    ContactAccount,
    ContactRole,
    ContactRoleKind,
    Influence,
    Sentiment,
)
from accounts.models.contract import ArrMovement, Contract, ContractAmendment, ContractProduct, MovementKind
from accounts.models.day_mark import DayMark, DayVerdict
from accounts.models.interaction import Channel, Direction, Interaction
from accounts.models.own_field import OwnField, OwnFieldKind, OwnValue
from accounts.models.source import DataSource
from accounts.models.tag import AccountTag, Tag
from accounts.models.task import RepeatUnit, Task

__all__ = [
    "AccessKind",
    "Account",
    "AccountAccess",
    "AccountAlias",
    "AccountFact",
    "AccountTag",
    "AccountTeamMember",
    "ArrMovement",
    "Assignment",
    "Channel",
    "Consent",
    "Contact",
    "ContactAccount",
    "ContactRole",
    "ContactRoleKind",
    "Contract",
    "ContractAmendment",
    "ContractProduct",
    "Cover",
    "DataSource",
    "DayMark",
    "DayVerdict",
    "Direction",
    "FactKey",
    "Influence",
    "Interaction",
    "MovementKind",
    "OwnField",
    "OwnFieldKind",
    "OwnValue",
    "RepeatUnit",
    "Sentiment",
    "Stage",
    "Tag",
    "Task",
    "TeamRole",
    "Tier",
]
