import pytest

from interactions.cleaning.identity_phones import phone_value


@pytest.mark.parametrize(
    "written",
    ["13912345670", "+86 139 1234 5670", "0086-139-1234-5670", "86 13912345670", "１３９１２３４５６７０",
     "(+86) 139 12345670", "013912345670", "13912345670/021-62345670"],
)  # fmt: skip
def test_spellings_of_one_mobile_number_are_one(written: str) -> None:
    found = phone_value(written, "CN")
    assert found is not None
    assert (found.key, found.shared) == ("+8613912345670", False)


@pytest.mark.parametrize("written", ["021-62345670", "(021)6234 5670", "+86 21 62345670", "+86 (021) 6234-5670"])
def test_a_landline_may_be_shared(written: str) -> None:
    found = phone_value(written, "CN")
    assert found is not None
    assert (found.key, found.shared) == ("+862162345670", True)


def test_an_extension_is_part_of_the_number() -> None:
    desk = phone_value("021-62345670-801", "CN")
    assert desk is not None
    assert desk.key == "+862162345670x801"
    assert desk == phone_value("02162345670 转 801", "CN") == phone_value("021-6234-5670 ext. 801", "CN")


@pytest.mark.parametrize(
    ("written", "country", "key", "shared"),
    [
        ("8123 4567", "SG", "+6581234567", False),
        ("+65 8123 4567", "CN", "+6581234567", False),
        ("07700 900123", "GB", "+447700900123", False),
        ("+44 (0)7700 900123", "US", "+447700900123", False),
        ("(212) 555-2368", "US", "+12125552368", True),
        ("1-212-555-2368", "US", "+12125552368", True),
        ("090-1234-5670", "JP", "+819012345670", False),
        ("0151 23456780", "DE", "+4915123456780", False),
    ],
)
def test_a_number_without_a_country_is_the_companys_own(written: str, country: str, key: str, shared: bool) -> None:
    found = phone_value(written, country)
    assert found is not None
    assert (found.key, found.shared) == (key, shared)


@pytest.mark.parametrize(
    "written",
    ["13800138000", "00000000", "12345678901", "11111111111", "13888888888", "13812345678", "10086", "400-820-8820",
     "62345670", "n/a", "", "138", "1" * 30],
)  # fmt: skip
def test_placeholders_services_and_local_numbers_say_nothing(written: str) -> None:
    assert phone_value(written, "CN") is None
