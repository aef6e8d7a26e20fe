"""The API's contribution: the tokens' page, the description, and a job that forgets."""

from datetime import datetime

from sqlmodel import Session

from crm.api.routes import router
from crm.api.service import forget_answers
from crm.clock import machine_now
from crm.contracts import Job, NavItem, Slice
from crm.text import N_
from crm.viewer import Capability


def forget(session: Session, _now: datetime) -> str:
    return f"{forget_answers(session, machine_now())} answers forgotten"


SLICE = Slice(
    name="crm.api",
    router=router,
    settings=(
        NavItem("api", N_("API tokens"), "api.tokens.index", icon="key", order=52, needs=Capability.MANAGE_USERS),
    ),
    jobs=(Job(name="api.forget", run=forget, cron="52 3 * * *", period="%Y-%m-%d"),),
)
