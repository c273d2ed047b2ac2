"""The shard's Prometheus metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_LEADING = Gauge("valletta_matching_leading", "1 while this node leads its shard.")
_EPOCH = Gauge("valletta_matching_epoch_offset", "Offset of the record that opened the epoch led by this node.")
_APPLIED = Gauge("valletta_matching_applied_offset", "Offset of the last effective record applied.")
_PUBLISHED = Gauge("valletta_matching_published_offset", "Offset of the last command record whose events are out.")
_QUEUED = Gauge("valletta_matching_queued_commands", "Commands that wait for their turn.")
_COMMANDS = Counter("valletta_matching_commands", "Commands acknowledged by the log.")
_UNKNOWN = Counter("valletta_matching_unknown_appends", "Appends that were not acknowledged.", ["log"])
_BATCH = Histogram(
    "valletta_matching_batch_commands", "Commands a record.", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
)
_APPEND = Histogram("valletta_matching_append_seconds", "Time to the log's acknowledgement.", buckets=_SECONDS)
_APPLY = Histogram("valletta_matching_apply_seconds", "Time to apply a record.", buckets=_SECONDS)


class Metrics:
    """The observer of production."""

    def leading(self, epoch_offset: int) -> None:
        """Note the epoch."""
        _LEADING.set(1)
        _EPOCH.set(epoch_offset)

    def stopped_leading(self) -> None:
        """Note that it ended."""
        _LEADING.set(0)

    def acknowledged(self, offset: int, commands: int, seconds: float) -> None:
        """Note a batch and how long the log took."""
        _COMMANDS.inc(commands)
        _BATCH.observe(commands)
        _APPEND.observe(seconds)

    def applied(self, offset: int, seconds: float) -> None:
        """Note how far the state is."""
        _APPLIED.set(offset)
        _APPLY.observe(seconds)

    def followed(self, offset: int) -> None:
        """Note how far the state is: of a node that stands by, how far it lags."""
        _APPLIED.set(offset)

    def published(self, offset: int, records: int) -> None:
        """Note how far the events are."""
        _PUBLISHED.set(offset)

    def queued(self, commands: int) -> None:
        """Note the queue's length."""
        _QUEUED.set(commands)

    def unknown(self, log: str) -> None:
        """Count an append of unknown outcome."""
        _UNKNOWN.labels(log=log).inc()
