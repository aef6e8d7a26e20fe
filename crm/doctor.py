"""What ``crm doctor`` looks at: each finding says what is wrong and how to mend it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pysqlite3
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from crm import migrate
from crm.config import Settings
from crm.db import Database
from crm.errors import Refusal
from crm.i18n import LOCALES, catalogue
from crm.pdf import missing_library
from crm.text import N_, Text, text
from crm.web.assets import STATIC

SQLITE_FLOOR = (3, 51, 3)  # older ones can lose commits in WAL mode with several connections
_LOW_DISK_MB = 500


@dataclass(frozen=True)
class Finding:
    key: str
    ok: bool
    words: Text


def examine(database: Database, settings: Settings) -> Sequence[Finding]:
    """Every check runs, whatever the others found."""
    checks: list[Callable[[Database, Settings], Finding]] = [
        _reached,
        _schema,
        _sqlite,
        _pdf,
        _assets,
        _language,
        _disk,
    ]
    return [check(database, settings) for check in checks]


def _reached(database: Database, _settings: Settings) -> Finding:
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                answer = connection.execute(sql("PRAGMA quick_check(1)")).scalar_one()
            else:
                answer = "ok" if connection.execute(sql("SELECT 1")).scalar_one() == 1 else "no answer"
    except SQLAlchemyError as failed:
        reason = str(getattr(failed, "orig", failed)).strip().splitlines()[0]
        return Finding("database", False, text(N_("The database cannot be reached: %(reason)s"), reason=reason))
    if answer != "ok":
        return Finding(
            "database", False, text(N_("The database file is damaged (%(answer)s): restore a backup."), answer=answer)
        )
    return Finding("database", True, text(N_("The database answers and is whole.")))


def _schema(database: Database, _settings: Settings) -> Finding:
    try:
        migrate.ensure_current(database)
    except Refusal as refused:
        return Finding("schema", False, refused.sentence)
    except SQLAlchemyError:
        return Finding("schema", False, text(N_("The schema cannot be read.")))
    return Finding("schema", True, text(N_("The schema is up to date (%(revision)s)."), revision=migrate.head()))


def _sqlite(database: Database, _settings: Settings) -> Finding:
    version = pysqlite3.sqlite_version
    if database.is_sqlite and pysqlite3.sqlite_version_info < SQLITE_FLOOR:
        words = text(
            N_("SQLite %(version)s can lose commits; run bin/serve to install the locked one."), version=version
        )
        return Finding("sqlite", False, words)
    return Finding("sqlite", True, text(N_("SQLite %(version)s is sound."), version=version))


def _pdf(_database: Database, _settings: Settings) -> Finding:
    missing = missing_library()
    return Finding("pdf", missing is None, missing or text(N_("PDF reports can be made.")))


def _assets(_database: Database, _settings: Settings) -> Finding:
    names = ("vendor/htmx.min.js", "vendor/icons.svg", "vendor/inter-latin-wght-normal.woff2")
    gone = [name for name in names if not (STATIC / name).exists()]
    if gone:
        words = text(N_("Browser assets are missing (%(names)s): run bin/serve once."), names=", ".join(gone))
        return Finding("assets", False, words)
    return Finding("assets", True, text(N_("Browser assets are there.")))


def _language(_database: Database, _settings: Settings) -> Finding:
    compiled = (LOCALES / "fr" / "LC_MESSAGES" / "tenure.mo").exists() and bool(
        catalogue("fr").gettext("Today") != "Today"
    )
    if not compiled:
        return Finding("language", False, text(N_("The French catalogue is not compiled: run bin/serve once.")))
    return Finding("language", True, text(N_("English and French are there.")))


def _disk(_database: Database, settings: Settings) -> Finding:
    free_mb = shutil.disk_usage(settings.data_dir).free // 2**20
    words = text(N_("%(free)s MB are free in %(folder)s."), free=free_mb, folder=str(settings.data_dir))
    return Finding("disk", free_mb >= _LOW_DISK_MB, words)
