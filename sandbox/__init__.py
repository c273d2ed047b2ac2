"""The stack `local`: the whole exchange on one machine, with no account and no container."""
