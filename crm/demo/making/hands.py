"""In whose hands the customers are."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.models import AccessKind, AccountAccess, AccountTeamMember, Assignment, Cover, TeamRole, Tier
from accounts.service.assignments import FORMER_OWNER_READS
from crm.demo import people
from crm.demo.companies import COMPANIES, Company
from crm.demo.making.writing import Writing, rows
from crm.demo.talks import handed_over

_SPONSORED = ("corvin", "gothachemie", "ghso", "fenwick-airports")


def write_hands(w: Writing) -> None:
    assignments: list[tuple[int, int, date, date | None, str]] = []
    access: list[tuple[int, int, AccessKind, date, date | None]] = []
    for company in COMPANIES:
        account_id, owner = w.accounts[company.key], w.user(company.owner)
        signed, from_on, reason = w.book.day(company.since), w.book.day(company.since), "First owner"
        before = handed_over(company)
        if before is not None:
            key, ago, reason = before
            from_on = w.book.day(ago)
            assignments.append((account_id, w.user(key), signed, from_on, "First owner"))
            last_day = from_on - timedelta(days=1)
            access.append((account_id, w.user(key), AccessKind.OWNER, signed, last_day))
            access.append((account_id, w.user(key), AccessKind.FORMER, from_on, last_day + FORMER_OWNER_READS))
        assignments.append((account_id, owner, from_on, None, reason))
        access.append((account_id, owner, AccessKind.OWNER, from_on, None))
    members = [member for company in COMPANIES for member in _team_of(w, company)]
    access += [(account_id, user_id, AccessKind.TEAM, on, None) for account_id, user_id, _, on in members]
    covers = _covers(w)
    access += [(account_id, user_id, AccessKind.COVER, start, end) for account_id, user_id, start, end in covers]
    w.put(Assignment, rows("account_id user_id from_on to_on reason", assignments, known_at=w.book.now))
    w.put(AccountAccess, rows("account_id user_id kind from_on to_on", access))
    w.put(AccountTeamMember, rows("account_id user_id role from_on", members, to_on=None))
    w.put(Cover, rows("account_id user_id from_on to_on", covers, reason="Elif is on leave"))


def _team_of(w: Writing, company: Company) -> list[tuple[int, int, TeamRole, date]]:
    """Colleagues who answer for one matter; most customers have their owner only."""
    if company.churned is not None:
        return []
    signed, account_id = w.book.day(company.since), w.accounts[company.key]
    members: list[tuple[str, TeamRole, date]] = []
    if company.course in ("late_onboarding", "new"):
        members.append((people.specialist(company.language), TeamRole.SPECIALIST, signed))
    if company.tier is Tier.ENTERPRISE:
        members.append(("marc.dubois", TeamRole.ACCOUNT_EXECUTIVE, signed))
        lead = "priya.nair" if company.language == "fr" or company.arr > 230_000 else "jonas.weber"
        members.append((lead, TeamRole.SUPPORT_LEAD, w.book.day(min(company.since, 500))))
    if company.key in _SPONSORED:
        members.append(("helene.caron", TeamRole.SPONSOR, w.book.day(min(company.since, 250))))
    if company.key == "halden":
        members.append(("ben.adler", TeamRole.BACKUP, w.book.day(300)))
        members.append(("marc.dubois", TeamRole.ACCOUNT_EXECUTIVE, signed))
        members.append(("jonas.weber", TeamRole.SUPPORT_LEAD, w.book.day(500)))
    return [(account_id, w.user(key), role, on) for key, role, on in members]


def _covers(w: Writing) -> list[tuple[int, int, date, date]]:
    """Elif is away; Ben stands in until Friday."""
    since, until = w.book.workday(4), w.book.friday(at_least=2)
    mine = [company for company in COMPANIES if company.owner == "elif.kaya" and company.churned is None]
    return [(w.accounts[company.key], w.user("ben.adler"), since, until) for company in mine]
