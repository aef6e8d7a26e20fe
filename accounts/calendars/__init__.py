"""Meetings without retyping: calendars are read, matched to accounts by who attends, and ours are offered to others."""
