import ipaddress
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.sources.addresses import check_url, is_public, resolved, same_origin
from workspace.errors import SourceError

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
    "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::1",
    "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1", "3fff::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
          "64:ff9b::808:808", "2002:808:808::1", "2a00:1450:4001::8a")  # fmt: skip


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_public_is_refused_as_address_and_behind_a_name(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    with pytest.raises(SourceError, match="not a public address"):
        resolved("crm.example.com", 443, resolve=lambda host, port: ["8.8.8.8", text])
    url = f"https://[{text}]/x" if ":" in text else f"https://{text}/x"
    with pytest.raises(SourceError, match="not a public address"):
        check_url(url)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_pass(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))
    assert resolved("crm.example.com", 443, resolve=lambda host, port: [text]) == [text]


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "017700000001", "1.2.3.4.5", "0x",
     "256.1.1.1", "127.0.0.1.", "a..b", "-a.com", "ⓛocalhost", "１２７.0.0.1", "exa mple.com", "a%2eb.com"],
)  # fmt: skip
def test_hosts_in_disguise_are_refused_before_they_are_looked_up(host: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError("looked up")

    with pytest.raises(SourceError, match=r"neither a name nor|not a public|not a URL"):
        check_url(f"https://{host}/")
    with pytest.raises(SourceError, match=r"neither a name nor|not a public"):
        resolved(host, 443, resolve=never)


@pytest.mark.parametrize(
    "url",
    ["http://api.example.com/", "ftp://api.example.com/", "file:///etc/passwd", "//api.example.com", "api.example.com",
     "https:///x", "https://api.example.com@127.0.0.1/", "https://user:secret@api.example.com/", "https://[::1/",
     "https://api.example.com:99999/", "gopher://x", ""],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_refused_and_no_secret_is_told(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        check_url(url)
    assert "secret@" not in str(caught.value)


def test_a_named_private_host_may_be_http_and_only_that_one() -> None:
    assert check_url("http://127.0.0.1:8080/x", ["127.0.0.1"]).port == 8080
    assert resolved("crm.lan", 80, ["CRM.lan"], lambda host, port: ["10.0.0.7"]) == ["10.0.0.7"]
    with pytest.raises(SourceError):
        check_url("http://127.0.0.2/", ["127.0.0.1"])
    with pytest.raises(SourceError):
        resolved("other.lan", 80, ["crm.lan"], lambda host, port: ["10.0.0.7"])


def test_localhost_is_looked_up_and_refused() -> None:
    with pytest.raises(SourceError, match="not a public address"):
        resolved("localhost", 443)


def test_an_unknown_host_is_an_error_of_one_sentence() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(SourceError, match="not known"):
        resolved("nowhere.example.com", 443, resolve=unknown)


def test_origin_is_scheme_host_and_port() -> None:
    assert same_origin("https://a.com/x", "https://A.com:443/y?z=1")
    for other in ("http://a.com/x", "https://a.com:8443/x", "https://a.com.evil.org/", "https://b.a.com/"):
        assert not same_origin("https://a.com/x", other)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_judged_alike_in_every_dress(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    for dressed in (f"::ffff:{plain}", f"64:ff9b::{plain}", str(ipaddress.IPv6Address((0x2002 << 112) | number << 80))):
        assert is_public(ipaddress.ip_address(dressed)) == is_public(plain)


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(address):
        inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        judged = inner or address
        assert judged.is_global
        assert not any((judged.is_private, judged.is_multicast, judged.is_loopback, judged.is_link_local))


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_clear_refusal(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/"):
        with suppress(SourceError):
            assert check_url(url).scheme == "https"
