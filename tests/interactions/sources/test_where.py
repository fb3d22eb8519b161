"""The language of `where`."""

from decimal import Decimal

import pytest

from interactions.sources.where import All, Among, AnyOf, Blank, Compare, Like, Not, columns_of, parse
from workspace.errors import MappingError


def test_reads_comparisons_and_their_order() -> None:
    assert parse("outcome != 'PHANTOM'") == Compare("outcome", "!=", "PHANTOM")
    assert parse("a = 1 or b = 2 and not c <> 'it''s'") == AnyOf(
        (
            Compare("a", "=", Decimal(1)),
            All((Compare("b", "=", Decimal(2)), Not(Compare("c", "!=", "it's")))),
        )
    )


def test_reads_lists_patterns_blanks_and_quoted_names() -> None:
    found = parse("(\"vru+line\" LIKE 'AA%' OR 类型 NOT IN ('测试', '内部')) AND kind IS NOT NULL AND x IS NULL")
    assert found == All(
        (
            AnyOf((Like("vru+line", "AA%"), Not(Among("类型", ("测试", "内部"))))),
            Not(Blank("kind")),
            Blank("x"),
        )
    )
    assert columns_of(found) == ("vru+line", "类型", "kind", "x")


@pytest.mark.parametrize("text", ["", "outcome", "outcome !=", "= 'x'", "a = 'b' c", "a IN ()", "a = 'open", "(a = 1"])
def test_says_where_it_can_t_be_read(text: str) -> None:
    with pytest.raises(MappingError, match="can't be read at"):
        parse(text)
