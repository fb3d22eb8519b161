"""Counters for Prometheus: requests by route template, method and status, and their seconds; nothing a caller sent."""

import os
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counters of one process; with several workers the text adds up all of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "rapport_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "rapport_request_seconds", "Seconds to answer", ["route"], buckets=_SECONDS, registry=self.registry
        )
        # Of what was asked before: to find a counter by its labels takes as long as to count. Few: routes are ours.
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request under its route's template."""
        counted = self._counted.get((method, route, status))
        if counted is None:
            counted = self._requests.labels(method, route, str(status)), self._seconds.labels(route)
            self._counted[method, route, status] = counted
        counted[0].inc()
        counted[1].observe(seconds)

    def text(self) -> tuple[bytes, str]:
        """The counters in Prometheus' text format, and its media type."""
        registry: Any = self.registry
        # BentoML gives its workers a folder to share their counters in; prometheus_client then keeps them there.
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            collect: Any = MultiProcessCollector
            collect(registry)
        return generate_latest(registry), CONTENT_TYPE_LATEST
