"""Endpoints, and the life of a message: kept, read, told; or failed with its reason until somebody tries again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from crm.audit import record
from crm.clock import machine_now
from crm.config import get_settings
from crm.errors import Conflict, Invalid, NotFound, Refusal, TooMany
from crm.identity import limits
from crm.ids import new_id
from crm.jobs import enqueue
from crm.jobs.statements import insert_if_missing
from crm.sealing import Unsealable, seal, unseal
from crm.text import N_, Text, text
from crm.viewer import Viewer, system_viewer
from crm.webhooks.signing import secret_of
from support.inbound.models import InboundEndpoint, InboundMessage, InboundState, Sender
from support.inbound.payloads import BadPayload, records_from
from support.inbound.signatures import Arrived, verified
from support.intake.patches import made_whole
from support.intake.tickets import take_in

PROCESS = "inbound.process"
OLD_SECRET_COUNTS = timedelta(days=1)
MOST_TRIES = 5
SHOWN = 50
KEPT = timedelta(days=30)  # messages that were read; those that failed stay until somebody has looked
KEPT_FAILED = timedelta(days=90)
MOST_A_MINUTE = 1_200
LONGEST_BODY = 1 << 20
SHORTEST_SECRET, LONGEST_SECRET = 16, 300

# --- endpoints -------------------------------------------------------------------------------------------------------


def all_endpoints(session: Session) -> Sequence[InboundEndpoint]:
    order = (col(InboundEndpoint.title), col(InboundEndpoint.id))
    return session.exec(select(InboundEndpoint).order_by(*order).limit(200)).all()


def failed_by_endpoint(session: Session) -> dict[int, int]:
    rows = session.exec(
        select(InboundMessage.endpoint_id, func.count())
        .where(col(InboundMessage.state) == InboundState.FAILED)
        .group_by(col(InboundMessage.endpoint_id))
    )
    return dict(rows.all())


def get_endpoint(session: Session, endpoint_id: int) -> InboundEndpoint:
    found = session.get(InboundEndpoint, endpoint_id)
    if found is None:
        raise NotFound(N_("There is no such address."))
    return found


def messages_of(session: Session, endpoint: InboundEndpoint) -> Sequence[InboundMessage]:
    """Those that failed first, then the newest."""
    return session.exec(
        select(InboundMessage)
        .where(col(InboundMessage.endpoint_id) == endpoint.id)
        .order_by(
            (col(InboundMessage.state) == InboundState.FAILED).desc(),
            col(InboundMessage.received_at).desc(),
            col(InboundMessage.id).desc(),
        )
        .limit(SHOWN)
    ).all()


def get_message(session: Session, endpoint: InboundEndpoint, message_id: int) -> InboundMessage:
    found = session.get(InboundMessage, message_id)
    if found is None or found.endpoint_id != endpoint.id:
        raise NotFound(N_("There is no such message."))
    return found


def add_endpoint(
    session: Session, actor: Viewer, *, sender: Sender, title: str, secret: str
) -> tuple[InboundEndpoint, str]:
    """The endpoint and the secret to enter at the helpdesk, shown this once; empty where the helpdesk makes it."""
    endpoint = InboundEndpoint(title=title.strip() or sender.words, sender=sender)
    if sender.gives_secret and secret:
        endpoint.sealed = _sealed(endpoint, secret)
    session.add(endpoint)
    session.flush()
    record(session, actor, None, "inbound.added", endpoint=str(endpoint.id), sender=sender)
    return endpoint, "" if sender.gives_secret else _own_secret(endpoint, endpoint.generation)


def renew_secret(session: Session, actor: Viewer, endpoint: InboundEndpoint, *, secret: str) -> str:
    """The one before counts for a day longer, so that nothing is refused while the helpdesk is changed."""
    if endpoint.sender.gives_secret:
        endpoint.sealed, endpoint.sealed_before = _sealed(endpoint, secret), endpoint.sealed
    else:
        endpoint.generation += 1
    endpoint.renewed_at = machine_now()
    record(session, actor, None, "inbound.secret_renewed", endpoint=str(endpoint.id))
    return "" if endpoint.sender.gives_secret else _own_secret(endpoint, endpoint.generation)


def switch(session: Session, actor: Viewer, endpoint: InboundEndpoint, *, on: bool) -> None:
    endpoint.disabled_at = None if on else machine_now()
    record(session, actor, None, "inbound.on" if on else "inbound.off", endpoint=str(endpoint.id))


def remove_endpoint(session: Session, actor: Viewer, endpoint: InboundEndpoint) -> None:
    """With its messages; what they brought stays."""
    session.execute(delete(InboundMessage).where(col(InboundMessage.endpoint_id) == endpoint.id))
    session.delete(endpoint)
    record(session, actor, None, "inbound.removed", endpoint=str(endpoint.id), title=endpoint.title)


def _sealed(endpoint: InboundEndpoint, secret: str) -> bytes:
    secret = secret.strip()
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise Invalid(
            N_("The signing secret has %(least)s to %(most)s characters."), least=SHORTEST_SECRET, most=LONGEST_SECRET
        )
    return seal(get_settings().secret_key(), f"inbound:{endpoint.id}", secret)


def _own_secret(endpoint: InboundEndpoint, generation: int) -> str:
    return secret_of(get_settings().secret_key(), endpoint.id, -generation)  # never one of an address we send to


def secrets_of(endpoint: InboundEndpoint, at: datetime) -> list[str]:
    """Those that count: the present one, and for a day the one before."""
    both = endpoint.renewed_at is not None and at - endpoint.renewed_at < OLD_SECRET_COUNTS
    if not endpoint.sender.gives_secret:
        generations = [endpoint.generation, *([endpoint.generation - 1] if both else [])]
        return [_own_secret(endpoint, one) for one in generations]
    kept = [endpoint.sealed, *([endpoint.sealed_before] if both else [])]
    return [unseal(get_settings().secret_key(), f"inbound:{endpoint.id}", one) for one in kept if one is not None]


# --- a message arrives -----------------------------------------------------------------------------------------------


class NotSigned(Refusal):
    status = 401
    title = N_("Not signed")


def ensure_signed(endpoint: InboundEndpoint, arrived: Arrived, now: datetime) -> str | None:
    """Refuses what the helpdesk has not signed; what makes the message itself again, if anything does."""
    if endpoint.disabled_at is not None:
        raise NotFound(N_("There is no such address."))
    if len(arrived.body) > LONGEST_BODY:
        raise Invalid(N_("A message has at most %(most)s MB."), most=LONGEST_BODY >> 20)
    try:
        secrets = secrets_of(endpoint, now)
    except Unsealable:
        raise NotSigned(
            N_("The secret of this address must be entered again: the installation has another key.")
        ) from None
    found = verified(endpoint.sender, arrived, secrets, now)
    if found is None:
        raise NotSigned(N_("This message is not signed with the secret of this address, or was sent too long ago."))
    return found.key


def count_message(session: Session, endpoint_id: int, now: datetime) -> None:
    wait_s = limits.take(session, {f"inbound {endpoint_id}": MOST_A_MINUTE}, timedelta(minutes=1), now)
    if wait_s:
        raise TooMany(
            N_("Too many messages; please send again in %(seconds)s s."), retry_after_s=wait_s, seconds=wait_s
        )


def keep(session: Session, endpoint: InboundEndpoint, key: str | None, body: bytes) -> bool:
    """A row first, in its own transaction; then a job reads it. False: it is there already. One that failed is read
    again when the helpdesk sends it again."""
    written = body.decode("utf-8", "replace").replace("\x00", "")
    message = InboundMessage(endpoint_id=endpoint.id, message_key=key or f"own:{new_id()}", body=written)
    new = insert_if_missing(session, InboundMessage, message.model_dump())
    if not new:
        session.execute(
            update(InboundMessage)
            .where(
                col(InboundMessage.endpoint_id) == endpoint.id,
                col(InboundMessage.message_key) == message.message_key,
                col(InboundMessage.state) == InboundState.FAILED,
            )
            .values(state=InboundState.WAITING, tries=0)
        )
    enqueue(session, PROCESS, key=PROCESS)
    return new


def try_again(session: Session, actor: Viewer, message: InboundMessage) -> None:
    if message.state is not InboundState.FAILED:
        raise Conflict(N_("Only a message that failed can be read again."))
    message.state, message.tries = InboundState.WAITING, 0
    enqueue(session, PROCESS, key=PROCESS)
    record(session, actor, None, "inbound.tried_again", message=str(message.id))


# --- what the job does -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    id: int
    tries: int


def next_waiting(session: Session, after: int) -> Waiting | None:
    """The oldest that waits, beyond those that this run has tried."""
    found = session.exec(
        select(InboundMessage)
        .where(col(InboundMessage.state) == InboundState.WAITING, col(InboundMessage.id) > after)
        .order_by(col(InboundMessage.id))
        .limit(1)
    ).first()
    return None if found is None else Waiting(found.id, found.tries)


def process(session: Session, message_id: int) -> None:
    """Read one message and take in what it tells, in one transaction with saying so: a kill leaves it waiting."""
    message = session.exec(select(InboundMessage).where(col(InboundMessage.id) == message_id).with_for_update()).one()
    if message.state is not InboundState.WAITING:
        return
    endpoint = session.get_one(InboundEndpoint, message.endpoint_id)
    try:
        payload = json.loads(message.body)
    except (ValueError, RecursionError) as wrong:
        raise BadPayload(text(N_("This is not JSON: %(problem)s"), problem=str(wrong)[:120])) from wrong
    patches = records_from(endpoint.sender, payload, message.received_at)
    records = made_whole(session, endpoint.sender.value, patches)
    applied = take_in(session, system_viewer(), records, title=endpoint.sender.words)
    message.new, message.updated, message.unchanged = applied.new, applied.updated, applied.unchanged
    message.unmatched = applied.unmatched
    message.state, message.reason, message.reason_values = InboundState.DONE, "", {}
    message.tries += 1
    message.done_at = machine_now()


def mark_failed(session: Session, message_id: int, reason: Text, *, for_good: bool) -> None:
    """Whoever runs the helpdesk's connection sees why. ``for_good``: reading it again would end the same."""
    message = session.exec(select(InboundMessage).where(col(InboundMessage.id) == message_id).with_for_update()).first()
    if message is None or message.state is not InboundState.WAITING:
        return
    message.tries += 1
    message.reason = reason.message[:300]
    message.reason_values = {name: str(value)[:200] for name, value in reason.values.items()}
    if for_good or message.tries >= MOST_TRIES:
        message.state, message.done_at = InboundState.FAILED, machine_now()


def forget_read(session: Session, now: datetime) -> int:
    gone = 0
    for state, kept in ((InboundState.DONE, KEPT), (InboundState.FAILED, KEPT_FAILED)):
        found = session.execute(
            delete(InboundMessage).where(
                col(InboundMessage.state) == state, col(InboundMessage.received_at) < now - kept
            )
        )
        gone += int(found.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts
    return gone
