"""Tags: on an account, in the list, by import."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from accounts.models import Account, Tag
from accounts.tags.queries import tags_of
from accounts.tags.service import set_tags
from accounts.tags.words import words_of
from crm.errors import Forbidden, Invalid
from crm.viewer import Viewer


def tags(session: Session, account: Account) -> list[str]:
    session.expire_all()
    return tags_of(session, [account.id])[account.id]


def names_on(page: str) -> list[str]:
    return re.findall(r"data-row-link>([^<]+)</a>", page)


def test_tags_are_apart_by_commas_and_each_stands_once() -> None:
    assert words_of(" pilot,  beta  programme ; Pilot,,é ") == ["pilot", "beta programme", "é"]
    with pytest.raises(Invalid):
        words_of("x" * 41)
    with pytest.raises(Invalid):
        words_of(",".join(f"tag {number}" for number in range(21)))


def test_letters_and_accents_make_no_second_tag(session: Session, ana: Viewer, make_account: Any) -> None:
    one, other = make_account("Acme"), make_account("Beta")
    set_tags(session, ana, one, ["Étude"])
    set_tags(session, ana, other, ["etude"])
    assert [tag.name for tag in session.exec(select(Tag))] == ["Étude"]
    assert tags(session, other) == ["Étude"]


def test_another_persons_account_is_not_tagged(session: Session, ben: Viewer, acme: Account) -> None:
    with pytest.raises(Forbidden):
        set_tags(session, ben, acme, ["pilot"])
    assert tags(session, acme) == []


def test_the_list_shows_filters_and_exports_tags(
    as_mia: Any, session: Session, mia: Viewer, make_account: Callable[..., Account]
) -> None:
    acme, beta, _ceta = (make_account(name) for name in ("Acme", "Beta", "Ceta"))
    set_tags(session, mia, acme, ["pilot", "SAP"])
    set_tags(session, mia, beta, ["pilot"])
    session.commit()
    for query, expected in {
        "tag=pilot": ["Acme", "Beta"],
        "tag=SAP": ["Acme"],
        "tag=sap&tag=pilot": ["Acme", "Beta"],
        "tag=-": ["Ceta"],
        "tag=nothing": [],
    }.items():
        page = as_mia.get(f"/accounts?scope=all&sort=account&{query}").text
        assert names_on(page) == expected, query
    page = as_mia.get("/accounts?scope=all&columns=tags").text
    assert 'href="/accounts?scope=all&amp;columns=tags&amp;tag=SAP">SAP</a>' in page
    rows = csv.DictReader(io.StringIO(as_mia.get("/accounts.csv?scope=all&sort=account").text.lstrip("\ufeff")))
    assert [row["Tags"] for row in rows] == ["pilot, SAP", "pilot", ""]
    assert "pilot" in as_mia.get(f"/accounts/{acme.id}").text
