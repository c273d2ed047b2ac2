"""The product as its users meet it: the command, from nothing to a settled bet and down again."""
