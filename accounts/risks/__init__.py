"""What may cost us revenue at an account: why, how much, who does what about it by when."""
