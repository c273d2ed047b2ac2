"""Which of a shard's nodes tries to lead: a lease that one holds at a time, renews while it leads, and releases.

Safety never depends on it. Who *does* lead is decided by the epoch in the log, and by nothing else: a node that wrongly
believes in its lease can append, but what it appends after another node's epoch record is void for everybody, and its
acknowledgement at another offset than expected stops it. The lease is there for availability: it keeps two nodes from
taking the log from each other in turns, it names a successor within its duration when a node falls silent, and at once
when a node goes in order. It also bounds how long a node that is cut off goes on answering reads from its own state.
"""
