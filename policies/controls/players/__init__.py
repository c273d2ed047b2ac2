"""Players: who may bet, how much, and what is kept apart for them."""
