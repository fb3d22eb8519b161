"""What a caller sees of a table and of a customer."""

import pytest

from serving.callers import Caller
from serving.pseudonyms import Pseudonyms
from serving.roles import Role
from workspace.errors import SettingsError
from workspace.tables import TABLES

PSEUDONYMS = Pseudonyms(b"k" * 32)


def test_sales_see_their_own_customers_alone() -> None:
    caller = Caller("Wang", "sales", "Li Na")
    assert caller.sees_owner("Li Na")
    assert not caller.sees_owner("Zhao Wei")
    assert not caller.sees_owner(None)


@pytest.mark.parametrize("role", ["marketing", "analyst", "admin"])
def test_the_others_see_every_owner(role: Role) -> None:
    caller = Caller("Wang", role, pseudonyms=PSEUDONYMS)
    assert caller.sees_owner("Zhao Wei")
    assert caller.sees_owner(None)


def test_an_analyst_sees_no_personal_column_of_any_table() -> None:
    caller = Caller("Wang", "analyst", pseudonyms=PSEUDONYMS)
    for table in TABLES.values():
        seen = set(caller.columns(table.name, table.column_names))
        assert seen == {column.name for column in table.columns if not column.personal}
    assert "content" not in caller.columns("interactions", ["content", "channel"])


def test_an_analyst_knows_customers_by_pseudonym() -> None:
    caller = Caller("Wang", "analyst", pseudonyms=PSEUDONYMS)
    assert caller.label("C-1") == PSEUDONYMS.of("C-1") != "C-1"
    assert Caller("Boss", "admin", pseudonyms=PSEUDONYMS).label("C-1") == "C-1"


@pytest.mark.parametrize(("role", "owner"), [("sales", None), ("sales", ""), ("analyst", None), ("boss", None)])
def test_a_caller_that_would_see_too_much_is_never_made(role: Role, owner: str | None) -> None:
    with pytest.raises(SettingsError):
        Caller("Wang", role, owner)
