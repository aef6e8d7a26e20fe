"""Where forwarded mail waits: an IMAP folder, or a maildir while developing."""

from __future__ import annotations

import imaplib
import mailbox
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from accounts.inbox.reading import HEAD_BYTES, MOST_BYTES
from crm.config import Settings

LIMIT_S = 30
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class WaitingMessage:
    read: Callable[[], bytes]  # of one that is too large, the head
    done: Callable[[], None]
    set_aside: Callable[[], None]  # it could not be read: kept for a person to look at


Waiting = Iterator[WaitingMessage]


@contextmanager
def open_mailbox(settings: Settings) -> Iterator[Waiting]:
    """At most ``MOST_AT_ONCE`` mails that nobody has read yet, oldest first."""
    url = settings.mailbox_url or ""
    if url.startswith("maildir:"):
        yield _of_maildir(Path(url.removeprefix("maildir:")))
    else:
        with _imap(url) as server:
            yield _of_imap(server)


def _of_maildir(folder: Path) -> Waiting:
    """The files as they came: the library's own reading of them would fall over what strangers send."""
    mailbox.Maildir(str(folder), create=True)
    files = [path for part in ("new", "cur") for path in (folder / part).iterdir() if not path.name.startswith(".")]
    unread = [path for path in files if "S" not in path.name.partition(":2,")[2]]
    for path in sorted(unread, key=lambda one: one.name)[:MOST_AT_ONCE]:

        def read(path: Path = path) -> bytes:
            with path.open("rb") as file:
                return file.read(MOST_BYTES + 1)

        def flag(flags: str, path: Path = path) -> None:
            with suppress(FileNotFoundError):  # another worker was quicker
                path.rename(folder / "cur" / f"{path.name.partition(':')[0]}:2,{flags}")

        yield WaitingMessage(read, lambda flag=flag: flag("S"), lambda flag=flag: flag("FS"))  # type: ignore[misc]


@contextmanager
def _imap(url: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(url)
    server = imaplib.IMAP4_SSL(
        parts.hostname or "", parts.port or 993, ssl_context=ssl.create_default_context(), timeout=LIMIT_S
    )
    try:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        answer, _ = server.select('"' + folder.replace("\\", "").replace('"', "") + '"')
        if answer != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {folder}")
        yield server
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()


def _of_imap(server: imaplib.IMAP4) -> Waiting:
    _, found = server.uid("SEARCH", "UNSEEN")
    for uid in (found[0] or b"").decode("ascii", "ignore").split()[:MOST_AT_ONCE]:

        def read(uid: str = uid) -> bytes:
            _, sized = server.uid("FETCH", uid, "(RFC822.SIZE)")
            size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(one for one in sized if isinstance(one, bytes)))
            large = size is not None and int(size[1]) > MOST_BYTES
            wanted = f"(BODY.PEEK[HEADER]<0.{HEAD_BYTES}>)" if large else "(BODY.PEEK[])"
            _, fetched = server.uid("FETCH", uid, wanted)
            return next((one[1] for one in fetched if isinstance(one, tuple)), b"")

        def flag(flags: str, uid: str = uid) -> None:
            server.uid("STORE", uid, "+FLAGS", flags)

        yield WaitingMessage(
            read,
            lambda flag=flag: flag(r"(\Seen)"),  # type: ignore[misc]
            lambda flag=flag: flag(r"(\Seen \Flagged)"),  # type: ignore[misc]
        )
