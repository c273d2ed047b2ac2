"""What each event changes, by subject; each module has the table of its events, and fold.py puts them together."""
