"""The gate every request passes: its id, who is asking, whether they may, how much they send, how long it takes.

It stands around the whole service, BentoML's own routes included, and no exception gets past it: one that did would
leave the caller waiting for BentoML's whole time-out.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from contextlib import nullcontext
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access import Access
from serving.answer_memory import too_much
from serving.audit import Audit, PersonalRequest
from serving.callers import Caller
from serving.doors import Doors
from serving.errors import NotAllowed, NotFound, NotSignedIn, NotValid, RequestError, TooLarge, TooMuch, TooSlow
from serving.logs import lines_of
from serving.metrics import Metrics
from serving.policy import Rule, rule_for
from serving.problems import as_request_error, response_for
from serving.sessions import COOKIE
from serving.throttle import Throttle
from workspace.settings import LARGEST_BODY

_log = logging.getLogger("rapport.serving")

DEADLINE_SECONDS = 30.0

# As ASGI has them; those that a route sends itself are left as they are.
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


# Names a request in log and answer, no secret: asking the system for each takes a tenth of an answer's time.
_ids = random.Random(secrets.token_bytes(32))  # noqa: S311


class Gate:
    """ASGI middleware. What it lets through finds its caller in `request.state.caller`.

    `doors`: to our routes, where others stand between the gate and them. Whether a service is alive and ready is
    theirs to say.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        metrics: Metrics,
        deadline_seconds: float = DEADLINE_SECONDS,
        audit: Audit | None = None,
        throttle: Throttle | None = None,
        doors: Doors | None = None,
    ) -> None:
        self.app = app
        self.access = access
        self.metrics = metrics
        self.deadline_seconds = deadline_seconds
        self.audit = audit
        self.throttle = throttle or Throttle()
        self.doors = doors

    def behind(self, rule: Rule) -> ASGIApp:
        """Who answers: our route itself where it is one, without asking BentoML's router and ours first."""
        if self.doors is not None and rule.door != "open" and self.doors.leads(rule):
            return self.doors
        return self.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _Passage(self, scope, receive, send).go()
        elif scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        # Anything else, such as a websocket, has no rule and is not let in.


