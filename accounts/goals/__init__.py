"""What the customer wants to reach with us, by when, and what shows that they do."""
