"""Tasks: what a person must do by a day, once or again and again."""
