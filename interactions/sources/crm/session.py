"""The one way requests leave: to the configured host alone, over checked addresses, patiently, and within bounds.

A `requests` session that dlt's REST client sends its requests by. It adds the token when a request leaves, so that
neither dlt nor its logs ever hold it; follows redirects within the host itself; waits when it is told to; renews an
expired token and asks for the same page again; and hands on nothing but JSON.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests
from requests.exceptions import ChunkedEncodingError as CutShort
from requests.exceptions import ConnectionError as Unreachable
from requests.exceptions import ContentDecodingError, RequestException, SSLError, Timeout

from interactions.sources.addresses import Resolver, check_url, same_origin
from interactions.sources.crm.authentication import Access
from interactions.sources.crm.connections import CheckedAdapter
from interactions.sources.crm.waiting import Waiting
from workspace.errors import SourceError

_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429, 500, 502, 503, 504)
_EMPTY = (204, 304)
_MOST_REDIRECTS = 5
_CODE = re.compile(r"[A-Za-z0-9_.-]{2,60}")


class FieldGoneError(SourceError):
    """The service says that a field asked for doesn't exist."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{what} has no field `{field}`. Name another in the source's options, or give access to it.")
        self.field = field


@dataclass(frozen=True)
class Bounds:
    """What a source's requests may lead to and cost."""

    base_url: str
    allowed: tuple[str, ...] = ()
    timeout: float = 60
    attempts: int = 5
    most_bytes: int = 64 * 2**20
    gone_status: int | None = None
    gone_pattern: str | None = None


class _UnusableError(Exception):
    """An answer that may be better another time; its text says what was wrong with it."""


