"""Which addresses a source may be read from: https to public ones, unless its options name a private host.

A name is resolved once, every address it has is checked, and the connection goes to an address that was checked: a name
that answers differently a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Collection
from urllib.parse import SplitResult, urlsplit

from workspace.errors import SourceError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]

# What Python's `is_global` counts as public in one version or another although nothing of the public net lies there.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
)
# An IPv4 address in the last 32 bits.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*")
# A last part that is a number, decimal or hexadecimal, is read as an IPv4 address by some resolvers: 127.1, 0x7f.1.
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
_WHAT_NEXT = "Correct the address, or name the host in `allow_private_hosts` if it is your own."


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public net; IPv4 addresses inside IPv6 ones are judged as themselves."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
    if address.is_multicast or address.is_loopback or address.is_link_local or address.is_unspecified:
        return False
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    return address.is_global and not address.is_reserved


def check_url(url: str, allowed: Collection[str] = ()) -> SplitResult:
    """The parts of an address that may be asked: https, or http to a host in `allowed`; no user name, a plain host.

    Says nothing yet about where the host's name leads: `resolved` does. Raises SourceError; its text holds the host
    alone, as the rest of an address may carry a secret.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SourceError("An address is not a URL such as https://api.example.com/v1. Correct it.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise SourceError(
            f"An address begins with `{parts.scheme[:12]}:`; expected one such as https://api.example.com. Correct it."
        )
    if parts.username is not None or parts.password is not None:
        raise SourceError(f"The address of {_shown(host)} holds a user name; secrets come from the environment.")
    if host in _names(allowed):
        return parts
    if parts.scheme != "https":
        raise SourceError(f"The address of {_shown(host)} is not https. {_WHAT_NEXT}")
    _check_host(host)
    return parts


def resolved(host: str, port: int, allowed: Collection[str] = (), resolve: Resolver | None = None) -> list[str]:
    """The addresses of a host, each of them checked, to connect to as they are.

    Raises SourceError when the host is unknown, or isn't in `allowed` and any of its addresses isn't public.
    """
    if host.lower() not in _names(allowed):
        _check_host(host)
    try:
        found = (resolve or _look_up)(host, port)
    except (OSError, UnicodeError):
        raise SourceError(f"The host {_shown(host)} is not known. Check its name and the network.") from None
    if not found:
        raise SourceError(f"The host {_shown(host)} has no address. Check its name and the network.")
    if host.lower() not in _names(allowed):
        for text in found:
            _check_address(ipaddress.ip_address(text.partition("%")[0]), host)
    return found


def same_origin(first: str, second: str) -> bool:
    """Whether two addresses lead to the same scheme, host and port: a token sent to one may be sent to the other."""
    return _origin(first) == _origin(second)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or (443 if parts.scheme == "https" else 80)


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _check_host(host: str) -> None:
    literal = _literal(host)
    if literal is not None:
        _check_address(literal, host)
        return
    name = host.removesuffix(".")
    if not _HOST.fullmatch(name) or _NUMBER.fullmatch(name.rpartition(".")[2]) or len(name) > 253:
        raise SourceError(f"The host {_shown(host)} is neither a name nor a plain IP address. {_WHAT_NEXT}")


def _check_address(address: Address, host: str) -> None:
    if not is_public(address):
        raise SourceError(f"The host {_shown(host)} leads to {address}, which is not a public address. {_WHAT_NEXT}")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _look_up(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _names(allowed: Collection[str]) -> set[str]:
    return {name.lower().strip("[]") for name in allowed}


def _shown(host: str) -> str:
    return f"`{host[:80]}`"
