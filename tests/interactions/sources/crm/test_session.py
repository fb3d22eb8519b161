"""Requests: over https to the address that was checked, the token only where it belongs."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from interactions.sources.crm.authentication import FixedToken
from interactions.sources.crm.session import Bounds, Session
from interactions.sources.crm.waiting import Waiting
from workspace.errors import SourceError


@pytest.fixture
def certificate(tmp_path) -> str:
    """A certificate for crm.example.com and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "crm.example.com")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(1), now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("crm.example.com")]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return str(path)


@pytest.fixture
def secure(certificate) -> Iterator[int]:
    """An https server for crm.example.com on a port of 127.0.0.1; it answers with the Authorization it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            body = f'"{self.headers.get("Authorization")}"'.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def session(url: str, monkeypatch, answers: list[list[str]], allowed: tuple[str, ...] = ()) -> Session:
    monkeypatch.setenv("TOKEN", "t0ken")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    asked = iter(answers)
    waiting = Waiting(600, sleep=lambda _: None)
    return Session(
        Bounds(url, allowed, attempts=1), FixedToken("TOKEN", "Bearer"), waiting, "crm", lambda host, port: next(asked)
    )


def get(one: Session, url: str) -> object:
    with one:
        return one.send(one.prepare_request(requests.Request("GET", url))).json()


def test_https_goes_to_the_checked_address_and_is_checked_for_the_name(secure, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    url = f"https://crm.example.com:{secure}/x"
    one = session(url, monkeypatch, [["127.0.0.1"]], allowed=("crm.example.com",))
    assert get(one, url) == "Bearer t0ken"


def test_a_certificate_nobody_vouches_for_is_refused(secure, monkeypatch) -> None:
    url = f"https://crm.example.com:{secure}/x"
    with pytest.raises(SourceError, match="certificate that can't be trusted"):
        get(session(url, monkeypatch, [["127.0.0.1"]], allowed=("crm.example.com",)), url)


def test_a_certificate_for_another_name_is_refused(secure, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    url = f"https://other.example.com:{secure}/x"
    with pytest.raises(SourceError, match="certificate that can't be trusted"):
        get(session(url, monkeypatch, [["127.0.0.1"]], allowed=("other.example.com",)), url)


def test_the_address_is_judged_when_the_connection_is_made(monkeypatch) -> None:
    """A name that leads elsewhere a moment later (DNS rebinding) is asked once a connection, and judged by that."""

    def never(*_: object, **__: object) -> socket.socket:
        raise AssertionError("connected")

    monkeypatch.setattr(socket, "create_connection", never)
    url = "https://rebinding.example.com/x"
    with pytest.raises(SourceError, match=r"127\.0\.0\.1, which is not a public address"):
        get(session(url, monkeypatch, [["127.0.0.1"]]), url)
    with pytest.raises(SourceError, match="not a public address"):
        get(session(url, monkeypatch, [["8.8.8.8", "10.1.2.3"]]), url)


def test_only_checked_addresses_are_connected_to(monkeypatch) -> None:
    tried = []

    def note(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        tried.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", note)
    url = "https://crm.example.com/x"
    with pytest.raises(SourceError, match="can't be reached"):
        get(session(url, monkeypatch, [["8.8.8.8", "8.8.4.4"]]), url)
    assert tried == [("8.8.8.8", 443), ("8.8.4.4", 443)]
    assert all(ipaddress.ip_address(host).is_global for host, _ in tried)


def test_the_environment_sends_it_round_no_proxy(secure, certificate, monkeypatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    url = f"https://crm.example.com:{secure}/x"
    assert get(session(url, monkeypatch, [["127.0.0.1"]], allowed=("crm.example.com",)), url) == "Bearer t0ken"


@pytest.mark.parametrize(
    "url", ["https://evil.example.org/x", "https://crm.example.com:444/x", "http://crm.example.com/x"]
)
def test_another_host_port_or_scheme_gets_no_token(url, monkeypatch) -> None:
    one = session("https://crm.example.com/", monkeypatch, [["8.8.8.8"]])
    with pytest.raises(SourceError, match=r"leads to another host|not https"):
        get(one, url)
