"""The network, who passes through its private ways, and a second lock on the data tier."""
