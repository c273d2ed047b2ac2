"""The AWS account twin: the account server, and the provider that works on it."""
