"""Every error a user can meet: what was expected, what was found, where, and what to do next.

A message is one or two plain sentences and never holds personal data: it names tables, columns, files and row numbers,
not the values of a customer's row.
"""


class RapportError(Exception):
    """Something a user can put right. The command line prints its message alone and exits with `exit_code`."""

    exit_code = 1


class SettingsError(RapportError):
    """rapport.toml or an environment variable can't be used."""


class WorkspaceError(RapportError):
    """The workspace folder is missing, of another schema, or in use by another run."""


class SourceError(RapportError):
    """A file or database can't be read."""


class MappingError(RapportError):
    """A mapping names what the source doesn't have, or the tables don't know."""


class NotEnoughHistoryError(RapportError):
    """The data is too short or too small for what was asked."""


class BundleError(RapportError):
    """A model bundle is missing, incomplete or not the one its name promises."""


class PublishedError(RapportError):
    """No published version, or one that can't be read."""


class QueryError(RapportError):
    """A figure, dimension, grain or date that the statistics don't have."""


class PortInUseError(RapportError):
    """The port asked for is taken by another program."""


class EngineError(RapportError):
    """The engine could not compute what was asked: a limit, a worker, a file it can't reach."""


class LimitError(EngineError):
    """The work needs more memory or disk than a setting allows, or than the machine has."""


class StoreError(RapportError):
    """The object store of the lake does not answer, refused, or holds another lake."""


class TrackingError(RapportError):
    """The MLflow server does not answer, or refused."""
