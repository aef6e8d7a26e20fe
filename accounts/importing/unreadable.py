"""What a cell says when it says nothing, and what is said of one that cannot be read."""

from __future__ import annotations

from accounts.names import fold
from crm.text import Text, text

LONGEST_CELL = 300  # of what is not plain text; nobody writes an amount or a name that is longer


class Unreadable(ValueError):
    """The cell does not say what its column should; the sentence is for the person who will mend it."""

    def __init__(self, sentence: str, **values: object) -> None:
        said = {name: shortened(value) if isinstance(value, str) else value for name, value in values.items()}
        self.sentence: Text = text(sentence, **said)
        super().__init__(sentence)

    def __str__(self) -> str:
        return str(self.sentence)


def shortened(words: str, most: int = 80) -> str:
    """A cell may be a novel; a sentence about it is not."""
    return words if len(words) <= most else words[: most - 1] + "…"


_NOTHING = frozenset(
    "- -- --- – — n/a na n.a. n.a #n/a #na nc n.c. n.c null none nil neant aucun aucune vide (vide) (blank) ? ??"
    " tbd tbc #ref! #value! #valeur! #nom? #nul! #div/0!".split()
) | {"a definir", "non renseigne", "inconnu", "unknown", "sans objet", "pas de donnee"}


def is_empty(cell: str) -> bool:
    """Nothing is written, or one of the ways to write nothing."""
    bare = cell.strip()
    if bare[:1].isdecimal():
        return False
    return not bare or (len(bare) <= 16 and fold(bare) in _NOTHING)
