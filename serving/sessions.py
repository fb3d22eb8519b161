"""The dashboard's session: a cookie that names the key it was opened with and when it ends, signed by the workspace."""

import hmac

COOKIE = "rapport_session"
SECONDS = 12 * 3600


def seal_session(secret: bytes, key_hmac: str, now: float) -> str:
    """A cookie's value that ends SECONDS after `now` (seconds since 1970)."""
    text = f"{key_hmac}.{int(now) + SECONDS}"
    return f"{text}.{_signature(secret, text)}"


def open_session(secret: bytes, cookie: str, now: float) -> str | None:
    """The hash of the key the session was opened with; None when the cookie is forged or over."""
    text, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, text).encode()):
        return None
    key_hmac, _, end = text.partition(".")
    return key_hmac if int(end) > now else None


def _signature(secret: bytes, text: str) -> str:
    return hmac.digest(secret, b"session:" + text.encode(), "sha256").hex()
