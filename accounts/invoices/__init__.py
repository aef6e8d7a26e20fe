"""What a customer owes and since when, as the books of our own accounting tell it."""
