"""`valletta demo`: two people bet against each other on the running exchange, and the books agree afterwards."""
