"""Who is looking: what every read starts from, and what every write asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm.text import N_


class Role(StrEnum):
    RELATIONSHIP_MANAGER = "relationship_manager"
    IMPLEMENTATION_SPECIALIST = "implementation_specialist"
    MANAGER = "manager"
    SUPPORT_AGENT = "support_agent"
    SALES_REPRESENTATIVE = "sales_representative"
    EXECUTIVE = "executive"
    ADMINISTRATOR = "administrator"


ROLE_TITLES = {
    Role.RELATIONSHIP_MANAGER: N_("relationship manager"),
    Role.IMPLEMENTATION_SPECIALIST: N_("implementation specialist"),
    Role.MANAGER: N_("manager"),
    Role.SUPPORT_AGENT: N_("support agent"),
    Role.SALES_REPRESENTATIVE: N_("sales representative"),
    Role.EXECUTIVE: N_("executive"),
    Role.ADMINISTRATOR: N_("administrator"),
}


class Books(StrEnum):
    """Who may read which accounts: ``CRM_BOOKS``."""

    OPEN = "open"  # everyone inside reads every account
    TEAM = "team"  # what oneself or one's team was granted
    OWN = "own"  # what oneself was granted; managers: their team


class Capability(StrEnum):
    """What a role may do at all; on one account, ``accounts.rights`` also asks in whose hands it is."""

    NOTE = "note"  # interactions and notes on a readable account
    CHANGE_ACCOUNT = "change_account"  # stage, contacts, tasks, goals of an account in one's hands
    READ_MONEY = "read_money"  # ARR and contract amounts
    CHANGE_MONEY = "change_money"  # contracts and ARR movements of an account in one's hands
    CHANGE_ANY_ACCOUNT = "change_any_account"
    READ_EVERY_ACCOUNT = "read_every_account"  # whatever CRM_BOOKS says
    READ_UNMATCHED = "read_unmatched"  # tickets that no account could be found for
    MANAGE_MATCHING = "manage_matching"  # domains that name no account
    IMPORT = "import"
    ARRANGE = "arrange"  # own fields, and the view of a list that a role opens first
    EXPORT = "export"
    REPORT = "report"
    MANAGE_PLAYS = "manage_plays"  # what plays say, and whether they start by themselves
    MANAGE_TARGETS = "manage_targets"  # service targets, and the hours they run on
    MANAGE_USERS = "manage_users"


_C = Capability

# The table of docs/rights.md; a test holds the two equal.
CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.RELATIONSHIP_MANAGER: frozenset(
        {_C.NOTE, _C.CHANGE_ACCOUNT, _C.READ_MONEY, _C.CHANGE_MONEY, _C.EXPORT, _C.REPORT, _C.IMPORT}
    ),
    Role.IMPLEMENTATION_SPECIALIST: frozenset({_C.NOTE, _C.CHANGE_ACCOUNT, _C.READ_MONEY, _C.EXPORT, _C.REPORT}),
    Role.MANAGER: frozenset(
        {
            *(_C.NOTE, _C.CHANGE_ACCOUNT, _C.READ_MONEY, _C.CHANGE_MONEY, _C.READ_UNMATCHED, _C.MANAGE_MATCHING),
            *(_C.IMPORT, _C.ARRANGE, _C.EXPORT, _C.REPORT, _C.MANAGE_PLAYS, _C.MANAGE_TARGETS),
        }
    ),
    Role.SUPPORT_AGENT: frozenset({_C.NOTE, _C.CHANGE_ACCOUNT, _C.READ_UNMATCHED, _C.EXPORT}),
    Role.SALES_REPRESENTATIVE: frozenset({_C.NOTE, _C.CHANGE_ACCOUNT, _C.READ_MONEY, _C.EXPORT}),
    Role.EXECUTIVE: frozenset({_C.READ_MONEY, _C.READ_EVERY_ACCOUNT, _C.EXPORT, _C.REPORT}),
    Role.ADMINISTRATOR: frozenset(_C),
}


@dataclass(frozen=True)
class Viewer:
    """A signed-in person, or the system itself in jobs and commands."""

    user_id: int
    name: str
    role: Role
    books: Books = Books.OPEN
    team_id: int | None = None
    language: str = "en"
    time_zone: str = "Europe/Paris"
    theme: str = "auto"
    density: str = "compact"
    rail: str = "open"
    shortcuts: bool = True

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    @property
    def is_system(self) -> bool:
        return self.user_id == 0

    def may(self, capability: Capability) -> bool:
        return capability in CAPABILITIES[self.role]

    @property
    def reads_every_account(self) -> bool:
        return self.books is Books.OPEN or self.may(Capability.READ_EVERY_ACCOUNT)


def system_viewer(language: str = "en", time_zone: str = "Europe/Paris") -> Viewer:
    """The product itself: jobs, commands, the demo. No user row has id 0."""
    return Viewer(user_id=0, name="Tenure", role=Role.ADMINISTRATOR, language=language, time_zone=time_zone)
