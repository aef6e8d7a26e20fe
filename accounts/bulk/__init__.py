"""Changing many accounts of the list at once: chosen, looked at, done, taken back."""
