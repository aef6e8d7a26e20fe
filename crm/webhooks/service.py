"""Endpoints and the life of a message."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from crm.audit import record
from crm.clock import machine_now
from crm.config import get_settings
from crm.errors import Conflict, Invalid, NotFound
from crm.jobs import enqueue
from crm.net import target_of
from crm.text import N_, Text, kept_values, text
from crm.viewer import Viewer
from crm.webhooks.models import CHOICES, DeliveryState, Kind, WebhookDelivery, WebhookEndpoint, WebhookTold
from crm.webhooks.outbox import SEND, News, body_of
from crm.webhooks.signing import secret_of

# Before the second try, the third …; as Standard Webhooks proposes. Then the message is given up.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
HELD_FOR = timedelta(minutes=2)  # while one worker sends it, no other does
OLD_SECRET_COUNTS = timedelta(days=1)
SHOWN = 50
KEPT = timedelta(days=30)
TOLD = timedelta(days=90)  # in which nothing is told twice


def all_endpoints(session: Session) -> list[WebhookEndpoint]:
    return list(session.exec(select(WebhookEndpoint).order_by(col(WebhookEndpoint.id))).all())


def get_endpoint(session: Session, endpoint_id: int) -> WebhookEndpoint:
    found = session.get(WebhookEndpoint, endpoint_id)
    if found is None:
        raise NotFound(N_("There is no such address."))
    return found


def get_delivery(session: Session, endpoint: WebhookEndpoint, delivery_id: int) -> WebhookDelivery:
    found = session.get(WebhookDelivery, delivery_id)
    if found is None or found.endpoint_id != endpoint.id:
        raise NotFound(N_("There is no such message."))
    return found


def deliveries_of(session: Session, endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    return list(
        session.exec(
            select(WebhookDelivery)
            .where(col(WebhookDelivery.endpoint_id) == endpoint.id)
            .order_by(col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id).desc())
            .limit(SHOWN)
        ).all()
    )


def add_endpoint(session: Session, actor: Viewer, *, title: str, url: str, kinds: list[Kind]) -> WebhookEndpoint:
    target = target_of(url)
    endpoint = WebhookEndpoint(
        title=title.strip() or target.host, url=target.origin + target.path, kinds=_chosen(kinds)
    )
    session.add(endpoint)
    session.flush()
    record(session, actor, None, "webhook.added", endpoint=str(endpoint.id), host=target.host, kinds=endpoint.kinds)
    return endpoint


def change_endpoint(
    session: Session, actor: Viewer, endpoint: WebhookEndpoint, *, title: str, url: str, kinds: list[Kind]
) -> None:
    """An empty ``url`` keeps the one that is there."""
    target = target_of(url or endpoint.url)
    endpoint.url = target.origin + target.path
    endpoint.title, endpoint.kinds = title.strip() or target.host, _chosen(kinds)
    record(session, actor, None, "webhook.changed", endpoint=str(endpoint.id), host=target.host, kinds=endpoint.kinds)


def _chosen(kinds: list[Kind]) -> list[str]:
    if not kinds:
        raise Invalid(N_("Choose at least one thing to be told."))
    return [kind.value for kind in CHOICES if kind in kinds]


def switch(session: Session, actor: Viewer, endpoint: WebhookEndpoint, *, on: bool) -> None:
    endpoint.disabled_at = None if on else machine_now()
    endpoint.disabled_why = ""
    record(session, actor, None, "webhook.on" if on else "webhook.off", endpoint=str(endpoint.id))


def remove_endpoint(session: Session, actor: Viewer, endpoint: WebhookEndpoint) -> None:
    for delivery in session.exec(select(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == endpoint.id)):
        session.delete(delivery)
    session.flush()
    session.delete(endpoint)
    record(session, actor, None, "webhook.removed", endpoint=str(endpoint.id), title=endpoint.title)


def renew_secret(session: Session, actor: Viewer, endpoint: WebhookEndpoint) -> None:
    """For a day messages carry both signatures, so that nothing is refused while the other side is changed."""
    endpoint.generation += 1
    endpoint.renewed_at = machine_now()
    record(session, actor, None, "webhook.secret_renewed", endpoint=str(endpoint.id))


def secrets_of(endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """The secret; just after a change also the one before."""
    key = get_settings().secret_key()
    generations = [endpoint.generation]
    if endpoint.renewed_at is not None and at - endpoint.renewed_at < OLD_SECRET_COUNTS:
        generations.append(endpoint.generation - 1)
    return [secret_of(key, endpoint.id, generation) for generation in generations]


def send_test(session: Session, actor: Viewer, endpoint: WebhookEndpoint) -> WebhookDelivery:
    if endpoint.disabled_at is not None:
        raise Conflict(N_("This address is switched off; switch it on first."))
    news = News(Kind.TEST, text(N_("A test from Tenure, asked for by %(name)s."), name=actor.name), "/")
    delivery = WebhookDelivery(endpoint_id=endpoint.id, kind=Kind.TEST, body=body_of(news))
    session.add(delivery)
    session.flush()
    enqueue(session, SEND, key=SEND)
    record(session, actor, None, "webhook.tested", endpoint=str(endpoint.id))
    return delivery


def try_again(session: Session, actor: Viewer, delivery: WebhookDelivery) -> None:
    if delivery.state is not DeliveryState.DEAD:
        raise Conflict(N_("Only a message that was given up can be sent again."))
    delivery.state, delivery.tries, delivery.next_try_at = DeliveryState.QUEUED, 0, machine_now()
    enqueue(session, SEND, key=SEND)
    record(session, actor, None, "webhook.tried_again", delivery=str(delivery.id))


# --- what the job does -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A message held for one worker, with all it needs outside of a transaction."""

    id: int
    url: str
    body: bytes
    secrets: tuple[str, ...]

    @property
    def message_id(self) -> str:
        return f"msg_{self.id}"


