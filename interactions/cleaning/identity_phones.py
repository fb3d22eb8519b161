"""Phone numbers made comparable: +86 139 1234 5678, 0086-13912345678 and １３９１２３４５６７８ are one number.

A number without a country belongs to the company's own (`[company] calendar`). An extension is part of the number. A
landline, and a number whose country's mobile numbers can't be told apart, may be shared by a household or an office.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from interactions.cleaning.identity_emails import Value


class _Country(NamedTuple):
    dial: str
    trunk: str
    mobile: str | None
    shortest: int = 8


# Dialling code, what is dialled before a number at home, and what a mobile number looks like after it.
_COUNTRIES = {
    "CN": _Country("86", "0", r"1[3-9]\d{9}", 9),
    "HK": _Country("852", "", r"[4-79]\d{7}"),
    "MO": _Country("853", "", r"6\d{7}"),
    "TW": _Country("886", "0", r"9\d{8}"),
    "SG": _Country("65", "", r"[89]\d{7}"),
    "MY": _Country("60", "0", r"1\d{8,9}"),
    "TH": _Country("66", "0", r"[689]\d{8}"),
    "VN": _Country("84", "0", r"[35789]\d{8}"),
    "PH": _Country("63", "0", r"9\d{9}"),
    "ID": _Country("62", "0", r"8\d{8,11}"),
    "IN": _Country("91", "0", r"[6-9]\d{9}"),
    "JP": _Country("81", "0", r"[789]0\d{8}"),
    "KR": _Country("82", "0", r"1[016-9]\d{7,8}"),
    "AU": _Country("61", "0", r"4\d{8}"),
    "NZ": _Country("64", "0", r"2\d{7,9}"),
    "US": _Country("1", "1", None, 10),
    "CA": _Country("1", "1", None, 10),
    "GB": _Country("44", "0", r"7\d{9}"),
    "IE": _Country("353", "0", r"8\d{8}"),
    "DE": _Country("49", "0", r"1[5-7]\d{8,9}"),
    "AT": _Country("43", "0", r"6\d{9,11}"),
    "CH": _Country("41", "0", r"7[5-9]\d{7}"),
    "FR": _Country("33", "0", r"[67]\d{8}"),
    "BE": _Country("32", "0", r"4\d{8}"),
    "NL": _Country("31", "0", r"6\d{8}"),
    "IT": _Country("39", "", r"3\d{8,9}"),
    "ES": _Country("34", "", r"[67]\d{8}"),
    "PT": _Country("351", "", r"9\d{8}"),
    "PL": _Country("48", "", r"[45-8]\d{8}"),
    "SE": _Country("46", "0", r"7\d{8}"),
    "RU": _Country("7", "8", r"9\d{9}"),
    "TR": _Country("90", "0", r"5\d{9}"),
    "IL": _Country("972", "0", r"5\d{8}"),
    "AE": _Country("971", "0", r"5\d{8}"),
    "BR": _Country("55", "0", r"\d{2}9\d{8}"),
    "MX": _Country("52", "", None, 10),
    "ZA": _Country("27", "0", r"[6-8]\d{8}"),
}
_BY_DIAL = {country.dial: country for country in _COUNTRIES.values()}
_ELSEWHERE = _Country("", "", None)

_EXTENSION = re.compile(r"(?:转|分机|extension|ext\.?|x|#)[\s:：]*(\d{1,6})$")
_DESK = re.compile(r"^(\(?0\d{2,3}\)?[ \-]?\d{7,8})-(\d{1,5})$")
_SEVERAL = re.compile(r"[/;,、；，|]")
_STEPS = ("0123456789" * 2, "9876543210" * 2)
_SERVICE = re.compile(r"[48]00\d{7}|95\d{3,6}|1\d{4}")
_FICTION = re.compile(r"\d{3}55501\d{2}")


def phone_value(written: str, country: str) -> Value | None:
    """The number in comparable form, seen from a country (ISO code); None for what is none or a known placeholder.

    A local number without its area code says nothing either: another town has it too.
    """
    text = _SEVERAL.split(unicodedata.normalize("NFKC", written).lower().strip(), maxsplit=1)[0]
    text, extension = _without_extension(text)
    home = _COUNTRIES.get(country.split("-")[0].upper(), _ELSEWHERE)
    of, national = _national(text, home)
    if not of.shortest <= len(national) <= 15 or _is_junk(national):
        return None
    own = of.mobile is not None and re.fullmatch(of.mobile, national) is not None and not extension
    return Value(f"+{of.dial}{national}" + (f"x{extension}" if extension else ""), not own)


def _without_extension(text: str) -> tuple[str, str]:
    for pattern in (_EXTENSION, _DESK):
        found = pattern.search(text)
        if found is not None:
            return (text[: found.start()], found[1]) if pattern is _EXTENSION else (found[1], found[2])
    return text, ""


def _national(text: str, home: _Country) -> tuple[_Country, str]:
    """The country a number belongs to and the number within it."""
    digits = re.sub(r"\D", "", text)
    if text.lstrip("( ").startswith("+"):
        return _abroad(digits)
    if digits.startswith("00"):
        return _abroad(digits[2:])
    if home.dial and digits.startswith(home.dial) and _is_whole(digits[len(home.dial) :], home):
        return home, digits[len(home.dial) :]
    if home.trunk and digits.startswith(home.trunk) and not _is_whole(digits, home):
        return home, digits[len(home.trunk) :]
    return home, digits


def _is_whole(digits: str, home: _Country) -> bool:
    return re.fullmatch(home.mobile or r"\d{10}", digits) is not None


def _abroad(digits: str) -> tuple[_Country, str]:
    for length in (3, 2, 1):
        of = _BY_DIAL.get(digits[:length])
        if of is not None:
            # +44 (0)20 ... : the zero of dialling at home.
            national = digits[length:]
            return of, national.removeprefix("0") if of.trunk == "0" else national
    return _ELSEWHERE, digits


def _is_junk(national: str) -> bool:
    tail = national[-8:]
    if len(set(tail[-7:])) == 1 or any(tail in steps for steps in _STEPS):
        return True
    return national == "13800138000" or any(pattern.fullmatch(national) for pattern in (_SERVICE, _FICTION))
