"""What time it is: for the business (``CRM_NOW`` shifts it) and for machines (nothing does)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from crm.config import get_settings


def machine_now() -> datetime:
    """The instant for sessions, leases and limits, which no setting shifts."""
    return datetime.now(UTC)


@lru_cache(maxsize=4)
def _shift(pretended: str, zone: str) -> timedelta:
    instant = datetime.fromisoformat(pretended)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(zone))
    return instant - datetime.now(UTC)


def now() -> datetime:
    """The instant for scores, pages and commands, aware and in UTC."""
    settings = get_settings()
    if settings.now is None:
        return machine_now()
    return machine_now() + _shift(settings.now, settings.time_zone)


def company_zone() -> ZoneInfo:
    return ZoneInfo(get_settings().time_zone)


def today() -> date:
    """The company's day, in ``CRM_TIME_ZONE``."""
    return now().astimezone(company_zone()).date()


def day_of(instant: datetime) -> date:
    """The company's day on which ``instant`` falls."""
    return instant.astimezone(company_zone()).date()


def start_of(day: date) -> datetime:
    """The instant, in UTC, at which ``day`` begins for the company."""
    return datetime.combine(day, time.min, company_zone()).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The last instant of ``day`` for the company: what ``--as-of DATE`` means."""
    return start_of(day + timedelta(days=1)) - timedelta(microseconds=1)
