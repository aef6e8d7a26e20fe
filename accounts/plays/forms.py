"""What a browser may send about plays. Steps come as columns: the first of each list belong together."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from accounts.forms import RowId, Whole, sent_as
from accounts.models import Stage
from accounts.plays.models import Anchor, PlayRole, Trigger
from accounts.plays.service import BANDS, PlayPlan, StepPlan
from crm.text import N_, text
from crm.web.forms import Form, OrNone, Submitted

Days = Annotated[Annotated[Whole, Field(le=400)] | None, OrNone]


class PlayForm(Form):
    title: Annotated[str, Field(min_length=1, max_length=120)]
    purpose: Annotated[str, Field(max_length=500)] = ""
    trigger: Trigger
    stage: Annotated[Stage | None, OrNone] = None
    band: Annotated[str, Field(max_length=8)] = ""
    days_before: Annotated[Annotated[Whole, Field(ge=1, le=400)] | None, OrNone] = None
    step_title: list[str] = []  # noqa: RUF012 - pydantic copies it
    step_role: list[str] = []  # noqa: RUF012
    step_days: list[str] = []  # noqa: RUF012
    step_anchor: list[str] = []  # noqa: RUF012

    @field_validator("band")
    @classmethod
    def _known_band(cls, band: str) -> str:
        if band and band not in BANDS:
            raise ValueError(text(N_("“%(input)s” is not one of the choices."), input=band))
        return band

    @model_validator(mode="after")
    def _whole_steps(self) -> PlayForm:
        self.steps()
        return self

    def steps(self) -> list[StepPlan]:
        """Rows without a title are left out."""
        found = []
        for place, title in enumerate(self.step_title):
            title = " ".join(title.split())
            if not title:
                continue
            if len(title) > 300:
                raise ValueError(text(N_("Step %(n)s: please write at most 300 characters."), n=place + 1))
            days = _at(self.step_days, place).strip() or "0"
            if not (days.isascii() and days.isdigit() and int(days) <= 400):
                raise ValueError(text(N_("Step %(n)s: please give the days as a number from 0 to 400."), n=place + 1))
            try:
                role, anchor = PlayRole(_at(self.step_role, place)), Anchor(_at(self.step_anchor, place))
            except ValueError:
                wrong = text(N_("Step %(n)s: please choose who does it and from when."), n=place + 1)
                raise ValueError(wrong) from None
            found.append(StepPlan(title, role, anchor, int(days)))
        return found

    def plan(self) -> PlayPlan:
        value = {Trigger.STAGE: self.stage.value if self.stage else "", Trigger.BAND: self.band}.get(self.trigger, "")
        days = self.days_before if self.trigger is Trigger.DECISION else None
        return PlayPlan(self.title, self.trigger, self.steps(), self.purpose, value, days)


def _at(values: list[str], place: int) -> str:
    return values[place] if place < len(values) else ""


class SwitchForm(Form):
    on: bool


class StartForm(Form):
    """``play`` empty: these accounts were chosen, and which play is asked."""

    account_id: list[RowId] = []  # noqa: RUF012
    play: Annotated[RowId | None, OrNone] = None

    @field_validator("account_id")
    @classmethod
    def _once(cls, ids: list[int]) -> list[int]:
        return list(dict.fromkeys(ids))


class StopForm(Form):
    reason: Annotated[str, Field(min_length=1, max_length=300)]


def step_rows(raw: dict[str, Any] | None, plan: PlayPlan | None) -> list[dict[str, str]]:
    """What the form's rows hold: as typed, else as the play has them; and some empty ones."""
    rows: list[dict[str, str]] = []
    if raw and raw.get("step_title"):
        lists = {name: raw.get(f"step_{name}") or [] for name in ("title", "role", "days", "anchor")}
        rows = [{name: _at(lists[name], place) for name in lists} for place in range(len(lists["title"]))]
    elif plan is not None:
        rows = [
            {"title": step.title, "role": step.role.value, "days": str(step.days), "anchor": step.anchor.value}
            for step in plan.steps
        ]
    rows = [row for row in rows if row["title"].strip()]
    return rows + [{"title": "", "role": "owner", "days": "", "anchor": "start"}] * max(2, 5 - len(rows))


PlaySubmitted = Annotated[Submitted[PlayForm], sent_as(PlayForm)]
SwitchSubmitted = Annotated[Submitted[SwitchForm], sent_as(SwitchForm)]
StartSubmitted = Annotated[Submitted[StartForm], sent_as(StartForm)]
StopSubmitted = Annotated[Submitted[StopForm], sent_as(StopForm)]
