"""The regulator: what is shown, exported, returned and reported to it."""
