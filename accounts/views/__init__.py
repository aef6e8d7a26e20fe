"""Saved views of a list: filters, order and columns under a name. They know no list; a list has a key."""
