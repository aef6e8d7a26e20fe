"""Ticket histories out of files: a mapping says what the columns mean, chunks bring them in, twice is once."""
