"""Who is asking, and what that lets them see: a caller with a role, sales seeing their own customers only."""

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

from serving.pseudonyms import Pseudonyms
from serving.roles import ROLES, Role
from workspace.errors import SettingsError
from workspace.tables import TABLES


@dataclass(frozen=True)
class Caller:
    """Somebody with a key. A sales key names the rep whose customers it sees; an analyst sees pseudonyms.

    Raises SettingsError for a sales caller without an owner or an analyst without pseudonyms: better no answer than
    one that shows too much.
    """

    name: str
    role: Role
    owner: str | None = None
    pseudonyms: Pseudonyms | None = None

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise SettingsError(f"A role is one of {', '.join(ROLES)}.")
        if self.role == "sales" and not self.owner:
            raise SettingsError("A sales key needs the rep whose customers it sees: add --owner REP.")
        if self.role == "analyst" and self.pseudonyms is None:
            raise SettingsError("An analyst needs the workspace's secret.key to make pseudonyms with.")

    @property
    def only_owner(self) -> str | None:
        """The rep whose customers are all this caller sees; None where there is no such limit."""
        return self.owner if self.role == "sales" else None

    @property
    def sees_people(self) -> bool:
        """Whether names, addresses and what people wrote are shown."""
        return self.role != "analyst"

    def sees_owner(self, owner: str | None) -> bool:
        """Whether a customer looked after by `owner` is this caller's to see."""
        return self.only_owner is None or owner == self.only_owner

    def label(self, customer_id: str) -> str:
        """The customer's key as this caller knows it."""
        return customer_id if self.pseudonyms is None or self.sees_people else self.pseudonyms.of(customer_id)

    def person_behind(self, pseudonym: str, version: str, customer_ids: pa.ChunkedArray) -> str | None:
        """The customer behind a pseudonym in a published version's customers; None where there is none."""
        return None if self.pseudonyms is None else self.pseudonyms.find(pseudonym, version, customer_ids)

    def columns(self, table: str, names: Collection[str]) -> list[str]:
        """Of `names` in a table of tables.py, those this caller may see; the key is shown through label() alone."""
        if self.sees_people:
            return list(names)
        personal = {column.name for column in TABLES[table].columns if column.personal}
        return [name for name in names if name not in personal]
