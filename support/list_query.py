"""What the address of the list of tickets says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from accounts.listing.query import Scope, default_scope
from crm.viewer import Viewer
from support.channels import TicketChannel
from support.models import TicketKind, TicketState
from support.models.ticket import OPEN_STATES

STATES: Mapping[str, tuple[TicketState, ...]] = {
    "open": OPEN_STATES,
    "waiting": (TicketState.WAITING,),
    "resolved": (TicketState.RESOLVED, TicketState.CLOSED),
    "any": tuple(TicketState),
}
SORTS = ("pressing", "due", "opened")
WRITTEN_CHANNELS = "written"
NOBODY = "-"


@dataclass(frozen=True)
class TicketQuery:
    """Unknown words in an address are ignored: an old link still opens a list."""

    scope: Scope
    state: str = "open"
    priority: int | None = None
    late: bool = False
    kind: TicketKind | None = None
    topic: str = ""
    account_id: int | None = None
    words: str = ""
    channel: str = ""  # a ``TicketChannel``, or "written"
    assignee: str = ""  # ``NOBODY``: no one
    group: str = ""
    due_hours: int | None = None  # the next target falls within so many hours
    risk_hours: int | None = None  # and will probably be missed: see ``support.forecast``
    opened_days: int | None = None
    answer: str = ""  # the first one: "late" or "in_time"
    rated: bool = False
    reopened: bool = False
    unacknowledged: bool = False
    no_step: bool = False  # no open task on its account
    among: tuple[int, ...] | None = None  # of these tickets only; in no address
    sort: str = "pressing"
    after: str = ""
    before: str = ""
    default_scope: Scope = Scope.MINE

    @property
    def default_sort(self) -> str:
        return "pressing" if self.state in ("open", "waiting") else "opened"

    @property
    def is_narrowed(self) -> bool:
        return (
            bool(self.state != "open" or self.priority or self.late or self.kind or self.topic or self.words)
            or self.account_id is not None
            or bool(self.narrowed_by())
        )

    def narrowed_by(self) -> dict[str, str]:
        """What has no select above the list: shown as chips that can be taken away."""
        found = {
            "channel": self.channel,
            "assignee": self.assignee,
            "group": self.group,
            "due": self.due_hours,
            "risk": self.risk_hours,
            "opened": self.opened_days,
            "answer": self.answer,
            "rated": "yes" if self.rated else "",
            "reopened": "yes" if self.reopened else "",
            "unacknowledged": "yes" if self.unacknowledged else "",
            "no_step": "yes" if self.no_step else "",
        }
        return {name: str(value) for name, value in found.items() if value}

    def params(self, **changed: object) -> dict[str, str]:
        found: dict[str, object] = {
            "scope": "" if self.scope is self.default_scope else self.scope.value,
            "state": "" if self.state == "open" else self.state,
            "priority": self.priority or "",
            "late": "yes" if self.late else "",
            "kind": self.kind.value if self.kind else "",
            "topic": self.topic,
            "account": self.account_id or "",
            "q": self.words,
            **self.narrowed_by(),
            "sort": "" if self.sort == self.default_sort else self.sort,
            "after": self.after,
            "before": self.before,
            **changed,
        }
        return {name: str(value) for name, value in found.items() if value not in ("", None)}

    def address(self, path: str, **changed: object) -> str:
        """``path`` with this query; whoever changes what is listed begins at its first page."""
        params = self.params(**{"after": "", "before": "", **changed})
        return f"{path}?{urlencode(params)}" if params else path

    def without_filters(self) -> TicketQuery:
        return TicketQuery(scope=self.scope, default_scope=self.default_scope)


def read_query(sent: Mapping[str, str], viewer: Viewer) -> TicketQuery:
    scope = default_scope(viewer)

    def said(name: str) -> str:
        return " ".join(sent.get(name, "")[:200].replace("\x00", "").split())

    def number(name: str, most: int) -> int | None:
        given = said(name)
        return int(given) if given.isascii() and given.isdigit() and 0 < int(given[:9]) <= most else None

    state = said("state") if said("state") in STATES else "open"
    priority, account = said("priority"), said("account")
    found = TicketQuery(
        scope=Scope(said("scope")) if said("scope") in list(Scope) else scope,
        state=state,
        priority=int(priority) if priority in ("1", "2", "3", "4") else None,
        late=said("late") == "yes",
        kind=TicketKind(said("kind")) if said("kind") in list(TicketKind) else None,
        topic=said("topic")[:120],
        account_id=int(account) if account.isascii() and account.isdigit() and int(account) < 2**63 else None,
        words=said("q")[:80],
        channel=said("channel") if said("channel") in (*TicketChannel, WRITTEN_CHANNELS) else "",
        assignee=said("assignee")[:120],
        group=said("group")[:120],
        due_hours=number("due", 24 * 90),
        risk_hours=number("risk", 24 * 90),
        opened_days=number("opened", 3_660),
        answer=said("answer") if said("answer") in ("late", "in_time") else "",
        rated=said("rated") == "yes",
        reopened=said("reopened") == "yes",
        unacknowledged=said("unacknowledged") == "yes",
        no_step=said("no_step") == "yes",
        after=said("after"),
        before=said("before") if not said("after") else "",
        default_scope=scope,
    )
    return replace(found, sort=said("sort") if said("sort") in SORTS else found.default_sort)
