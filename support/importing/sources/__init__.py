"""The helpdesks whose files are known."""

from __future__ import annotations

from collections.abc import Iterable

from crm.errors import Invalid
from crm.text import N_
from support.importing.sources import freshdesk, hubspot, intercom, jira, salesforce, zendesk
from support.importing.sources.pack import Form, Pack

PACKS: tuple[Pack, ...] = (
    *zendesk.PACKS,
    *freshdesk.PACKS,
    *intercom.PACKS,
    *jira.PACKS,
    *hubspot.PACKS,
    *salesforce.PACKS,
)
BY_KEY = {pack.key: pack for pack in PACKS}
SOURCES = {pack.source: pack.title for pack in PACKS}


def ensure_source(source: str) -> str:
    if source not in SOURCES:
        raise Invalid(
            N_("No helpdesk is known as “%(source)s”; known are: %(known)s."),
            source=source,
            known=", ".join(sorted(SOURCES)),
        )
    return source


def recognised(form: Form, known: Iterable[str], *, source: str | None = None) -> Pack | None:
    """The shape of a file with these headings or paths: the one that needs the most of them."""
    known = list(known)
    fitting = [pack for pack in PACKS if pack.form is form and source in (None, pack.source) and pack.fits(known)]
    return max(fitting, key=lambda pack: len(pack.needs), default=None)


__all__ = ["BY_KEY", "PACKS", "SOURCES", "Form", "Pack", "ensure_source", "recognised"]
