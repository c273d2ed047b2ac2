"""What the services agree on: the messages of proto/, the price ladder, money and command keys."""
