"""How plays are spoken of."""

from __future__ import annotations

from accounts.models import Stage
from accounts.plays.models import Anchor, Play, PlayRun, PlayStep, Trigger
from crm.text import N_, Text, plural, text

BAND_WORDS = {"green": N_("green"), "amber": N_("amber"), "red": N_("red"), "unknown": N_("unknown")}


def trigger_words(play: Play) -> Text:
    match play.trigger:
        case Trigger.STAGE:
            return text(N_("when the stage becomes %(stage)s"), stage=text(Stage(play.trigger_value).words))
        case Trigger.BAND:
            return text(N_("when the health becomes %(band)s"), band=text(BAND_WORDS[play.trigger_value]))
        case Trigger.DECISION:
            return plural(
                N_("%(n)s day before the decision"), N_("%(n)s days before the decision"), play.trigger_days or 0
            )
        case Trigger.CHAMPION_LEFT:
            return text(N_("when the champion has left"))
        case _:
            return text(N_("by hand"))


def step_words(step: PlayStep) -> Text:
    if step.anchor is Anchor.DECISION:
        if step.days == 0:
            return text(N_("on the day they decide"))
        return plural(N_("%(n)s day before they decide"), N_("%(n)s days before they decide"), step.days)
    if step.days == 0:
        return text(N_("at once"))
    return plural(N_("%(n)s day after the start"), N_("%(n)s days after the start"), step.days)


def run_words(run: PlayRun, started_by: str | None) -> Text:
    if started_by:
        return text(N_("started by %(who)s on %(day)s"), who=started_by, day=run.started_on)
    return text(N_("started by itself on %(day)s"), day=run.started_on)
