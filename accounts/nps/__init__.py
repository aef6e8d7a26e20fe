"""Answers to "would you recommend us?": who, when, 0 to 10, and why."""
