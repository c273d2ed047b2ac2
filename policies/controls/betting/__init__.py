"""Betting: a bet is what was accepted, is stopped when it must be, and ends by the published rules."""
