"""From the bytes of a mail to what we want of it. Pure; whatever a stranger sends gives an answer, never an error."""

from __future__ import annotations

import email.policy
import email.utils
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from email.header import decode_header
from email.message import EmailMessage, Message
from email.parser import BytesParser

import structlog

from accounts.inbox.forwards import forwarded_in
from accounts.inbox.plain import KEPT, clean, one_line, own_words, text_of_html

log = structlog.get_logger(__name__)

MOST_BYTES = 25 << 20  # of a whole mail; of a larger one the head is read
HEAD_BYTES = 64 << 10
MOST_PARTS, DEEPEST, MOST_MULTIPARTS = 200, 20, 60
MOST_ADDRESSES = 100
LONGEST_HEADER = 16_000
MOST_TEXT_BYTES = 2 << 20


@dataclass(frozen=True)
class Address:
    name: str
    email: str  # in small letters

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True)
class ReadMail:
    message_id: str
    sent_at: datetime | None
    sender: Address | None
    recipients: tuple[Address, ...]  # To and Cc, in order
    subject: str
    text: str  # what its writer wrote
    references: tuple[str, ...] = ()
    automatic: bool = False  # an answer of a machine: absent, received
    ignored: bool = False  # bounces and answers to invitations: nothing that anybody said
    mass: bool = False
    forwarded: bool = False  # by a person; then all of the above but ``message_id`` is of the mail inside
    whole: str = field(default="", repr=False)  # with what is quoted