class Session(requests.Session):
    """Sends requests to `bounds.base_url`'s host, let in by `access`; `what` names source and resource in errors."""

    def __init__(
        self, bounds: Bounds, access: Access, waiting: Waiting, what: str, resolve: Resolver | None = None
    ) -> None:
        super().__init__()
        # No proxy, no .netrc: what the environment says of them would go past the check of addresses.
        self.trust_env = False
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self.bounds, self.access, self.waiting, self.what = bounds, access, waiting, what
        for scheme in ("https://", "http://"):
            self.mount(scheme, CheckedAdapter(bounds.allowed, resolve))

    def ask(self, url: str, form: dict[str, str]) -> Any:
        """The content of the answer to a form sent by POST: how tokens are asked for."""
        request = requests.Request("POST", url, data=form, headers={"Accept": "application/json"})
        return self.send(self.prepare_request(request)).json()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """The answer to a request: JSON, or nothing (204, 304).

        Raises SourceError saying why there is none.
        """
        attempt, renewed = 1, False
        while True:
            problem, retry_after = "", None
            try:
                response = self._follow(request)
                if response.status_code == 401 and self.access.renewable and not renewed:
                    self.access.renew()
                    renewed = True
                    continue
                if response.status_code not in _LATER:
                    return _hooked(request, self._usable(response))
                problem, retry_after = f"answered {response.status_code}", response.headers.get("Retry-After")
            except _UnusableError as error:
                problem = str(error)
            except RequestException as error:
                problem = self._explain(error)
            attempt += 1
            self._give_up_after(attempt, problem)
            self.waiting.before(attempt, retry_after, f"{self.what} {problem}")

    def _give_up_after(self, attempt: int, problem: str) -> None:
        if attempt > self.bounds.attempts:
            raise SourceError(f"{self.what} {problem}, {self.bounds.attempts} times. Run it again later.")

    def _follow(self, request: requests.PreparedRequest) -> requests.Response:
        """One answer, after redirects: only within the host, and none for what carries secrets in its body."""
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._send_once(request)
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or location is None:
                return response
            if request.method != "GET":
                raise SourceError(f"{self.what} redirects a sign-in, which is not followed. Correct its address.")
            request = request.copy()
            request.url = urljoin(str(request.url), location)
        raise SourceError(f"{self.what} redirects more than {_MOST_REDIRECTS} times in a row. Correct `base_url`.")

    def _send_once(self, request: requests.PreparedRequest) -> requests.Response:
        url = str(request.url)
        check_url(url, self.bounds.allowed)
        if not same_origin(url, self.bounds.base_url):
            raise SourceError(
                f"{self.what} leads to another host than it was configured for; the token is not sent there. "
                "Correct `base_url` if the service has moved."
            )
        carrying = request.copy()
        carrying.hooks = {}
        header = self.access.header()
        if header is not None:
            carrying.headers["Authorization"] = header
        timeout = (min(self.bounds.timeout, 20.0), self.bounds.timeout)
        response = super().send(
            carrying, timeout=timeout, allow_redirects=False, stream=True, verify=self.verify, proxies={}
        )
        with response:
            self._read(response)
        return response

    def _read(self, response: requests.Response) -> None:
        """Take the answer in, as far as the bound goes."""
        parts, size = [], 0
        for part in response.iter_content(65536):
            size += len(part)
            if size > self.bounds.most_bytes:
                raise SourceError(
                    f"{self.what} answered with a page of more than {self.bounds.most_bytes // 2**20} MB. "
                    "Ask for smaller pages by `page_size`, or raise `max_page_mb`."
                )
            parts.append(part)
        response._content = b"".join(parts)

    def _usable(self, response: requests.Response) -> requests.Response:
        if response.status_code in _EMPTY:
            return response
        if not 200 <= response.status_code < 300:
            raise self._refused(response)
        content = self._parsed(response)
        # Read once: dlt's client and its paginators ask for it several times.
        setattr(response, "json", lambda **_: content)  # noqa: B010
        return response

    def _parsed(self, response: requests.Response) -> Any:
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            kind = response.headers.get("Content-Type", "no type").partition(";")[0].strip()[:60]
            raise _UnusableError(f"answered with what is not JSON ({kind})") from None

    def _refused(self, response: requests.Response) -> SourceError:
        status = response.status_code
        if status == self.bounds.gone_status and self.bounds.gone_pattern is not None:
            gone = re.search(self.bounds.gone_pattern, response.text)
            if gone is not None:
                return FieldGoneError(gone.group(1)[:120], self.what)
        said = f"{self.what} answered {status}{_code(response)}"
        if status == 401:
            return SourceError(f"{said}: the token is not accepted. Check the secrets in the environment.")
        if status == 403:
            return SourceError(f"{said}: this user may not read it, or has read too much. Check its rights and limits.")
        if status == 404:
            return SourceError(f"{said}: there is nothing at this address. Check `base_url` and the path.")
        return SourceError(f"{said}. Check the source's options.")

    def _explain(self, error: RequestException) -> str:
        """What stopped a request, without its address, which may hold a query."""
        if isinstance(error, SSLError):
            raise SourceError(
                f"{self.what} has a certificate that can't be trusted. Check the address; name your own authority's "
                "certificate by SSL_CERT_FILE."
            ) from None
        if isinstance(error, Timeout):
            return f"did not answer within {self.bounds.timeout:g} s"
        if isinstance(error, CutShort | ContentDecodingError):
            return "broke off in the middle of an answer"
        if isinstance(error, Unreachable):
            return "can't be reached, or closed the connection"
        raise SourceError(f"{self.what} can't be asked ({type(error).__name__}). Check the source's options.") from None


def _hooked(request: requests.PreparedRequest, response: requests.Response) -> requests.Response:
    """What dlt hooks to a request, called once for its final answer, when that has been read and let go."""
    for hook in request.hooks.get("response", ()):
        hook(response)
    return response


def _code(response: requests.Response) -> str:
    """The service's own code for an error, if it looks like one; never its text, which may repeat what was sent."""
    try:
        content = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    for place in content[:1] if isinstance(content, list) else [content]:
        if isinstance(place, dict):
            inner = place.get("error")
            places = [place, inner] if isinstance(inner, dict) else [place]
            for name in ("errorCode", "code", "error"):
                for one in places:
                    code = one.get(name)
                    if isinstance(code, str) and _CODE.fullmatch(code):
                        return f" ({code})"
    return ""