class _Passage:
    """One request on its way through the gate."""

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        self.gate = gate
        self.scope = scope
        self.receive = receive
        self.send = send
        self.headers = Headers(scope=scope)
        self.request_id = f"{_ids.getrandbits(64):016x}"
        self.rule: Rule | None = None
        self.admitted: Caller | None = None
        self.status = 0
        self.received = 0
        self.too_large = False
        self.refused = False
        self.deadline: asyncio.Timeout | None = None

    async def go(self) -> None:
        began = time.perf_counter()
        try:
            await self._admitted()
        except Exception as error:
            await self._refuse(error)
        finally:
            route = self.rule.path if self.rule is not None else "(none)"
            # Methods are words of the protocol, or somebody's invention: those are not kept.
            method = self.scope["method"] if self.rule is not None else "(any)"
            self.gate.metrics.observe(method, route, self.status, time.perf_counter() - began)
            self._note()

    async def _admitted(self) -> None:
        rule, methods = rule_for(self.scope["method"], self.scope["path"])
        self.rule = rule
        caller, by_cookie = self._caller()
        if rule is None or rule.door != "open":
            if caller is None:
                raise NotSignedIn("Send `Authorization: Bearer KEY`. `rapport keys add` makes a key.")
            if rule is None:
                raise _MethodNotAllowed(methods) if methods else NotFound("There is nothing at this path.")
            if caller.role not in rule.roles:
                raise NotAllowed(f"This needs one of the roles {', '.join(sorted(rule.roles))}.")
            self.gate.throttle.admit(caller.name)
        if by_cookie or rule.path == "/sign-in":
            self._same_origin()
        size = self._declared_size()
        if rule.personal is not None and self.gate.audit is not None and self.gate.audit.is_behind:
            await self.gate.audit.room()
        state = self.scope.setdefault("state", {})
        state["caller"] = caller
        state["request_id"] = self.request_id
        state["rule"] = rule
        state["door"] = rule.door
        state["personal"] = rule.personal
        self.admitted = caller
        try:
            async with asyncio.timeout(self.gate.deadline_seconds) as self.deadline:
                # Whether the service lives must be answered whatever else it has to do.
                with self.gate.throttle.running(size) if rule.door != "open" else nullcontext():
                    await self.gate.behind(rule)(self.scope, self._receive, self._send)
        except TimeoutError:
            raise TooSlow("Ask for less at once: a shorter range, a smaller page.") from None

    def _note(self) -> None:
        """Enter in the audit log who was let in to whose data, and how that ended."""
        rule, caller, audit = self.rule, self.admitted, self.gate.audit
        if rule is None or rule.personal is None or caller is None or audit is None:
            return
        people = self.scope.get("state", {}).get("people")
        asked = rule.customer_in(self.scope["path"]) if rule.personal == "person" else None
        audit.note(PersonalRequest(caller, rule.method, rule.path, self.request_id, self.status, asked, people))

    def _caller(self) -> tuple[Caller | None, bool]:
        """Who is asking, and whether a browser's cookie says so. A key that is given decides alone."""
        given = self.headers.get("authorization")
        if given is not None:
            scheme, _, key = given.partition(" ")
            return (self.gate.access.by_key(key.strip()) if scheme.lower() == "bearer" else None), False
        cookie = _cookie(self.headers.get("cookie", ""))
        caller = self.gate.access.by_session(cookie) if cookie else None
        return caller, caller is not None

    def _same_origin(self) -> None:
        """A browser sends its cookie along with what another site makes it post: such posts are refused."""
        if self.scope["method"] in ("GET", "HEAD"):
            return
        origin = self.headers.get("origin")
        fetched = self.headers.get("sec-fetch-site")
        ours = urlsplit(origin).netloc == self.headers.get("host") if origin else fetched in (None, "same-origin")
        if not ours:
            raise NotAllowed("This came from a page of another site.")

    def _declared_size(self) -> int:
        """Bytes that the body may have; of one in pieces that doesn't say, the most that is taken."""
        declared = self.headers.get("content-length")
        if declared is None:
            return LARGEST_BODY if "transfer-encoding" in self.headers else 0
        size = int(declared.lstrip("0")[:19] or "0") if declared.isdigit() else LARGEST_BODY + 1
        if size > LARGEST_BODY:
            raise _too_large()
        return size

    async def _receive(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.received += len(message.get("body", b""))
            if self.received > LARGEST_BODY:
                self.too_large = True
                raise _too_large()
        return message

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] >= 400 and self.rule is not None and self.rule.door == "method" and not self.refused:
                raise refusal_of_bentoml(message["status"])
            self.status = message["status"]
            given = message["headers"]
            named = {name for name, _ in given}
            added = [header for header in _HEADERS if header[0] not in named]
            message["headers"] = [*given, (b"x-request-id", self.request_id.encode()), *added]
        elif message.get("more_body") and self.deadline is not None and not self.deadline.expired():
            # A long list is sent piece by piece: the deadline is for each of them.
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.gate.deadline_seconds)
        await self.send(message)

    async def _refuse(self, error: Exception) -> None:
        self.refused = True
        if self.too_large:
            error = _too_large()
        if as_request_error(error) is None:
            log_failure(error, self.request_id, self.rule.path if self.rule is not None else "(none)")
        if self.status:
            # Half an answer is out: all that is left is to break the connection off, which the server does.
            return
        door = self.rule.door if self.rule is not None else "api"
        await response_for(error, door, self.request_id)(self.scope, self.receive, self._send)


class _MethodNotAllowed(RequestError):
    """A path that exists, asked with a method it doesn't have."""

    status = 405
    title = "Method not allowed"

    def __init__(self, methods: frozenset[str]) -> None:
        super().__init__(f"This path has: {', '.join(sorted(methods))}.")


def _too_large() -> TooLarge:
    return TooLarge(f"A body may have {LARGEST_BODY:,} bytes at most. Send it in parts.")


def _cookie(header: str) -> str | None:
    if COOKIE not in header:
        return None
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return found.value if found is not None else None


def refusal_of_bentoml(status: int) -> Exception:
    """BentoML's refusals name the fields that were sent, in a form of their own: in its place goes one of ours."""
    if status == 400:
        return NotValid("The body is not of the shape that GET /schema.json describes.")
    if status in (413, 415, 422):
        return NotValid("The body can't be read. Send JSON of the shape that GET /schema.json describes.")
    if status == TooMuch.status:
        return too_much()
    return BentoFailedError(f"BentoML answered {status}")


class BentoFailedError(Exception):
    """A method of the service failed; its own log line says where."""


def log_failure(error: BaseException, request_id: str, route: str) -> None:
    """Write down where something failed: class and lines of code, not the message, which may hold somebody's data."""
    said = {"request_id": request_id, "route": route, "error": type(error).__name__, "where": lines_of(error)}
    _log.error("request failed", extra=said)
