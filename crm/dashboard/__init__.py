"""Today, the ranked day; owns no table."""
