"""The records of a JSON file, one by one: a list, an object of lists, pages one after another, or a record a line.

Memory holds one record and a window of the file, never the file. ``json`` of the standard library reads each record;
what stands around them is read here, so that a list of any length is a stream.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple

from crm.csv_io import UnreadableFile
from crm.text import N_

WINDOW = 1 << 20  # characters
LARGEST = 16 << 20  # characters of one record
_DEEPEST = 4  # containers within containers

_SPACE = re.compile(r"[ \t\r\n\x00\x1e\ufeff]*")  # also the marks that some exports put between records
_decode = json.JSONDecoder(strict=False).raw_decode


class Found(NamedTuple):
    """``under``: the name of the list it stood in; empty for a list or a line of its own."""

    under: str
    record: dict[str, Any]


def records_in(file: IO[str], is_container: Callable[[dict[str, Any]], bool]) -> Iterator[Found]:
    """Every object of every list. ``is_container``: whether a small object holds records rather than being one."""
    window = _Window(file)
    found_any = False
    while window.skip():
        letter = window.peek()
        if letter == "[":
            yield from _list(window, "", is_container, 0)
        elif letter == "{":
            yield from _object(window, "", is_container, 0)
        elif letter == "," and found_any:  # lines that somebody joined by commas
            window.at += 1
        else:
            raise window.broken()
        found_any = True


def _object(window: _Window, under: str, is_container: Callable[[dict[str, Any]], bool], deep: int) -> Iterator[Found]:
    whole = window.small_value()
    if whole is None:
        yield from _pairs(window, is_container, deep)
    elif is_container(whole):
        yield from _held(whole, is_container, deep)
    else:
        yield Found(under, whole)


def _held(container: dict[str, Any], is_container: Callable[[dict[str, Any]], bool], deep: int) -> Iterator[Found]:
    for key, value in container.items():
        if isinstance(value, list):
            yield from (Found(key, one) for one in value if isinstance(one, dict))
        elif isinstance(value, dict) and deep < _DEEPEST and is_container(value):
            yield from _held(value, is_container, deep + 1)
        elif isinstance(value, dict) and len(container) == 1:
            yield Found(key, value)  # {"ticket": {…}}


def _pairs(window: _Window, is_container: Callable[[dict[str, Any]], bool], deep: int) -> Iterator[Found]:
    """An object too large to be looked at whole: its lists are read one record at a time."""
    window.at += 1
    while True:
        letter = window.need()
        if letter == "}":
            window.at += 1
            return
        if letter == ",":
            window.at += 1
            continue
        key = window.value()
        if not isinstance(key, str) or window.need() != ":":
            raise window.broken()
        window.at += 1
        letter = window.need()
        if letter == "[":
            yield from _list(window, key, is_container, deep)
        elif letter == "{" and deep < _DEEPEST:
            whole = window.small_value()
            if whole is None:
                yield from _pairs(window, is_container, deep + 1)
            elif is_container(whole):
                yield from _held(whole, is_container, deep + 1)
        else:
            window.value()


def _list(window: _Window, under: str, is_container: Callable[[dict[str, Any]], bool], deep: int) -> Iterator[Found]:
    window.at += 1
    while True:
        letter = window.need()
        if letter == "]":
            window.at += 1
            return
        if letter == ",":
            window.at += 1
            continue
        if letter == "[" and deep < _DEEPEST:  # pages within a list
            yield from _list(window, under, is_container, deep + 1)
            continue
        value = window.value()
        if isinstance(value, dict):
            if deep < _DEEPEST and is_container(value):  # pages that somebody put into a list
                yield from _held(value, is_container, deep + 1)
            else:
                yield Found(under, value)


class _Window:
    """What of the text is in memory: always ``WINDOW`` characters from where we are, as far as there are so many."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._text = ""
        self._passed = 0  # characters that are no longer in memory
        self._ended = False
        self.at = 0

    def _fill(self, wanted: int = WINDOW) -> None:
        if self._ended or len(self._text) - self.at >= wanted:
            return
        pieces = [self._text[self.at :]]
        have = len(pieces[0])
        self._passed += self.at
        self.at = 0
        try:
            while have < wanted + WINDOW and not self._ended:
                piece = self._file.read(WINDOW)
                self._ended = not piece
                pieces.append(piece)
                have += len(piece)
        except UnicodeError as wrong:
            raise UnreadableFile(
                N_("The file is not written in one encoding; save it as UTF-8 and try again.")
            ) from wrong
        except (EOFError, OSError, zlib.error) as wrong:
            raise UnreadableFile(N_("The compressed file ends too early or is damaged.")) from wrong
        self._text = "".join(pieces)

    def skip(self) -> bool:
        """Go to the next sign; whether there is one."""
        while True:
            self._fill()
            space = _SPACE.match(self._text, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self._text):
                return True
            if self._ended:
                return False

    def peek(self) -> str:
        return self._text[self.at]

    def need(self) -> str:
        if not self.skip():
            raise self.broken(early=True)
        return self.peek()

    def small_value(self) -> dict[str, Any] | None:
        """The object that begins here, or ``None`` where it does not end within the window."""
        self._fill()
        try:
            value, end = _decode(self._text, self.at)
        except (ValueError, RecursionError) as wrong:
            if isinstance(wrong, RecursionError) or self._ended:
                raise self.broken(wrong) from wrong
            return None
        self.at = end
        return value if isinstance(value, dict) else {}

    def value(self) -> Any:
        wanted = WINDOW
        while True:
            self._fill(wanted)
            try:
                value, end = _decode(self._text, self.at)
            except RecursionError as wrong:
                raise self.broken(wrong) from wrong
            except ValueError as wrong:
                if self._ended or wanted > LARGEST or _is_elsewhere(wrong, len(self._text)):
                    raise self.broken(wrong) from wrong
                wanted *= 4
                continue
            if end == len(self._text) and not self._ended:  # a number may go on
                wanted = len(self._text) - self.at + WINDOW
                if wanted > LARGEST:
                    raise self.broken()
                continue
            self.at = end
            return value

    def broken(self, wrong: Exception | None = None, *, early: bool = False) -> UnreadableFile:
        if early or (isinstance(wrong, json.JSONDecodeError) and self._ended and wrong.pos >= len(self._text)):
            return UnreadableFile(N_("The JSON file ends too early. Was it stored completely?"))
        at = wrong.pos if isinstance(wrong, json.JSONDecodeError) else self.at
        return UnreadableFile(
            N_("The file cannot be read as JSON: after %(signs)s signs something else stands than should."),
            signs=self._passed + at,
        )


def _is_elsewhere(wrong: ValueError, length: int) -> bool:
    """Whether the mistake is well inside of what is in memory, so that reading on would not mend it."""
    if not isinstance(wrong, json.JSONDecodeError):
        return True
    return wrong.pos < length - 64 and not wrong.msg.startswith("Unterminated")
