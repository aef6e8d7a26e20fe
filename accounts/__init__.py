"""Accounts, contacts, contracts and ARR movements, team and access, assignments, tasks, interactions, own fields."""
