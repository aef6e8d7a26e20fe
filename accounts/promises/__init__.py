"""What sales or we have promised a customer, by when, and whether it was kept."""
