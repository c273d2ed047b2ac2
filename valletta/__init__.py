"""The `valletta` command, over everything else in the house."""
