"""What the account refuses, what looks at it all the time, and who is told."""
