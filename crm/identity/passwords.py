"""Passwords: what is accepted, how it is kept (argon2id) and how it is checked in the same time for everybody."""

from __future__ import annotations

import re
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm.errors import Invalid
from crm.text import N_

SHORTEST = 12
LONGEST = 200
_OWN_LETTERS = 6  # what must remain of a password without its owner's name and address


class Unacceptable(Invalid):
    """A password we do not take, and why."""


_hasher = PasswordHasher()  # argon2id, RFC 9106's second choice: 64 MiB, 3 passes, 4 lanes
_at_once = threading.BoundedSemaphore(4)  # 64 MiB each: many guesses at the same time must not take the memory
_nobody = _hasher.hash("the password of nobody")

# The most common ones that are long enough (leaked lists, English and French keyboards).
COMMON = frozenset(
    """
    000000000000 111111111111 123123123123 123456789000 123456789012 1234567890123 1234567890qwe 12345678910
    1234567891011 123456789123 123456789987 123456789abc 123456789qwe 0987654321qwe 012345678910 0123456789ab
    1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 q1w2e3r4t5y6u7i8
    qazwsxedcrfv qazwsxedc123 qwerty123456 qwerty1234567 qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiop[]
    qwertyuiopasdfghjkl azertyuiop12 azertyuiop123 azertyuiopqs azerty123456 azertyuiopqsdfghjklm abcdefghijkl
    abcdefghijklm abcdefghijklmnopqrstuvwxyz abcd12345678 abc123456789 a1b2c3d4e5f6 aaaaaaaaaaaa asdfghjkl123
    asdfghjkl;'\\ zxcvbnm12345 zaq12wsxcde3 password1234 password12345 password123456 password123! passwordpassword
    password2024 password2025 password2026 passw0rd1234 p@ssw0rd1234 p@ssword1234 mypassword123 mypassword12
    motdepasse12 motdepasse123 motdepasse1234 monmotdepasse motdepassemotdepasse changeme1234 changemechangeme
    changeme12345 letmeinletmein letmein12345 welcome12345 welcomewelcome welcome123456 bienvenue123 bienvenue1234
    bonjourbonjour bonjour12345 administrator administrateur admin1234567 admin12345678 administrator1 adminadmin123
    adminadminadmin iloveyou1234 iloveyou12345 iloveyouforever jetaimejetaime jetaime12345 sunshine1234 princess1234
    football1234 baseball1234 dragon123456 monkey123456 superman1234 starwars1234 trustno1trustno1 whateverwhatever
    correcthorsebatterystaple customersuccess customer12345 company12345 summer2024summer secret123456 secretsecret
    """.split()
)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def require_acceptable(password: str, *, name: str, email: str) -> None:
    """Refuse what is short, endless, common, or made of its owner's name and address."""
    given = _normal(password)
    if len(given) < SHORTEST:
        raise Unacceptable(N_("A password needs at least %(n)s characters; a sentence is easy to keep."), n=SHORTEST)
    if len(given) > LONGEST:
        raise Unacceptable(N_("A password has at most %(n)s characters."), n=LONGEST)
    folded = given.casefold()
    if folded in COMMON or len(set(folded)) < 4:
        raise Unacceptable(N_("This password is among the first that anyone would try. Please choose another."))
    rest = folded
    for word in sorted(set(re.split(r"[\W_]+", f"{name} {email}".casefold())), key=len, reverse=True):
        if len(word) >= 3:
            rest = rest.replace(word, "")
    if rest != folded and len(re.sub(r"[\W_]", "", rest)) < _OWN_LETTERS:
        raise Unacceptable(N_("This password is made of your own name or address. Please choose another."))


def hash_of(password: str) -> str:
    with _at_once:
        return _hasher.hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether ``password`` is the one kept. Without one it takes the same time and says no."""
    with _at_once:
        try:
            _hasher.verify(kept or _nobody, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Kept by weaker settings than today's: to be hashed again at the next sign-in."""
    return _hasher.check_needs_rehash(kept)
