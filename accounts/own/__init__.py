"""A company's own fields: what they hold, where they are shown, and how they are changed."""
