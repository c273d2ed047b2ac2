"""The whole exchange again, slow and plain, written from docs/exchange-log.md: it shares no code with the core.

`machine.Model` predicts every outcome, event and image. Where the two differ, one of them is wrong.
"""
