"""The mail inside a mail that a person forwarded, as the common programs write it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import getaddresses

from accounts.inbox.plain import own_words

_BEGINS = re.compile(
    r"^\s*(?:-{2,}|_{5,})?\s*(?:forwarded message|begin forwarded message|original message|message transféré|"
    r"message transmis|début du message (?:réexpédié|transféré)|message d['’]origine|weitergeleitete nachricht|"
    r"anfang der weitergeleiteten nachricht|ursprüngliche nachricht)\s*:?\s*-*\s*:?\s*$",
    re.IGNORECASE,
)
_NAMES = {
    "from": ("from", "de", "von"),
    "date": ("date", "sent", "envoyé", "envoye", "envoyé le", "gesendet", "datum"),
    "to": ("to", "à", "a", "an", "destinataire"),
    "cc": ("cc", "copie", "kopie"),
    "subject": ("subject", "objet", "betreff", "sujet"),
    "reply": ("reply-to", "répondre à", "antwort an"),
}
_KEY_OF = {word: key for key, words in _NAMES.items() for word in words}
_HEADER = re.compile(r"^\s*\*?([A-Za-zéÀà\- ]{1,20}?)\s?\*?\s?:\*?\s?(.*)$")
_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w.-]{1,200}\.[A-Za-z]{2,24}")
LOOKED_AT, LONGEST_HEAD = 400, 30  # lines


@dataclass(frozen=True)
class Forwarded:
    comment: str  # what whoever forwarded it wrote above
    sender: tuple[str, str]
    recipients: tuple[tuple[str, str], ...]
    subject: str
    sent_at: datetime | None
    body: str


def forwarded_in(text: str, zone: tzinfo) -> Forwarded | None:
    """``None`` where no head of a forwarded mail with an address of its sender is found."""
    lines = text.split("\n")
    for place in range(min(len(lines), LOOKED_AT)):
        begins = _BEGINS.match(lines[place])
        if not begins and _key_of(lines[place]) != "from":
            continue
        head, after = _head(lines, place + 1 if begins else place)
        if "from" not in head or not ("date" in head or "subject" in head):
            continue
        sender = _people(head["from"])
        if not sender:
            continue
        above = "\n".join(lines[:place]).rstrip("_- \n")
        return Forwarded(
            comment=own_words(above) if above.strip() else "",
            sender=sender[0],
            recipients=tuple(_people(head.get("to", "")) + _people(head.get("cc", ""))),
            subject=head.get("subject", ""),
            sent_at=instant_in(head.get("date", ""), zone),
            body="\n".join(_unquoted(lines[after:])),
        )
    return None


def _head(lines: list[str], place: int) -> tuple[dict[str, str], int]:
    """The headers that begin at ``place`` (after empty lines), and where the body begins."""
    empty = place + 5
    while place < min(len(lines), empty) and not lines[place].strip("> \t"):
        place += 1
    head: dict[str, str] = {}
    last = ""
    most = min(len(lines), place + LONGEST_HEAD)
    while place < most and (line := lines[place].lstrip("> ").rstrip()):
        found = _HEADER.match(line[:500])
        key = _KEY_OF.get(found[1].strip().lower()) if found else None
        if key and found:
            head[key] = found[2].strip().strip("*").strip()
            last = key
        elif last in ("to", "cc", "from", "subject") and len(head[last]) < 2_000 and len(head) < 6:
            head[last] += " " + line.strip()  # a list that goes on in the next line
        else:
            break
        place += 1
    return head, place


def _key_of(line: str) -> str | None:
    found = _HEADER.match(line.lstrip("> ")[:500])
    return _KEY_OF.get(found[1].strip().lower()) if found else None


def _people(written: str) -> list[tuple[str, str]]:
    """Name and address of each person; ``Ingrid Moe <ingrid@…>``, ``[mailto:…]`` or a bare address."""
    plain = re.sub(r"[\[(]mailto:([^\])]{1,300})[\])]", r"<\1>", written[:4_000]).replace(";", ",")
    pairs = [(name, address.lower()) for name, address in getaddresses([plain]) if _ADDRESS.fullmatch(address)]
    if pairs:
        return pairs
    return [("", address.lower()) for address in _ADDRESS.findall(plain)]


def _unquoted(lines: list[str]) -> list[str]:
    """Apple's program quotes what it forwards: that mark is taken away once."""
    filled = [line for line in lines if line.strip()]
    if filled and all(line.lstrip().startswith(">") for line in filled[:20]):
        return [re.sub(r"^\s*>\s?", "", line) for line in lines]
    return lines


# --- days as programs write them -------------------------------------------------------------------------------------

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            ("jan", "janv"),
            ("feb", "fév", "fev", "févr"),
            ("mar", "mär", "mars", "märz"),
            ("apr", "avr"),
            ("may", "mai"),
            ("jun", "juin"),
            ("jul", "juil"),
            ("aug", "aoû", "aou", "août"),
            ("sep", "sept"),
            ("oct", "okt"),
            ("nov",),
            ("dec", "déc", "dez"),
        ),
        start=1,
    )
    for word in words
}
_TIME = re.compile(r"\b(\d{1,2})[:h](\d{2})(?::\d{2})?\s?\u202f?(am|pm)?", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})\b")


def instant_in(written: str, zone: tzinfo) -> datetime | None:
    """ "Mon, Nov 23, 2026 at 10:01 AM", "lundi 23 novembre 2026 10:01", "2026-11-23 10:01": in ``zone`` unless said."""
    written = written[:200].replace("\u202f", " ").replace("\u00a0", " ")
    clock = _TIME.search(written)
    rest = written[: clock.start()] + " " + written[clock.end() :] if clock else written
    day = month = year = 0
    numbers: list[int] = []
    for word in _WORDS.findall(rest):
        if word.isdecimal() and len(word) <= 4:
            numbers.append(int(word))
        else:  # the last one: "mar. 1 déc." is a Tuesday
            folded = word.lower()
            month = _MONTHS.get(folded) or _MONTHS.get(folded[:4]) or _MONTHS.get(folded[:3]) or month
    year = next((number for number in numbers if 1980 <= number <= 2200), 0)
    small = [number for number in numbers if 1 <= number <= 31]
    if not year or not small:
        return None
    if month:
        day = small[0]
    elif len(small) >= 2:  # 2026-11-23 names the month first; 23/11/2026 the day
        month, day = (small[0], small[1]) if numbers[0] == year else (small[1], small[0])
    hour, minute = (int(clock[1]), int(clock[2])) if clock else (12, 0)
    if clock and clock[3]:
        hour = hour % 12 + (12 if clock[3].lower() == "pm" else 0)
    try:
        return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
