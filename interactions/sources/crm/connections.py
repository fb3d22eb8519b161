"""Connections to addresses that were checked: the host is resolved, judged and connected to in one step."""

from __future__ import annotations

import socket
from collections.abc import Collection
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from interactions.sources.addresses import Resolver, resolved


class CheckedAdapter(HTTPAdapter):
    """Carries requests over connections that only checked addresses get; certificates are those of the host's name."""

    def __init__(self, allowed: Collection[str] = (), resolve: Resolver | None = None) -> None:
        self._allowed, self._resolve = frozenset(allowed), resolve
        super().__init__(pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._allowed, self._resolve)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Never: behind a proxy nobody could say which address is asked."""
        raise NotImplementedError("proxies are not used")


def _pools(allowed: Collection[str], resolve: Resolver | None) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, allowed, resolve)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, allowed, resolve)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _connect(connection: HTTPConnection, allowed: Collection[str], resolve: Resolver | None) -> socket.socket:
    timeout = connection.timeout if isinstance(connection.timeout, int | float) else None
    port = connection.port or connection.default_port
    failure: OSError | None = None
    for address in resolved(connection.host.strip("[]"), port, allowed, resolve):
        try:
            return socket.create_connection((address, port), timeout, connection.source_address)
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, "timed out") from failure
    raise NewConnectionError(connection, "no address answers") from failure
