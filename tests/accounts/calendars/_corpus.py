"""Calendars as programs write them; made here."""

from __future__ import annotations


def event(uid: str = "a@x", start: str = "20261124T090000Z", end: str = "20261124T100000Z", *more: str) -> str:
    people = [] if any(line.startswith("ATTENDEE") for line in more) else ["ATTENDEE:mailto:iris@acme.example"]
    titled = [] if any(line.startswith("SUMMARY") for line in more) else ["SUMMARY:Quarterly review"]
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start}", f"DTEND:{end}", *titled, *people, *more, "END:VEVENT"]
    return "\r\n".join(lines)


def calendar(*events: str, method: str = "") -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *([f"METHOD:{method}"] if method else [])]
    return ("\r\n".join([*head, *events, "END:VCALENDAR"]) + "\r\n").encode()


STRANGE: dict[str, bytes] = {
    "empty": b"",
    "html": b"<html>sign in</html>",
    "unclosed": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x",
    "binary": b"BEGIN:VCALENDAR\r\n" + bytes(range(256)) * 50,
    "no start": calendar("BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT"),
    "wrong start": calendar(event(start="tomorrow")),
    "ends before it starts": calendar(event(end="20251124T100000Z")),
    "every second": calendar(event("s@x", "20261101T000000Z", "20261101T000001Z", "RRULE:FREQ=SECONDLY")),
    "every second of a year": calendar(
        event("s@x", "20261101T000000Z", "20261101T000001Z", "RRULE:FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE=1,2;BYSECOND=1,2")
    ),
    "for two thousand years": calendar(event("s@x", "00010101T000000Z", "00010101T010000Z", "RRULE:FREQ=DAILY")),
    "never": calendar(
        event("s@x", "20261101T000000Z", "20261101T010000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31")
    ),
    "wrong rule": calendar(event("s@x", "20261101T000000Z", "20261101T010000Z", "RRULE:FREQ=OFTEN")),
    "unknown zone": calendar("BEGIN:VEVENT\r\nUID:z\r\nDTSTART;TZID=Mars/Olympus:20261124T090000\r\nEND:VEVENT"),
    "endless": calendar(event("s@x", "20261101T000000Z", "20261101T010000Z", "DURATION:P9999999D")),
    "huge sequence": calendar(event("s@x", "20261124T090000Z", "20261124T100000Z", "SEQUENCE:99999999999999999999")),
    "long": calendar(event("s@x", "20261124T090000Z", "20261124T100000Z", "SUMMARY:" + "a" * 300_000)),
}
