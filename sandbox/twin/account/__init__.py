"""The account: moto's AWS APIs on loopback, with a journal, so that they survive stop and crash."""
