"""The day's round: decisions that came within reach overnight, and what no fact told."""

from accounts.plays.triggers import daily_round
from crm.contracts import Job

DAILY_ROUND = Job(name="plays.daily", cron="20 0 * * *", period="%Y-%m-%d", run=daily_round)
