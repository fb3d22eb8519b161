"""Requests sent to a service on this machine over connections that are kept: as fast as it answers, or at a rate.

At a rate, latency counts from the moment a request was due, not from when a connection was free for it: a service that
stalls doesn't hide it (coordinated omission). One thread, bare sockets: about 20 µs of CPU a request.
"""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_RECEIVED = 1 << 18
# How long the last answers are waited for.
_PATIENCE = 35.0


@dataclass
class Load:
    """What came of it. `latencies`: seconds of each answered request; status 0: the connection broke."""

    seconds: float = 0.0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Milliseconds within which this share was answered."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, key: str = "", body: bytes = b"", host: str = "127.0.0.1") -> bytes:
    """The bytes of a request; with a body it is JSON."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Accept: */*"]
    lines += [f"Authorization: Bearer {key}"] if key else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def as_fast_as_answered(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Every connection sends its next request when it has its answer; one at least."""
    with _Sending(port, requests, connections) as sending:
        return sending.closed(seconds)


def at_rate(port: int, requests: Sequence[bytes], rate: float, connections: int, seconds: float) -> Load:
    """`rate` requests a second, evenly; those that find no connection free wait, and their wait counts."""
    with _Sending(port, requests, connections) as sending:
        return sending.opened(rate, seconds)


class _Connection:
    def __init__(self, port: int) -> None:
        self.port = port
        self.due = 0.0
        self.received = bytearray()
        self.unsent = b""
        self.socket = self._connected()

    def _connected(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setblocking(False)
        return made

    def again(self) -> None:
        """Connect anew, after the service closed it."""
        self.socket.close()
        self.received.clear()
        self.unsent = b""
        self.socket = self._connected()

    def send(self, message: bytes, due: float) -> None:
        self.due = due
        self.received.clear()
        self.unsent = message
        self.push()

    def push(self) -> None:
        """Send what the socket takes."""
        try:
            sent = self.socket.send(self.unsent)
        except BlockingIOError:
            return
        self.unsent = self.unsent[sent:]

    def status(self) -> int | None:
        """The status once the whole answer is there."""
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.received[:end]).lower()
        status = int(head[9:12])
        if status in (204, 304):
            return status
        at = head.find(b"\r\ncontent-length:")
        if at >= 0:
            length = int(head[at + 17 :].split(b"\r\n", 1)[0])
            return status if len(self.received) >= end + 4 + length else None
        return status if self.received.endswith(b"0\r\n\r\n") else None


class _Sending:
    """The connections of one load, and what has come back."""

    def __init__(self, port: int, requests: Sequence[bytes], connections: int) -> None:
        self.messages: Iterator[bytes] = itertools.cycle(requests)
        self.selector = selectors.DefaultSelector()
        self.free: deque[_Connection] = deque()
        self.all = [_Connection(port) for _ in range(connections)]
        for connection in self.all:
            self._watch(connection)
            self.free.append(connection)
        self.load = Load()

    def __enter__(self) -> _Sending:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self.all:
            connection.socket.close()
        self.selector.close()

    def closed(self, seconds: float) -> Load:
        begun, cpu = time.perf_counter(), time.process_time()
        moment, until = begun, begun + seconds
        while True:
            while self.free:
                self._send(self.free.popleft(), moment)
            self._receive(max(0.0, until - moment))
            moment = time.perf_counter()
            if moment >= until:
                break
        self._drain()
        return self._ended(begun, cpu)

    def opened(self, rate: float, seconds: float) -> Load:
        begun, cpu = time.perf_counter(), time.process_time()
        number, total = 0, int(rate * seconds)
        # Those that are due already have waited for a connection since then.
        while number < total:
            moment = time.perf_counter()
            while self.free and number < total and begun + number / rate <= moment:
                self._send(self.free.popleft(), begun + number / rate)
                number += 1
            if moment > begun + seconds + _PATIENCE:
                break
            wait = begun + number / rate - time.perf_counter()
            self._receive(max(0.0, wait) if self.free else 1.0)
        self._drain()
        return self._ended(begun, cpu)

    def _drain(self) -> None:
        until = time.perf_counter() + _PATIENCE
        while len(self.free) < len(self.all) and time.perf_counter() < until:
            self._receive(0.1)

    def _ended(self, begun: float, cpu: float) -> Load:
        self.load.seconds, self.load.cpu = time.perf_counter() - begun, time.process_time() - cpu
        return self.load

    def _send(self, connection: _Connection, due: float) -> None:
        try:
            connection.send(next(self.messages), due)
        except OSError:
            self._broken(connection)
            return
        if connection.unsent:
            self.selector.modify(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)

    def _receive(self, seconds: float) -> None:
        for key, events in self.selector.select(max(0.0, seconds)):
            connection: _Connection = key.data
            try:
                self._continue(connection, events)
            except OSError:
                self._broken(connection)

    def _continue(self, connection: _Connection, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            connection.push()
            if not connection.unsent:
                self.selector.modify(connection.socket, selectors.EVENT_READ, connection)
        if not events & selectors.EVENT_READ:
            return
        received = connection.socket.recv(_RECEIVED)
        if not received:
            self._broken(connection)
            return
        connection.received += received
        status = connection.status()
        if status is not None:
            self.load.latencies.append(time.perf_counter() - connection.due)
            self.load.statuses[status] += 1
            self.free.append(connection)

    def _broken(self, connection: _Connection) -> None:
        """Count the request it was waiting for, if any, and connect again."""
        self.selector.unregister(connection.socket)
        if connection not in self.free:
            self.load.statuses[0] += 1
            self.free.append(connection)
        connection.again()
        self._watch(connection)

    def _watch(self, connection: _Connection) -> None:
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
