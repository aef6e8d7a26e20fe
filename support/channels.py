"""Ways by which tickets come in: what sources call them, and which of them are written."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, case, func

from crm.text import N_


class TicketChannel(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    LETTER = "letter"
    SOCIAL = "social"
    CHAT = "chat"
    WEB = "web"
    OTHER = "other"

    @property
    def words(self) -> str:
        return TICKET_CHANNEL_TITLES[self]

    @property
    def is_written(self) -> bool:
        return self in WRITTEN


TICKET_CHANNEL_TITLES = {
    TicketChannel.PHONE: N_("phone"),
    TicketChannel.EMAIL: N_("e-mail"),
    TicketChannel.LETTER: N_("letter"),
    TicketChannel.SOCIAL: N_("social media"),
    TicketChannel.CHAT: N_("chat"),
    TicketChannel.WEB: N_("web form or portal"),
    TicketChannel.OTHER: N_("another or unknown channel"),
}

# Sent and answered when it suits, with nobody waiting at the other end: where 24 hours are owed.
WRITTEN = (TicketChannel.EMAIL, TicketChannel.LETTER, TicketChannel.SOCIAL)

# In lower case, as helpdesks and people write them.
_WORDS = {
    TicketChannel.PHONE: (
        "phone|phone call|telephone|téléphone|tel|call|calls|appel|voice|voice call|voicemail|inbound call|talk"
        "|phone_call|callback|phone_inbound|voice_inbound|hotline"
    ),
    TicketChannel.EMAIL: "email|e-mail|mail|courriel|e-mails|emails|inbound email|outbound email|e_mail",
    TicketChannel.LETTER: "letter|post|postal|mail (post)|fax|courrier|lettre",
    TicketChannel.SOCIAL: (
        "social|social media|facebook|facebook messenger|messenger|twitter|x|x corp|instagram|instagram dm"
        "|linkedin|youtube|tiktok|réseaux sociaux|facebook_messenger|twitter_dm|twitter_like|instagram_dm"
        "|review|forum|community"
    ),
    TicketChannel.CHAT: (
        "chat|live chat|live_chat|livechat|messaging|native_messaging|in-app|conversation|whatsapp|sms|text|slack"
        "|teams|bot"
    ),
    TicketChannel.WEB: (
        "web|web form|webform|website|portal|form|help center|help_center|widget|web_widget|web service|feedback widget"
        "|customer portal|api|mobile|mobile_sdk|formulaire|portail|self service|self-service|ecommerce"
    ),
}
CHANNEL_WORDS = {channel: tuple(words.split("|")) for channel, words in _WORDS.items()}
_CHANNEL_OF = {word: channel for channel, words in CHANNEL_WORDS.items() for word in words}


@lru_cache(maxsize=1_024)
def channel_of(said: str) -> TicketChannel:
    """``said``: the source's word."""
    return _CHANNEL_OF.get(said.strip(" ").lower(), TicketChannel.OTHER)


def channel_in_sql(said: ColumnElement[Any]) -> ColumnElement[str]:
    """The same of a column."""
    word = func.lower(func.trim(said))
    return case(
        *((word.in_(words), channel.value) for channel, words in CHANNEL_WORDS.items()), else_=TicketChannel.OTHER.value
    )


def channel_is(said: ColumnElement[Any], channel: TicketChannel) -> ColumnElement[bool]:
    word = func.lower(func.trim(said))
    if channel is TicketChannel.OTHER:
        return word.not_in(tuple(_CHANNEL_OF))
    return word.in_(CHANNEL_WORDS[channel])
