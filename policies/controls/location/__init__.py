"""Place: where the exchange and its records are, and who supplies it."""
