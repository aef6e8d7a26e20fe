"""Which lines of a file are its headings: below a title, and merged over two lines as spreadsheets allow. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from accounts.importing.headings import BETWEEN, is_of_people, score, words_of
from accounts.importing.targets import TARGETS

Line = tuple[int, tuple[str, ...]]  # its number as an editor counts, and its cells
_LONGEST_LABEL = 60


def find_headings(top: Sequence[Line], wanted: int | None = None) -> Line:
    """The headings among the first lines of a file, and the last line that they take.

    That of ``wanted``; else the first line that is about as wide as the table and says most of what we know. Where
    the line above it or below it is the other half of merged headings, both are read as one.
    """
    place = _place(top, wanted)
    for upper, lower in ((place - 1, place), (place, place + 1)):
        if upper >= 0 and lower < len(top) and _are_one(top[upper][1], top[lower][1]):
            return top[lower][0], _merged(top[upper][1], top[lower][1])
    return top[place]


def _place(top: Sequence[Line], wanted: int | None) -> int:
    if wanted is not None:
        return next((place for place, (line, _cells) in enumerate(top) if line >= wanted), 0)
    filled = [sum(bool(cell.strip()) for cell in cells) for _line, cells in top]
    usual = median([width for width in filled if width > 1] or [1])
    wide = [place for place, width in enumerate(filled) if width >= 0.6 * usual]
    best = max(wide, key=lambda place: (_known(top[place][1]), -place))
    return best if _known(top[best][1]) else wide[0]


def _known(cells: Sequence[str]) -> int:
    targets = [target for kind in TARGETS for target in TARGETS[kind]]
    return sum(any(score(cell[:200], target) >= 0.9 for target in targets) for cell in cells[:60] if cell.strip())


def _are_one(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Group titles above, their columns below: the upper line has gaps, both hold labels, and we know some below."""
    above, below = [[cell.strip() for cell in line] for line in (upper, lower)]
    labels = [cell for cell in (*above, *below) if cell]
    titles = sum(bool(cell) for cell in above)
    if titles == 0 or (titles == 1 and above[0]) or not all(_is_label(cell) for cell in labels):
        return False
    gaps = any(cell and not _at(above, column) for column, cell in enumerate(below))
    filled = sum(bool(cell) for cell in below)
    return gaps and _known(below) >= max(2, 0.3 * filled)


def _is_label(cell: str) -> bool:
    return (
        len(cell) <= _LONGEST_LABEL
        and "@" not in cell
        and not cell[0].isdigit()
        and any(letter.isalpha() for letter in cell)
    )


def _merged(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """One heading a column. The group stands before it where the heading alone says too little: under a person
    ("Contact – Nom") and where it stands twice ("Maintenance – Montant")."""
    found: list[tuple[str, str]] = []
    group = ""
    for column in range(max(len(upper), len(lower))):
        above, below = _at(upper, column).strip(), _at(lower, column).strip()
        group = above if above and below else "" if above else group
        found.append((group, below) if below else ("", above))
    times = Counter(words_of(heading) for _group, heading in found if heading)
    return tuple(
        f"{group}{BETWEEN}{heading}" if group and (is_of_people(group) or times[words_of(heading)] > 1) else heading
        for group, heading in found
    )


def _at(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""
