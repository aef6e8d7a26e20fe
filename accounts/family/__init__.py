"""Parent and subsidiaries: who belongs to whom, and what they come to together."""
