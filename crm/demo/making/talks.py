"""Talks and tasks."""

from __future__ import annotations

from accounts.models import Interaction, Task
from accounts.service.interactions import is_two_way
from crm.demo.making.writing import Writing


def write_talks(w: Writing) -> None:
    w.put(
        Interaction,
        (
            {
                "account_id": w.accounts[talk.company],
                "contact_id": w.contact(talk.contact) if talk.contact else None,
                "author_id": w.user(talk.author),
                "channel": talk.channel,
                "direction": talk.direction,
                "two_way": is_two_way(talk.channel, talk.direction, mass=talk.mass),
                "automatic": False,
                "mass": talk.mass,
                "subject": talk.subject,
                "body": talk.body,
                "duration_minutes": talk.minutes,
                "source_key": None,
                "external_id": None,
                "happened_at": talk.at,
                "known_at": w.book.now,
                "closed_at": None,
            }
            for talk in w.history.talks
        ),
    )


def write_tasks(w: Writing) -> None:
    w.put(
        Task,
        (
            {
                "account_id": w.accounts[todo.company],
                "assignee_id": w.user(todo.who),
                "title": todo.title,
                "due_on": todo.due_on,
                "interaction_id": None,
                "created_by": w.user(todo.who),
                "created_at": todo.created_at,
                "done_at": todo.done_at,
                "done_by": w.user(todo.who) if todo.done_at else None,
                "outcome": todo.outcome,
            }
            for todo in w.history.todos
        ),
    )