def envelope_of(raw: bytes) -> tuple[str, ...]:
    """Every address that the mail may have been delivered to, also those that only servers wrote down (Bcc)."""
    head = _parse(raw[:HEAD_BYTES], head_only=True)
    names = ("to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "x-envelope-to")
    found = [one.email for name in names for one in _addresses(head, name)]
    for value in _values(head, "received")[:20]:
        found += [word.lower() for word in _FOR.findall(value)]
    return tuple(dict.fromkeys(found))


_FOR = re.compile(r"\bfor\s{1,3}<?([^\s<>;]{3,254}@[^\s<>;]{3,253})>?", re.IGNORECASE)


def read_mail(raw: bytes, *, zone: tzinfo, by: str = "") -> ReadMail:
    """``zone``: of whose mail it is, for days that are written without one. ``by``: their address; what they forwarded
    is read from inside."""
    # The parser takes time as the square of the depth: what nests more than any program does is not opened.
    cut = len(raw) > MOST_BYTES or raw.lower().count(b"multipart/") > MOST_MULTIPARTS
    message = _parse(raw[:HEAD_BYTES] if cut else raw, head_only=cut)
    parts = [] if cut else list(_parts(message))
    plain, html = _bodies(parts)
    whole = clean(plain) or clean(text_of_html(html))
    senders = _addresses(message, "from") or _addresses(message, "sender")
    sender = senders[0] if senders else None
    outer = ReadMail(
        message_id=_message_id(message, raw),
        sent_at=_instant(_value(message, "date"), zone),
        sender=sender,
        recipients=_recipients(message),
        subject=one_line(_value(message, "subject"), 300),
        text=own_words(whole),
        references=_references(message),
        automatic=_is_automatic(message, sender),
        ignored=_is_no_message(message, parts, sender),
        mass=bool(_value(message, "list-id") or _value(message, "list-unsubscribe"))
        or _value(message, "precedence").strip().lower() in ("bulk", "list", "junk"),
        whole=whole,
    )
    if by and sender is not None and sender.email == by.lower():
        return _inside(outer, parts, zone) or outer
    return outer


def _inside(outer: ReadMail, parts: list[Message], zone: tzinfo) -> ReadMail | None:
    """The mail that was forwarded: attached as it was, or below a line that says so."""
    for part in parts:
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            attached = part.get_payload(0)
            if isinstance(attached, Message):
                inner = read_mail(attached.as_bytes(policy=email.policy.compat32), zone=zone)
                if inner.sender is not None:
                    return replace(
                        inner,
                        message_id=outer.message_id,
                        text=_with_comment(outer.text, inner.text),
                        forwarded=True,
                        sent_at=inner.sent_at or outer.sent_at,
                    )
    found = forwarded_in(outer.whole, zone)
    if found is None:
        return None
    people = [Address(one_line(name, 160), address) for name, address in found.recipients]
    return replace(
        outer,
        sent_at=found.sent_at or outer.sent_at,
        sender=Address(one_line(found.sender[0], 160), found.sender[1]),
        recipients=tuple(people[:MOST_ADDRESSES]),
        subject=one_line(found.subject, 300) or outer.subject,
        text=_with_comment(found.comment, own_words(found.body)),
        references=(),
        automatic=False,
        mass=False,
        forwarded=True,
    )


def _with_comment(comment: str, text: str) -> str:
    return f"{comment}\n\n{text}"[:KEPT] if comment and comment != text else text


# --- parts -----------------------------------------------------------------------------------------------------------


def _parse(raw: bytes, *, head_only: bool = False) -> Message:
    """Headers are asked for raw: the parsers of ``policy.default`` raise on some that people really send."""
    try:
        return BytesParser(policy=email.policy.default).parsebytes(raw, headersonly=head_only)
    except Exception as problem:  # a hole in the parser must not stop the mailbox
        log.warning("inbox.unparsable", kind=type(problem).__name__)
        empty = EmailMessage()
        empty.set_payload("")
        return empty


def _parts(message: Message) -> Iterator[Message]:
    """The leaves, in order, and forwarded mails as a whole; bounded in number and depth."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    seen = 0
    while waiting and seen < MOST_PARTS:
        part, depth = waiting.pop()
        seen += 1
        payload = part.get_payload()
        if isinstance(payload, list) and _type_of(part) != "message/rfc822" and depth < DEEPEST:
            waiting += [(inner, depth + 1) for inner in reversed(payload[:MOST_PARTS]) if isinstance(inner, Message)]
        else:
            yield part


def _type_of(part: Message) -> str:
    try:
        return part.get_content_type()
    except Exception as problem:
        log.info("inbox.broken_header", kind=type(problem).__name__)
        return "text/plain"


def _bodies(parts: list[Message]) -> tuple[str, str]:
    """The first plain and the first HTML text that are no attachments."""
    plain = html = ""
    for part in parts:
        kind = _type_of(part)
        if kind not in ("text/plain", "text/html") or _is_attached(part):
            continue
        if kind == "text/plain" and not plain:
            plain = _text_of(part)
        elif kind == "text/html" and not html:
            html = _text_of(part)
    return plain, html


def _is_attached(part: Message) -> bool:
    return _value(part, "content-disposition").strip().lower().startswith("attachment")


def _text_of(part: Message) -> str:
    try:
        payload = part.get_payload(decode=True)
    except Exception as problem:  # base64 and uuencode of strangers
        log.info("inbox.broken_part", kind=type(problem).__name__)
        return ""
    content = payload[:MOST_TEXT_BYTES] if isinstance(payload, bytes) else b""
    named = re.search(r"charset\s?=\s?[\"']?([\w.:-]{1,40})", _value(part, "content-type"), re.IGNORECASE)
    for charset in ([named[1]] if named else []) + ["utf-8"]:
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


# --- headers ---------------------------------------------------------------------------------------------------------


def _values(message: Message, name: str) -> list[str]:
    """Every value of a header as it was sent, unfolded and without what no header may hold."""
    found = []
    for key, value in message.raw_items():
        if key.lower() == name:
            text = str(value)[:LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            found.append(re.sub(r"[\r\n\x00]+", " ", text))
    return found


def _value(message: Message, name: str) -> str:
    values = _values(message, name)
    return _decoded(values[0]) if values else ""


def _decoded(value: str) -> str:
    if "=?" not in value:
        return value
    words = []
    try:
        for content, charset in decode_header(value):
            if isinstance(content, str):
                words.append(content)
                continue
            try:
                words.append(content.decode(charset or "utf-8", "replace"))
            except LookupError:
                words.append(content.decode("cp1252", "replace"))
    except Exception as problem:  # email.errors.HeaderParseError, and base64's own
        log.info("inbox.broken_header", kind=type(problem).__name__)
        return value
    return "".join(words)


def _addresses(message: Message, name: str) -> list[Address]:
    values = _values(message, name)[:5]
    try:
        pairs = email.utils.getaddresses(values)
    except Exception as problem:
        log.info("inbox.broken_header", kind=type(problem).__name__)
        return []
    found: dict[str, Address] = {}
    for shown, address in pairs[:MOST_ADDRESSES]:
        plain = address.strip().lower()
        if plain.count("@") == 1 and len(plain) <= 254 and not re.search(r"[\s<>\"(),;:\\]", plain):
            found.setdefault(plain, Address(one_line(_decoded(shown), 160), plain))
    return list(found.values())


def _recipients(message: Message) -> tuple[Address, ...]:
    both = {one.email: one for name in ("cc", "to") for one in _addresses(message, name)}
    order = [one.email for name in ("to", "cc") for one in _addresses(message, name)]
    return tuple(both[address] for address in dict.fromkeys(order))[:MOST_ADDRESSES]


def _message_id(message: Message, raw: bytes) -> str:
    given = re.search(r"<?([^\s<>]{3,250})>?", _value(message, "message-id"))
    return given[1] if given else "sha256:" + hashlib.sha256(raw).hexdigest()


def _references(message: Message) -> tuple[str, ...]:
    written = f"{_value(message, 'references')} {_value(message, 'in-reply-to')}"
    return tuple(dict.fromkeys(re.findall(r"<([^\s<>]{3,250})>", written)))[-30:]


def _instant(value: str, zone: tzinfo) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(value)
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        return found.astimezone(UTC) if 1980 <= found.year <= 2200 else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# --- what no person wrote --------------------------------------------------------------------------------------------

_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?response|auto[- ]?reply|out of (?:the )?office|away from|"
    r"réponse automatique|réponse auto|absence du bureau|absent du bureau|message d['’]absence|"
    r"automatische antwort|abwesenheit)",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|ne-?pas-?repondre|bounces?)[@+._-]")


def is_automatic_subject(subject: str) -> bool:
    return _AUTOMATIC_SUBJECT.match(subject[:200]) is not None


def _is_automatic(message: Message, sender: Address | None) -> bool:
    """RFC 3834, and what older programs say instead."""
    submitted = _value(message, "auto-submitted").strip().lower()
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or _value(message, "precedence").strip().lower() in ("auto_reply", "auto-reply")
        or any(_value(message, name) for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply"))
        or is_automatic_subject(_value(message, "subject"))
        or (sender is not None and _MACHINE.match(sender.email) is not None)
    )


def _is_no_message(message: Message, parts: list[Message], sender: Address | None) -> bool:
    """A bounce, a receipt, or a calendar's own mail (the calendar itself brings meetings)."""
    kind = _type_of(message)
    if kind == "multipart/report" or _value(message, "return-path").strip() == "<>":
        return True
    if sender is not None and sender.email.startswith(("mailer-daemon@", "postmaster@")):
        return True
    return any(_type_of(part) == "text/calendar" and not _is_attached(part) for part in parts)
