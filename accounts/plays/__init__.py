"""Plays: dated task lists by role, started by hand or by what happens to an account."""
