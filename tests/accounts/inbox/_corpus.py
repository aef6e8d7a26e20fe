"""Mails as people and strangers send them, made here; names and addresses are invented."""

from __future__ import annotations

import base64
import quopri


def mail(body: str = "Hello", *, html: str | None = None, charset: str = "utf-8", **headers: str) -> bytes:
    """A plain mail, or one with both texts; a header of None is left out, underscores are hyphens."""
    kept = {
        "From": "Iris Weber <iris@acme.example>",
        "To": "Ana Duarte <ana@tenure.example>",
        "Subject": "Hello",
        "Date": "Mon, 23 Nov 2026 08:12:00 +0100",
        "Message-ID": "<one@acme.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in kept.items() if value is not None)
    plain = f'Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n'
    if html is None:
        return head.encode() + plain.encode(charset, "replace")
    parts = f"--x\r\n{plain}--x\r\nContent-Type: text/html; charset={charset}\r\n\r\n{html}\r\n--x--\r\n"
    both = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="x"\r\n\r\n{parts}'
    return head.encode() + both.encode(charset, "replace")


GMAIL_FORWARD = """Please see below.

---------- Forwarded message ---------
From: Iris Weber <iris@acme.example>
Date: Fri, Nov 20, 2026 at 4:05 PM
Subject: Prices for next year
To: Ana Duarte <ana@tenure.example>
Cc: Lars Haugen <lars@acme.example>


Dear Ana,

could you send the prices?

Iris
"""
OUTLOOK_FORWARD = """
________________________________
De : Iris Weber <iris@acme.example>
Envoyé : vendredi 20 novembre 2026 16:05
À : Ana Duarte <ana@tenure.example>
Objet : Tarifs de l’an prochain

Bonjour Ana, pourriez-vous envoyer les tarifs ?
"""
APPLE_FORWARD = """Begin forwarded message:

> From: Iris Weber <iris@acme.example>
> Subject: Prices
> Date: 20 November 2026 at 16:05:11 CET
> To: ana@tenure.example
>
> Could you send the prices?
"""
CALENDAR_INVITATION = b"""From: iris@acme.example\r
To: ana@tenure.example\r
Subject: Accepted: Review\r
Message-ID: <cal@acme.example>\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
Iris Weber has accepted.\r
--b\r
Content-Type: text/calendar; method=REPLY; charset=utf-8\r
\r
BEGIN:VCALENDAR\r
METHOD:REPLY\r
END:VCALENDAR\r
--b--\r
"""
BOUNCE = b"""Return-Path: <>\r
From: Mail Delivery System <MAILER-DAEMON@mx.acme.example>\r
To: ana@tenure.example\r
Subject: Undelivered Mail Returned to Sender\r
Content-Type: multipart/report; report-type=delivery-status; boundary=r\r
\r
--r\r
Content-Type: text/plain\r
\r
I'm sorry to have to inform you.\r
--r--\r
"""

HOSTILE_HTML = """<html><head><title>x</title><style>p{color:red}</style></head><body onload=alert(1)>
<script>alert('one')</script><img src=x onerror=alert(2)><p>Dear <b>Ana</b>,</p>
<a href="javascript:alert(3)">a link</a><iframe src="https://evil.example"></iframe>
<svg><script>alert(4)</script></svg><div>1 &lt; 2 &amp;amp; <!-- hidden <p>not shown</p> --> seen</div>
<scr<script>ipt>alert(5)</script><p title="a > b">after</p>"""


def nested(depth: int) -> bytes:
    """A multipart in a multipart in …"""
    head = b"From: iris@acme.example\r\nTo: ana@tenure.example\r\nSubject: deep\r\nMessage-ID: <deep@x>\r\n"
    body = b"Content-Type: text/plain\r\n\r\nat the bottom\r\n"
    for number in range(depth):
        body = (
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
            + body
            + b"\r\n--b%d--\r\n" % number
        )
    return head + body


# Nothing of these may raise or hang, whatever they become.
STRANGE: dict[str, bytes] = {
    "empty": b"",
    "nothing but a line break": b"\r\n",
    "no headers": b"just words without any header\r\nand more\r\n",
    "binary": bytes(range(256)) * 40,
    "nul": mail("a\x00b", Subject="with\x00nul"),
    "unknown charset": b"From: iris@acme.example\r\nContent-Type: text/plain; charset=klingon\r\n\r\nh\xe9llo\r\n",
    "wrong charset": b"From: iris@acme.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nh\xe9llo\r\n",
    "broken base64": b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n@@@not*base64===\r\n",
    "broken quoted-printable": b"From: a@b.example\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=\r\n=\r\n",
    "uuencode": b"From: a@b.example\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n#  \r\n",
    "no boundary": b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\nhello\r\n",
    "unclosed boundary": b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n",
    "broken from": mail(From="Iris <iris@@acme..example>, <<>>, (((("),
    "broken encoded word": mail(Subject="=?utf-8?B?!!!?= =?x?Q?=?="),
    "encoded word of no charset": mail(Subject="=?klingon?Q?abc?="),
    "many addresses": mail(To=", ".join(f"p{n}@acme.example" for n in range(5_000))),
    "long header": mail(Subject="a" * 200_000),
    "folded without end": mail(To="a@b.example" + ",\r\n " * 2_000),
    "wrong date": mail(Date="the day before yesterday"),
    "impossible date": mail(Date="Mon, 99 Nov 9999 99:99:99 +9999"),
    "far future": mail(Date="Mon, 23 Nov 2199 10:00:00 +0100"),
    "surrogates": "From: iris@acme.example\r\n\r\n\ud83d\r\n".encode("utf-8", "surrogatepass"),
    "deep": nested(60),
    "very deep": nested(2_000),
    "one line": mail("x" * 2_000_000),
    "many lines": mail("> quoted\r\n" * 100_000),
    "message in message": b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\n\r\nhi\r\n",
    "only an attachment": b"From: a@b.example\r\nContent-Type: application/pdf\r\n"
    b"Content-Disposition: attachment; filename*=utf-8''%FF%FE\r\n\r\n%PDF\r\n",
    "base64 html": b"From: a@b.example\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.b64encode(HOSTILE_HTML.encode()),
    "quoted html": b"From: a@b.example\r\nContent-Type: text/html\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quopri.encodestring(HOSTILE_HTML.encode()),
    "unclosed tags": b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<a " * 150_000,
    "unclosed comments": b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<!--" * 100_000,
    "heads without end": b"From: ana@tenure.example\r\nSubject: Fwd\r\n\r\n" + b"From: a\r\n" * 50_000,
}
