"""What a server counts, for Prometheus and for /health."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS_S = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1.0)


class Metrics:
    """See the module's docstring.

    Args:
        max_streams: Places.
        count_hops: Gives hops done so far.
        count_busy_s: Gives seconds spent on them.

    Attributes:
        streams: Clients with a place.
        late: Blocks whose stems were ready too late.
        refused: Clients that were not served (any more), by reason.
        load: Share of the time that the runner was busy, lately.
        latency_s: From the last byte of a block to the last of its stems being ready to be sent.

    Thread: the event loop's. Allocates: yes, bounded.
    """

    def __init__(
        self, max_streams: int, count_hops: Callable[[], int], count_busy_s: Callable[[], float]
    ) -> None:
        own = self._registry = CollectorRegistry()
        self.streams = Gauge("streamsep_streams", "Clients with a place.", registry=own)
        places = Gauge("streamsep_places", "Clients that can be served at once.", registry=own)
        places.set(max_streams)
        self.served = Counter("streamsep_served", "Clients that got a place.", registry=own)
        self.late = Counter("streamsep_late_blocks", "Blocks ready too late.", registry=own)
        self.blocks = Counter("streamsep_blocks", "Blocks of sound.", registry=own)
        self.refused = Counter("streamsep_refused", "Refusals.", ["reason"], registry=own)
        self.load = Gauge("streamsep_load", "Share of the time spent on hops.", registry=own)
        self._hops = Counter("streamsep_hops", "Hops done.", registry=own)
        self._busy = Counter("streamsep_busy_seconds", "Time spent on hops.", registry=own)
        self.latency_s = Histogram(
            "streamsep_block_latency_seconds",
            "From a block's last byte to its stems.",
            buckets=_BUCKETS_S,
            registry=own,
        )
        self._count_hops, self._count_busy_s = count_hops, count_busy_s
        self._n_hops, self._busy_s = 0, 0.0

    def update(self, passed_s: float) -> None:
        """Take over what the runner counted, so long after the last time."""
        n_hops, busy_s = self._count_hops(), self._count_busy_s()
        self._hops.inc(n_hops - self._n_hops)
        self._busy.inc(busy_s - self._busy_s)
        self.load.set(min(1.0, (busy_s - self._busy_s) / passed_s))
        self._n_hops, self._busy_s = n_hops, busy_s

    def text(self) -> bytes:
        """As Prometheus reads it."""
        return generate_latest(self._registry)
