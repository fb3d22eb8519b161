"""What can go wrong while answering a request, each with its HTTP status; no message repeats what the caller sent."""

from workspace.errors import RapportError


class RequestError(RapportError):
    """A request that can't be answered as asked. `title` names the kind, the message says what to do."""

    status = 400
    title = "The request can't be answered as asked"


class NotFound(RequestError):
    """Not there, or not for this caller: both look the same."""

    status = 404
    title = "Not found"


class NotSignedIn(RequestError):
    """No valid key or session."""

    status = 401
    title = "A valid key is needed"


class NotAllowed(RequestError):
    """A valid key whose role doesn't reach this route."""

    status = 403
    title = "This key's role doesn't reach this route"


class TooLarge(RequestError):
    """A body above the limit."""

    status = 413
    title = "The body is too large"


class WrongMediaType(RequestError):
    """A body that is not JSON."""

    status = 415
    title = "The body must be JSON"


class NotValid(RequestError):
    """A body of the wrong shape; `problems` name each place and what is wrong with it, never the value."""

    status = 422
    title = "The body is not of the expected shape"

    def __init__(self, message: str, problems: tuple[dict[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class OutOfRange(RequestError):
    """A value that no customer had, of which nothing is known: the message says which were seen."""

    status = 422
    title = "The value is outside what was observed"


class TooMany(RequestError):
    """A key asks too often, or the service has as much to do as it can take on; `seconds` until it is worth asking."""

    status = 429
    title = "Too many requests"

    def __init__(self, message: str, seconds: float = 1.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class TooSlow(RequestError):
    """The answer took longer than a request may take."""

    status = 504
    title = "The answer took too long"


class TooMuch(RequestError):
    """The answer needs more memory than the service may use for one."""

    status = 503
    title = "The answer needs too much memory"


class NotReady(RequestError):
    """Nothing is published, or it can't be read yet."""

    status = 503
    title = "Nothing is published yet"


class NotRecorded(RequestError):
    """Personal data that could not be entered in the audit log is not shown."""

    status = 503
    title = "Accesses can't be recorded"


class PolicyError(Exception):
    """A route without a rule of who may use it, or a rule without a route: a mistake in the program."""
