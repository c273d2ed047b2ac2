"""Network: nothing of the exchange is reached but through its front door."""
