"""Putting news into the outbox, where somebody wants it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from crm.clock import now
from crm.config import get_settings
from crm.i18n.write import Writer
from crm.jobs import enqueue
from crm.text import N_, Text, plural, text
from crm.webhooks.models import Kind, WebhookDelivery, WebhookEndpoint, WebhookTold

SEND = "webhooks.send"
MOST_AT_ONCE = 10  # messages of one transaction; more become one that counts them


@dataclass(frozen=True)
class News:
    """``sentence`` is what a chat shows, in the installation's language; ``path`` where it is opened."""

    kind: Kind
    sentence: Text
    path: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Told:
    """What one transaction has told of one kind."""

    wanting: list[int]  # ids of endpoints
    count: int = 0
    counting: list[WebhookDelivery] = field(default_factory=list)  # the messages that count what came after the tenth


_TOLD = "webhooks.told"


def tell(session: Session, news: Sequence[News]) -> int:
    """Queue ``news`` for every endpoint that wants it, in this transaction; how many messages.

    An import or a change of many accounts tells a lot at once: after ten messages of a kind one more counts the others,
    because nobody reads hundreds.
    """
    return sum(_tell(session, one) for one in news)


def tell_once(session: Session, news: Mapping[str, News]) -> int:
    """Tell what has not been told under its key; what nobody wants is not kept as told."""
    wanted = {key: one for key, one in news.items() if _told(session, one.kind).wanting}
    if not wanted:
        return 0
    known = set(session.scalars(select(WebhookTold.key).where(col(WebhookTold.key).in_(wanted))))
    new = {key: one for key, one in wanted.items() if key not in known}
    session.add_all(WebhookTold(key=key) for key in new)
    return tell(session, list(new.values()))


def _tell(session: Session, one: News) -> int:
    told = _told(session, one.kind)
    told.count += 1
    if not told.wanting:
        return 0
    if told.count > MOST_AT_ONCE:
        body = body_of(_counted(one.kind, told.count - MOST_AT_ONCE))
        if told.counting:
            for delivery in told.counting:
                delivery.body = body
            return 0
        told.counting = [WebhookDelivery(endpoint_id=id_, kind=one.kind, body=body) for id_ in told.wanting]
        session.add_all(told.counting)
    else:
        body = body_of(one)
        session.add_all(WebhookDelivery(endpoint_id=id_, kind=one.kind, body=body) for id_ in told.wanting)
        if told.count == 1:
            enqueue(session, SEND, key=SEND)
    return len(told.wanting)


def _told(session: Session, kind: Kind) -> _Told:
    known: dict[Kind, _Told] = session.info.setdefault(_TOLD, {})
    if kind not in known:
        enabled = session.exec(select(WebhookEndpoint).where(col(WebhookEndpoint.disabled_at).is_(None)))
        known[kind] = _Told([one.id for one in enabled if one.wants(kind)])
    return known[kind]


def _counted(kind: Kind, count: int) -> News:
    sentence = plural(
        N_("and %(n)s more account: %(kind)s"), N_("and %(n)s more accounts: %(kind)s"), count, kind=text(kind.words)
    )
    return News(kind, sentence, "/accounts?scope=all", {"accounts": count})


def body_of(news: News) -> str:
    """``text`` is what Slack, Mattermost and Teams show; the rest is for programs."""
    settings = get_settings()
    writer = Writer(settings.language, ZoneInfo(settings.time_zone), now())
    url = settings.effective_base_url + news.path
    told = {
        "type": news.kind.value,
        "timestamp": now().isoformat(timespec="seconds"),
        "text": f"{writer(news.sentence)} {url}",
        "data": {**news.data, "url": url},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
