import pytest

from interactions.cleaning.identity_emails import email_value, is_listed


@pytest.mark.parametrize(
    "written",
    ["ann.lee@gmail.com", " Ann.Lee@GMAIL.com ", "annlee+shop@googlemail.com", "ａｎｎｌｅｅ＠gmail.com",
     "<a.nnlee@gmail.com>", "annlee@gmial.com", "mailto:annlee@gmail.com"],
)  # fmt: skip
def test_spellings_of_one_address_are_one(written: str) -> None:
    found = email_value(written)
    assert found is not None
    assert found.key == "annlee@gmail.com"
    assert not found.shared


def test_dots_count_where_the_host_is_not_gmail() -> None:
    assert email_value("a.b@163.com") != email_value("ab@163.com")
    assert email_value("ab+x@163.com") == email_value("ab@163.com")


@pytest.mark.parametrize(
    "written",
    ["noreply@163.com", "test@firma.de", "a@example.com", "a@mail.example.org", "no address", "@163.com", "x@test.com",
     "ann@here.invalid", ""],
)  # fmt: skip
def test_placeholders_and_what_is_no_address_say_nothing(written: str) -> None:
    assert email_value(written) is None


def test_an_office_address_is_shared() -> None:
    found = email_value("Info@firma.de")
    assert found is not None
    assert found.shared


@pytest.mark.parametrize(
    ("email", "listed"), [("a@b.cn", True), ("a@x.b.cn", True), ("a@xb.cn", False), ("z@c.cn", True)]
)
def test_a_list_holds_addresses_and_domains(email: str, listed: bool) -> None:
    assert is_listed(email, frozenset(("b.cn", "z@c.cn"))) == listed