def take_due(session: Session, now: datetime) -> Due | None:
    """The next message that is due, of an endpoint that is on; the hold is what another worker sees."""
    found = session.exec(
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
        .where(
            col(WebhookDelivery.state) == DeliveryState.QUEUED,
            col(WebhookDelivery.next_try_at) <= now,
            col(WebhookEndpoint.disabled_at).is_(None),
        )
        .order_by(col(WebhookDelivery.next_try_at), col(WebhookDelivery.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    ).first()
    if found is None:
        return None
    delivery, endpoint = found
    delivery.next_try_at = now + HELD_FOR
    delivery.tries += 1
    return Due(delivery.id, endpoint.url, delivery.body.encode(), tuple(secrets_of(endpoint, now)))


def mark_sent(session: Session, due: Due, status: int, now: datetime) -> None:
    delivery = session.get(WebhookDelivery, due.id)
    if delivery is not None:
        delivery.state, delivery.status, delivery.error, delivery.sent_at = DeliveryState.SENT, status, "", now


def mark_failed(
    session: Session, due: Due, reason: Text, now: datetime, *, status: int | None = None, wait: timedelta | None = None
) -> None:
    """Tried again later, each time after a longer wait and not before ``wait``. 410 says: never again."""
    delivery = session.get(WebhookDelivery, due.id)
    if delivery is None:
        return  # its endpoint was removed meanwhile
    delivery.status, delivery.error, delivery.error_values = status, reason.message[:300], kept_values(reason)
    if status == 410:
        endpoint = session.get_one(WebhookEndpoint, delivery.endpoint_id)
        endpoint.disabled_at, endpoint.disabled_why = now, "410 Gone"
    if status == 410 or delivery.tries > len(WAITS):
        delivery.state = DeliveryState.DEAD
        return
    pause = WAITS[delivery.tries - 1] * random.uniform(1, 1.2)  # noqa: S311 - not a secret
    delivery.next_try_at = now + max(pause, min(wait or timedelta(), timedelta(days=1)))


def forget_sent(session: Session, now: datetime) -> int:
    old = session.exec(
        select(WebhookDelivery).where(
            col(WebhookDelivery.state) == DeliveryState.SENT, col(WebhookDelivery.created_at) < now - KEPT
        )
    ).all()
    for delivery in old:
        session.delete(delivery)
    session.execute(delete(WebhookTold).where(col(WebhookTold.at) < now - TOLD))
    return len(old)
