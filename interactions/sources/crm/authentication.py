"""Access tokens: a fixed one from the environment, or one that the service gives and that is asked for anew."""

from __future__ import annotations

import os
from typing import Any, Protocol

from interactions.sources.crm.declaration import Declaration
from interactions.sources.crm.options import Options, secret, token_of
from workspace.errors import SourceError


class Asking(Protocol):
    """What asks the service for a token: the address and the form, to the answer's content."""

    def __call__(self, url: str, form: dict[str, str]) -> Any: ...


class Access:
    """What a request carries to be let in. Its text shows no secret."""

    renewable = False

    def header(self) -> str | None:
        """The Authorization header; None where none is needed."""
        return None

    def renew(self) -> None:
        """Ask for a new token."""

    def __repr__(self) -> str:
        return type(self).__name__


class FixedToken(Access):
    """A bearer token from an environment variable."""

    def __init__(self, variable: str, scheme: str) -> None:
        self.variable, self._scheme = variable, scheme
        self._token = secret(variable, "the access token")

    def header(self) -> str:
        return f"{self._scheme} {self._token}"


class IssuedToken(Access):
    """A token that the service issues for a refresh token, or for the client's own name and secret."""

    renewable = True

    def __init__(self, url: str, scheme: str, form: dict[str, str], ask: Asking) -> None:
        self._url, self._scheme, self._form, self._ask = url, scheme, form, ask
        self._token: str | None = None

    def header(self) -> str:
        if self._token is None:
            self.renew()
        return f"{self._scheme} {self._token}"

    def renew(self) -> None:
        answer = self._ask(self._url, self._form)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            code = answer.get("error") if isinstance(answer, dict) else None
            said = f" ({code})" if isinstance(code, str) and code.isidentifier() and len(code) < 60 else ""
            raise SourceError(
                f"The sign-in answered without an access token{said}. Check the client, its secret and the refresh "
                "token in the environment."
            )
        self._token = token


def access_of(declaration: Declaration, options: Options, ask: Asking) -> Access:
    """How a source signs in: by the token its options name, else as declared, else not at all.

    Raises SettingsError naming the environment variable that is not set.
    """
    if options.token_env is not None:
        scheme = declaration.token.scheme if declaration.token is not None else options.token_scheme
        return FixedToken(options.token_env, scheme)
    token = token_of(declaration, options)
    if token is None:
        return Access()
    form = {
        "client_id": secret(token.client_id_env, "the client's name"),
        "client_secret": secret(token.client_secret_env, "the client's secret"),
    }
    if token.refresh_token_env is not None and (not token.client_credentials or token.refresh_token_env in os.environ):
        form |= {"grant_type": "refresh_token", "refresh_token": secret(token.refresh_token_env, "the refresh token")}
    else:
        form["grant_type"] = "client_credentials"
    form |= {key: value.format_map(declaration.settings) for key, value in token.parameters.items()}
    return IssuedToken(token.url.format_map(declaration.settings), token.scheme, form, ask)
