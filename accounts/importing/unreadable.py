"""What a cell says when it says nothing, and what is said of one that cannot be read."""

from __future__ import annotations

from accounts.names import fold
from crm.text import Text, text


class Unreadable(ValueError):
    """The cell does not say what its column should; the sentence is for the person who will mend it."""

    def __init__(self, sentence: str, **values: object) -> None:
        self.sentence: Text = text(sentence, **values)
        super().__init__(str(self.sentence))


_NOTHING = frozenset(
    "- -- --- – — n/a na n.a. n.a #n/a #na nc n.c. n.c null none nil neant aucun aucune vide (vide) (blank) ? ??"
    " tbd tbc #ref! #value! #valeur! #nom? #nul! #div/0!".split()
) | {"a definir", "non renseigne", "inconnu", "unknown", "sans objet", "pas de donnee"}


def is_empty(cell: str) -> bool:
    """Nothing is written, or one of the ways to write nothing."""
    bare = cell.strip()
    return not bare or (len(bare) <= 16 and fold(bare) in _NOTHING)
