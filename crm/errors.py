"""What the product refuses, in words for the user; the web edge turns them into pages."""

from __future__ import annotations

from typing import Any

from crm.text import N_, Text


class Refusal(Exception):
    """Something we will not or cannot do; the sentence is for the user and is translated when shown."""

    status = 400
    title = N_("That was not possible")

    def __init__(self, sentence: str | Text, **values: Any) -> None:
        self.sentence = sentence if isinstance(sentence, Text) else Text(sentence, values)
        super().__init__(str(self.sentence))


class NotFound(Refusal):
    status = 404
    title = N_("Not found")


class Forbidden(Refusal):
    """Readable, but not theirs to change; the sentence says whom to ask."""

    status = 403
    title = N_("Not yours to change")


class SignInNeeded(Refusal):
    """Nobody is signed in; ``route`` is the page on which that is mended."""

    status = 401
    route = "identity.sign_in.new"
    title = N_("Sign in first")


class Conflict(Refusal):
    status = 409
    title = N_("That no longer fits")


class Invalid(Refusal):
    status = 422
    title = N_("Something needs mending")


class TooMany(Refusal):
    status = 429
    title = N_("Too many tries")

    def __init__(self, sentence: str | Text, *, retry_after_s: int, **values: Any) -> None:
        super().__init__(sentence, **values)
        self.retry_after_s = retry_after_s


class Unavailable(Refusal):
    """Nothing was saved and trying again later will work."""

    status = 503
    title = N_("Busy, nothing was saved")
