"""Which passwords are taken, and that guessing learns nothing from them."""

from __future__ import annotations

import time
import unicodedata
from statistics import median

import pytest

from crm.identity import passwords
from crm.identity.passwords import Unacceptable, hash_of, is_outdated, matches, require_acceptable

ANA = {"name": "Ana Duarte", "email": "ana@tenure.example"}


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "x" * 201,
        "password1234",
        "PassWord1234",
        "motdepasse123",
        "aaaaaaaaaaaa",
        "121212121212",
        "ana@tenure.example",
        "Ana.Duarte.2026",
        "anaduarte12345",
        "tenure-example-ana",
    ],
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(Unacceptable):
        require_acceptable(password, **ANA)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "x7#kQ2!vLm9p",
        "Été à Sète, 12 huîtres",
        "anaconda duel tonight",
        "pässwörter sind öde",
        "🦊🦉🐢🐙🦔🦦🐝🦆🐌🦋🐞🐬",
    ],
)
def test_a_long_password_of_any_letters_is_taken(password: str) -> None:
    require_acceptable(password, **ANA)
    assert matches(password, hash_of(password))


def test_twelve_characters_are_enough_and_two_hundred_are_not_too_many() -> None:
    require_acceptable("k" * 4 + "vzt81mq0", **ANA)
    require_acceptable(("river stone " * 17)[:200], **ANA)


def test_the_same_letters_typed_in_another_form_are_the_same_password() -> None:
    kept = hash_of(unicodedata.normalize("NFC", "crème brûlée au café"))
    assert matches(unicodedata.normalize("NFD", "crème brûlée au café"), kept)


def test_another_password_does_not_match() -> None:
    kept = hash_of("correct horse battery")
    assert not matches("correct horse batterz", kept)
    assert not matches("", kept)
    assert not matches(" correct horse battery", kept)


def test_nobodys_password_matches_nothing_not_even_its_own_words() -> None:
    assert not matches("the password of nobody", None)
    assert not matches("x", None)


def test_it_is_kept_as_argon2id_and_never_twice_the_same() -> None:
    one, two = hash_of("correct horse battery"), hash_of("correct horse battery")
    assert one.startswith("$argon2id$")
    assert one != two
    assert "correct" not in one


def test_weaker_settings_than_todays_are_noticed() -> None:
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse battery")
    assert is_outdated(weak)
    assert not is_outdated(hash_of("correct horse battery"))


def test_a_broken_hash_is_nobodys() -> None:
    assert not matches("correct horse battery", "not a hash")


@pytest.mark.slow
def test_an_unknown_address_takes_as_long_as_a_wrong_password() -> None:
    kept = hash_of("correct horse battery")

    def seconds(kept: str | None) -> float:
        began = time.perf_counter()
        matches("wrong horse battery", kept)
        return time.perf_counter() - began

    known, unknown = [], []
    for _ in range(7):  # by turns, so that a busy machine slows both
        known.append(seconds(kept))
        unknown.append(seconds(None))
    assert 0.5 < median(unknown) / median(known) < 2
