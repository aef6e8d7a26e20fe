"""A mail gives what its writer wrote, or nothing; never an error, never somebody else's HTML."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from accounts.inbox.forwards import forwarded_in, instant_in
from accounts.inbox.plain import KEPT, own_words, text_of_html
from accounts.inbox.reading import envelope_of, read_mail
from tests.accounts.inbox._corpus import (
    APPLE_FORWARD,
    BOUNCE,
    CALENDAR_INVITATION,
    GMAIL_FORWARD,
    HOSTILE_HTML,
    OUTLOOK_FORWARD,
    STRANGE,
    mail,
)

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = datetime(2026, 11, 20, 15, 5, tzinfo=UTC)


@pytest.mark.parametrize("raw", STRANGE.values(), ids=STRANGE.keys())
def test_nothing_that_is_sent_raises_or_hangs(raw: bytes) -> None:
    began = time.perf_counter()
    found = read_mail(raw, zone=PARIS, by="ana@tenure.example")
    envelope_of(raw)
    assert time.perf_counter() - began < 3
    assert len(found.text) <= KEPT
    assert len(found.subject) <= 300
    assert "\x00" not in found.text + found.subject
    (found.text + found.subject).encode()  # no half letters, which no database takes
    assert found.message_id


@given(st.binary(max_size=3_000))
@hypothesis_settings(max_examples=300, deadline=None)
def test_no_bytes_raise(raw: bytes) -> None:
    read_mail(raw, zone=PARIS, by="ana@tenure.example")
    read_mail(mail() + raw, zone=PARIS)
    read_mail(b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + raw, zone=PARIS)


@given(st.text(max_size=2_000))
@hypothesis_settings(max_examples=300, deadline=None)
def test_no_text_raises(text: str) -> None:
    own_words(text)
    text_of_html(text)
    forwarded_in(text, PARIS)
    instant_in(text, PARIS)


def test_a_plain_mail_is_read() -> None:
    found = read_mail(mail("Hello Ana", Cc="Lars <lars@acme.example>"), zone=PARIS)
    assert found.sender is not None
    assert (found.sender.name, found.sender.email) == ("Iris Weber", "iris@acme.example")
    assert [one.email for one in found.recipients] == ["ana@tenure.example", "lars@acme.example"]
    assert found.sent_at == datetime(2026, 11, 23, 7, 12, tzinfo=UTC)
    assert (found.text, found.automatic, found.mass, found.ignored) == ("Hello Ana", False, False, False)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "iso-8859-15"])
def test_encodings_of_words_and_headers(charset: str) -> None:
    raw = mail("Déjà réglé, à demain", charset=charset, Subject="=?utf-8?Q?R=C3=A9gl=C3=A9?= =?utf-8?Q?_!?=")
    found = read_mail(raw, zone=PARIS)
    assert (found.text, found.subject) == ("Déjà réglé, à demain", "Réglé !")


def test_of_both_texts_the_plain_one_is_taken() -> None:
    assert read_mail(mail("plain words", html="<p>html words</p>"), zone=PARIS).text == "plain words"


def test_html_becomes_words_and_nothing_else() -> None:
    raw = b"From: iris@acme.example\r\nContent-Type: text/html\r\n\r\n" + HOSTILE_HTML.encode()
    said = read_mail(raw, zone=PARIS).text
    assert "Dear Ana," in said
    assert "1 < 2 &amp; seen" in said
    assert "after" in said
    for never in ("alert(1)", "alert(2)", "alert('one')", "alert(4)", "javascript:", "onerror", "hidden", "color:red"):
        assert never not in said


def test_an_html_reply_loses_what_it_quotes() -> None:
    html = "<div>I agree.</div><div>On Monday Ana wrote:<blockquote>Do you <br>agree?</blockquote></div>"
    assert own_words(text_of_html(html)) == "I agree."


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes.\n\nOn Mon, 23 Nov 2026 at 10:00, Ana <a@b.example> wrote:\n> Shall we?\n> Ana", "Yes."),
        ("Oui.\n\nLe lun. 23 nov. 2026 à 10:00, Ana Duarte <a@b.example> a écrit :\n> On y va ?", "Oui."),
        ("Ja.\n\nAm 23.11.26 um 10:00 schrieb Ana:\n> Gehen wir?", "Ja."),
        ("Yes.\n\nOn Mon, 23 Nov 2026 at 10:00, Ana Duarte <ana.duarte@company.example>\nwrote:\n> Shall we?", "Yes."),
        ("Yes.\n\n-----Original Message-----\nFrom: Ana\nSent: Monday\n\nShall we?", "Yes."),
        ("Oui.\n\n-----Message d'origine-----\nDe : Ana\n\nOn y va ?", "Oui."),
        (
            "Yes.\n________________________________\nFrom: Ana <a@b.example>\nSent: Monday\nTo: Iris\n\nShall we?",
            "Yes.",
        ),
        ("Yes.\n\nFrom: Ana <a@b.example>\nSent: Monday\nTo: Iris\nSubject: Shall we\n\nShall we?", "Yes."),
        ("> Shall we?\nYes.\n> When?\nFriday.", "Yes.\nFriday."),
        ("Yes.\n-- \nIris Weber\nAcme", "Yes."),
        ("Yes.\n\nSent from my iPhone", "Yes."),
        ("Yes.\n\nEnvoyé de mon iPhone", "Yes."),
        ("> only quoted", "> only quoted"),
        ("On Monday we wrote to you, and heard nothing.", "On Monday we wrote to you, and heard nothing."),
        ("From: here it is far", "From: here it is far"),
    ],
)
def test_what_was_quoted_is_left_out(text: str, own: str) -> None:
    assert own_words(text) == own


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        (GMAIL_FORWARD, "Prices for next year"),
        (OUTLOOK_FORWARD, "Tarifs de l’an prochain"),
        (APPLE_FORWARD, "Prices"),
    ],
    ids=["gmail", "outlook", "apple"],
)
def test_a_forwarded_mail_is_the_one_inside(words: str, subject: str) -> None:
    raw = mail(words, From="Ana <ana@tenure.example>", To="crm+x@firm.example", Subject="Fwd: x")
    found = read_mail(raw, zone=PARIS, by="ana@tenure.example")
    assert found.forwarded
    assert found.sender is not None
    assert found.sender.email == "iris@acme.example"
    assert found.subject == subject
    assert found.sent_at is not None
    assert abs((found.sent_at - FRIDAY).total_seconds()) < 60
    assert "prices" in found.text or "tarifs" in found.text
    assert "From:" not in found.text


def test_a_comment_above_a_forward_stays() -> None:
    raw = mail(GMAIL_FORWARD, From="Ana <ana@tenure.example>", Subject="Fwd: x")
    assert read_mail(raw, zone=PARIS, by="ana@tenure.example").text.startswith("Please see below.")


def test_a_mail_attached_as_it_was_is_the_one_inside() -> None:
    inner = mail("Could you send the prices?", Message_ID="<inner@acme.example>").decode()
    raw = (
        "From: ana@tenure.example\r\nTo: crm@firm.example\r\nSubject: Fwd\r\nMessage-ID: <outer@x>\r\n"
        "Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nFYI\r\n"
        f"--q\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--q--\r\n"
    )
    found = read_mail(raw.encode(), zone=PARIS, by="ana@tenure.example")
    assert found.sender is not None
    assert (found.sender.email, found.message_id) == ("iris@acme.example", "outer@x")
    assert "prices" in found.text


def test_a_customer_who_forwards_something_is_still_its_sender() -> None:
    found = read_mail(mail(GMAIL_FORWARD, From="Lars <lars@acme.example>"), zone=PARIS, by="ana@tenure.example")
    assert not found.forwarded
    assert found.sender is not None
    assert found.sender.email == "lars@acme.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "1"},
        {"Subject": "Automatic reply: prices"},
        {"Subject": "Réponse automatique : tarifs"},
        {"Subject": "Out of Office: back Monday"},
        {"From": "no-reply@acme.example"},
    ],
    ids=str,
)
def test_automatic_answers_are_told_apart(headers: dict[str, str]) -> None:
    assert read_mail(mail("I am away.", **headers), zone=PARIS).automatic


def test_auto_submitted_no_is_a_person() -> None:
    assert not read_mail(mail(Auto_Submitted="no"), zone=PARIS).automatic


@pytest.mark.parametrize("headers", [{"Precedence": "bulk"}, {"List_Id": "<news.acme.example>"}], ids=str)
def test_mass_mail_is_told_apart(headers: dict[str, str]) -> None:
    assert read_mail(mail("News!", **headers), zone=PARIS).mass


@pytest.mark.parametrize("raw", [BOUNCE, CALENDAR_INVITATION], ids=["bounce", "calendar"])
def test_bounces_and_calendars_say_nothing(raw: bytes) -> None:
    assert read_mail(raw, zone=PARIS).ignored


def test_the_envelope_knows_blind_copies() -> None:
    raw = b"Received: from a by b for <crm+t0k@firm.example>; Mon\r\nDelivered-To: crm+d@firm.example\r\n" + mail()
    assert {"crm+t0k@firm.example", "crm+d@firm.example", "ana@tenure.example"} <= set(envelope_of(raw))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, Nov 23, 2026 at 10:01 AM", (23, 11, 9, 1)),
        ("lundi 23 novembre 2026 10:01", (23, 11, 9, 1)),
        ("mar. 1 déc. 2026 à 08:05", (1, 12, 7, 5)),
        ("2026-11-23 10:01", (23, 11, 9, 1)),
        ("23/11/2026 10h01", (23, 11, 9, 1)),
        ("May 5, 2026, 9:05 PM", (5, 5, 19, 5)),
    ],
)
def test_days_as_programs_write_them(written: str, expected: tuple[int, int, int, int]) -> None:
    found = instant_in(written, PARIS)
    assert found is not None
    assert (found.day, found.month, found.hour, found.minute) == expected
