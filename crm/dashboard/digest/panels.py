"""The digest on "About me"."""

from __future__ import annotations

from crm.contracts import PersonContext, PersonSection
from crm.dashboard.digest.models import RHYTHM_TITLES
from crm.dashboard.digest.service import choice_of
from crm.text import N_


def load(context: PersonContext) -> dict[str, object] | None:
    return {"choice": choice_of(context.session, context.viewer.user_id), "rhythms": RHYTHM_TITLES}


DIGEST = PersonSection("digest", N_("My day by mail"), "dashboard/digest/_me.html", load, order=30)
