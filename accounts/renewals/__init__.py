"""What is expected of each contract's decision: forecast, amount, and how both changed week by week."""
