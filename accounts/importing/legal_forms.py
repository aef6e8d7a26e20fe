"""Companies' names with and without their legal form. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from accounts.names import fold

_FORMS = frozenset(
    "sas sasu sarl sa eurl sci snc scop scs sca gie ltd limited plc llp inc incorporated llc corp corporation co gmbh"
    " ag kg ug ohg se bv nv spa srl sl slu sprl asbl ab as oy aps".split()
)
_DOTTED = re.compile(r"\b(?:\w\.){2,}")  # S.A.S.
_BRACKETS = re.compile(r"[()\[\],]")


class Called(NamedTuple):
    """A folded name without its legal form, and that form."""

    stem: str
    form: str


def called(name: str) -> Called:
    """ "Ateliers Brest S.A.S." → ("ateliers brest", "sas"). A name that is a form and nothing else stays."""
    words = _BRACKETS.sub(" ", _DOTTED.sub(lambda dotted: dotted[0].replace(".", ""), fold(name))).split()
    forms = []
    while len(words) > 1 and words[-1].strip(".") in _FORMS:
        forms.append(words.pop().strip("."))
    if not forms and len(words) > 1 and words[0] in ("sas", "sarl", "sa", "sasu", "eurl", "sci"):
        forms.append(words.pop(0))
    return Called(" ".join(words), " ".join(reversed(forms)))


def may_be_one(one: Called, other: Called) -> bool:
    """The same but for a legal form that one of them leaves away: Dupont SA and Dupont SARL are two companies."""
    return one.stem == other.stem and (one.form == other.form or not one.form or not other.form)
