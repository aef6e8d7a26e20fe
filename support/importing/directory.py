"""Companies, people and groups that tickets name by id, kept on the disk while a file is read."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pysqlite3

from accounts.names import fold
from support.importing.sources.pack import Company, Person
from support.importing.sources.salesforce import whole_id

_ID = ("id", "issueid", "record id", "company id", "account id", "contact id", "hs_object_id", "organization id")
_NAME = ("name", "company name", "account name", "full name", "displayname", "organization name")
_FIRST, _LAST = ("firstname", "first name", "first_name"), ("lastname", "last name", "last_name")
_EMAIL = ("email", "email address", "emailaddress", "e-mail")
_DOMAIN = ("domain", "domains", "domain_names", "domain_name", "company domain name", "website", "website url")
_OF_COMPANY = (
    "company_id", "organization_id", "accountid", "account id", "associatedcompanyid",
    "associated company ids (primary)",
    "associated company ids", "primary associated company id",
)  # fmt: skip
_IS_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/:?].*)?", re.IGNORECASE)
_GROUPS = ("groups", "teams")


class DirectoryOnDisk:
    """Memory does not grow with what it holds. A context manager: what was kept is gone afterwards."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="tenure-directory-", dir=folder)
        self._database = pysqlite3.connect(str(Path(self._folder.name) / "directory.db"), isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -8192"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(
            "CREATE TABLE known (kind TEXT, id TEXT, facts TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )
        self._waiting: list[tuple[str, str, str]] = []
        self.is_filling = True
        self.counts = {"company": 0, "person": 0, "group": 0, "link": 0}
        self._look = lru_cache(maxsize=4096)(self._find)

    def __enter__(self) -> DirectoryOnDisk:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()
        self._folder.cleanup()

    def put(self, under: str, record: Mapping[str, Any]) -> bool:
        """Keep what ``record`` tells of a company, a person or a group; whether it was one."""
        found = facts_of(under, record)
        if found is None:
            return False
        kind, id_, facts = found
        self._waiting.append((kind, id_, json.dumps(facts)))
        self.counts[kind] += 1
        if len(self._waiting) >= 500:
            self._write()
        return True

    def _write(self) -> None:
        if self._waiting:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", self._waiting)
            self._database.execute("COMMIT")
            self._waiting = []
            self._look.cache_clear()

    def _find(self, kind: str, id_: str) -> list[str] | None:
        row = self._database.execute("SELECT facts FROM known WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
        return json.loads(row[0]) if row else None

    def _known(self, kind: str, id_: str) -> list[str] | None:
        if not id_:
            return None
        self._write()
        return self._look(kind, id_)

    def company(self, id_: str) -> Company | None:
        found = self._known("company", id_)
        return Company(*found) if found else None

    def person(self, id_: str) -> Person | None:
        found = self._known("person", id_)
        return Person(*found) if found else None

    def group(self, id_: str) -> str:
        found = self._known("group", id_)
        return found[0] if found else ""

    def company_of_ticket(self, id_: str) -> str:
        found = self._known("link", id_)
        return found[0] if found else ""


def facts_of(under: str, record: Mapping[str, Any]) -> tuple[str, str, list[str]] | None:
    """(company | person | group | link, id, facts), or ``None`` where ``record`` is none of these."""
    flat = dict(_flat(record))
    id_ = whole_id(_first(flat, _ID))
    if (ticket := _first(flat, ("ticket_id",))) and (company := _first(flat, ("company_id",))):
        return "link", ticket, [company]
    if not id_ or len(id_) > 120:
        return None
    name = _first(flat, _NAME) or " ".join(filter(None, (_first(flat, _FIRST), _first(flat, _LAST))))
    if fold(under) in _GROUPS:
        return ("group", id_, [name]) if name else None
    email = _first(flat, _EMAIL)
    if email or any(key in flat for key in _EMAIL):
        return "person", id_, [name, email, whole_id(_company_of(flat, record))]
    if not name:
        return None
    domains = [*_texts(flat, _DOMAIN), _first(flat, ("company_id",))]
    domain = next((found for one in domains if (found := _domain(one))), "")
    return "company", id_, [name, domain]


def _flat(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        name = str(key).strip().lower().removeprefix("property_")
        if name == "properties" and isinstance(value, Mapping):
            yield from _flat(value)
        elif not isinstance(value, Mapping):
            yield name, value


def _texts(flat: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        value = flat.get(name)
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, str | int) and not isinstance(one, bool) and str(one).strip():
                yield str(one).strip()


def _first(flat: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next(_texts(flat, names), "")


def _company_of(flat: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    named = _first(flat, _OF_COMPANY)
    if named:
        return re.split(r"[;,]", named, maxsplit=1)[0].strip()
    companies = record.get("companies")
    listed = companies.get("data", companies.get("companies")) if isinstance(companies, Mapping) else companies
    one = next((one for one in listed if isinstance(one, Mapping)), None) if isinstance(listed, list) else None
    return str(one.get("id") or "") if one else ""


def _domain(written: str) -> str:
    found = _IS_DOMAIN.fullmatch(written)
    return found[1].lower() if found else ""


__all__ = ["DirectoryOnDisk", "facts_of"]
