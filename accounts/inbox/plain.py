"""From a mail's body to what its writer wrote: plain text of HTML, without what was quoted. Pure rules.

Everything is one pass over bounded text. The standard library's HTML parser takes time as the square of the length of
what a stranger may send, and we want no element of it, only its words.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape

MOST_HTML = 500_000  # letters that are looked at
MOST_LINES = 4_000
LONGEST_LINE = 4_000
KEPT = 20_000  # letters of a body; as many as a note may have

_DROPPED = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "math", "iframe", "object"})
_BLOCKS = frozenset(
    "p div br tr li ul ol table h1 h2 h3 h4 h5 h6 hr section article header footer address pre dl dt dd form".split()
)
_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:-]{0,30}")
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def text_of_html(html: str) -> str:
    """The words of ``html`` in lines; what is quoted stands behind ``>`` as in a plain mail."""
    html = html[:MOST_HTML]
    said: list[str] = []
    at, quoted, dropped = 0, 0, ""
    closing = _quote_mark(quoted)
    while at < len(html):
        start = html.find("<", at)
        if start < 0:
            start = len(html)
        if not dropped and start > at:
            said.append(_SPACES.sub(" ", unescape(html[at:start])))
        if start >= len(html):
            break
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            if end < 0:
                break  # a comment that never ends hides the rest, as in a browser
            at = end + 3
            continue
        named = _NAME.match(html, start + 1)
        if named is None:
            if html.startswith(("<!", "<?"), start):
                end = html.find(">", start)
                at = len(html) if end < 0 else end + 1
            else:
                if not dropped:
                    said.append("<")  # "a < b", as people write it
                at = start + 1
            continue
        end = _end_of_tag(html, named.end())
        if end < 0:
            break
        name, attributes = named[0].lower(), html[named.end() : end]
        at = end + 1
        if dropped:
            dropped = "" if name == "/" + dropped else dropped
            continue
        if name in _DROPPED:
            dropped = name if not attributes.endswith("/") else ""
        elif name == "blockquote":
            quoted += 1
            said.append("\n" + _quote_mark(quoted))
        elif name == "/blockquote":
            quoted = max(0, quoted - 1)
            said.append("\n" + _quote_mark(quoted))
        elif name.lstrip("/") in _BLOCKS:
            said.append("\n" + _quote_mark(quoted) + ("- " if name == "li" else ""))
        elif name in ("td", "/td", "th", "/th"):
            said.append(" ")
    closing = "".join(said)
    return "\n".join(" ".join(line.split()) for line in closing.split("\n"))


def _quote_mark(depth: int) -> str:
    return "> " if depth else ""


def _end_of_tag(html: str, at: int) -> int:
    """Where the tag that goes on at ``at`` ends; a ``>`` within quotes does not end it. -1: nowhere."""
    while at < len(html):
        letter = html[at]
        if letter == ">":
            return at
        if letter in "\"'" and html[at - 1] == "=":
            at = html.find(letter, at + 1)
            if at < 0:
                return -1
        at += 1
    return -1


def clean(text: str) -> str:
    """Lines without control characters and invisible marks, at most two empty ones in a row, of bounded length."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]:
        seen = "".join(letter for letter in line[:LONGEST_LINE] if letter == "\t" or _is_shown(letter)).rstrip()
        if seen or (lines and lines[-1]):
            lines.append(seen)
    return "\n".join(lines).strip()[:KEPT]


def one_line(text: str, most: int) -> str:
    """For subjects and names."""
    seen = "".join(letter if _is_shown(letter) else " " for letter in text[: 4 * most])
    return " ".join(seen.split())[:most]


def _is_shown(letter: str) -> bool:
    # Cc: controls, Cf: invisible and bidirectional marks, Cs: halves of letters that no database takes, Cn, Co.
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Cn", "Co") or letter == "\N{ZERO WIDTH JOINER}"


# --- what was quoted -------------------------------------------------------------------------------------------------

_WROTE = re.compile(
    r"^\s*>?\s*(?:"
    r"(?:on|am|le|el|il|op|em)\s.{4,300}(?:wrote|writes|schrieb|a écrit|a ecrit|escribió|ha scritto|schreef|escreveu)"
    r".{0,120}:|.{4,200}(?:a écrit|wrote|schrieb)\s?:)\s*$",
    re.IGNORECASE,
)
_BEGINS_WROTE = re.compile(r"^\s*(?:on|am|le|el|il|op|em)\s.{3,300}$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^\s*(?:-{2,}|_{5,})\s*(?:original message|message d['’]origine|ursprüngliche nachricht|message original|"
    r"original-nachricht|reply message)\s*-*\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*_{10,}\s*$")
_FROM = re.compile(r"^\s*\*?(?:from|de|von|da)\s?\*?\s?:\*?\s", re.IGNORECASE)
_SENT = re.compile(
    r"^\s*\*?(?:sent|date|envoyé|envoye|gesendet|datum|to|à|an|subject|objet|betreff)\s?\*?\s?:", re.IGNORECASE
)
_SENT_FROM = re.compile(
    r"^\s*(?:sent from my|sent from outlook|get outlook for|envoyé de(?:puis)? mon|envoyé à partir de|von meinem)\b",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """What the writer added: without quoted lines, what stands below "… wrote:", and the signature.

    A reply between the quoted lines is kept. Where nothing would be left, the whole text stays.
    """
    lines = clean(text).split("\n")
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if line == "--" or line == "-- ":
            break
        if _ORIGINAL.match(line) or _SENT_FROM.match(line):
            break
        if _RULE.match(line) and any(_FROM.match(one) for one in lines[place + 1 : place + 4]):
            break
        if _FROM.match(line) and sum(bool(_SENT.match(one)) for one in lines[place + 1 : place + 6]) >= 2:
            break
        on_two_lines = (
            _BEGINS_WROTE.match(line) and place + 1 < len(lines) and _WROTE.match(f"{line} {lines[place + 1]}")
        )
        if on_two_lines or _WROTE.match(line):  # "On Monday … Ana Ruiz <ana@…>", and "wrote:" here or below
            place += 2 if on_two_lines and not _WROTE.match(line) else 1
            if not any(one.lstrip().startswith(">") for one in lines[place : place + 3]):
                break  # a program that does not mark what it quotes: all below is quoted
            continue
        if not line.lstrip().startswith(">"):
            kept.append(line)
        place += 1
    words = clean("\n".join(kept))
    return words or clean(text)
