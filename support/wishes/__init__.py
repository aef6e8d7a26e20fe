"""That a customer asked to speak with a person: found in what they wrote, shown until somebody has spoken with them."""
