"""Personal data in free text, replaced by what it was: ⟨phone⟩, ⟨email⟩, ⟨id-card⟩, ⟨bank-card⟩.

Raw keeps the original. Chinese and English forms; a Chinese identity card must hold a real date, a bank card must pass
the Luhn check, so that order numbers stay readable.
"""

from __future__ import annotations

import re

EMAIL, ID_CARD, BANK_CARD, PHONE = "⟨email⟩", "⟨id-card⟩", "⟨bank-card⟩", "⟨phone⟩"
MASKS = (EMAIL, ID_CARD, BANK_CARD, PHONE)

# What a text must hold to be worth a closer look, in a form that DuckDB's expressions understand too.
SUSPECT = r"[@＠]|[0-9０-９][0-9０-９()（）\-. ]{5,}[0-9０-９]"

# The same in parts that each begin with a literal or a class: the engine skips to where one may begin.
_DIGITS = re.compile(r"[0-9０-９][0-9０-９()（）\-. ]{5,}[0-9０-９]")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}[@＠][A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,5}")
_ID_CARD = re.compile(
    r"[1-9](?<![0-9A-Za-z].)\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])"
)
_CARD = re.compile(r"\d(?<![0-9A-Za-z].)\d{3}(?:[ \-]?\d{4}){2,3}(?:[ \-]?\d{1,3})?(?![0-9A-Za-z])")
_PHONE = re.compile(
    r"(?=[+(\d])(?<![0-9A-Za-z.])(?:"
    r"(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}"  # Chinese mobile
    r"|(?:\+?86[ \-]?)?\(?0\d{2,3}\)?[ \-]?\d{7,8}(?:[ \-]\d{1,5})?"  # Chinese landline
    r"|400[ \-]?\d{3}[ \-]?\d{4}"  # Chinese service number
    r"|\+\d{1,3}(?:[ \-.]?\(?\d{1,4}\)?){2,5}"  # international
    r"|(?:1[ \-.])?(?:\(\d{3}\) ?|\d{3}[\-. ])\d{3}[\-. ]\d{4}"  # North American
    r"|0\d{3,4}[ \-]\d{3}[ \-]?\d{3,4}"  # British
    r")(?![0-9A-Za-z])"
)  # fmt: skip
_FULL_WIDTH_DIGITS = {0xFF10 + digit: 0x30 + digit for digit in range(10)}


def masked(text: str) -> str:
    """The text with personal data masked; masking it again changes nothing."""
    addressed = "@" in text or "＠" in text
    if not addressed and _DIGITS.search(text) is None:
        return text
    plain = text if text.isascii() else text.translate(_FULL_WIDTH_DIGITS)
    found = _EMAIL.sub(EMAIL, plain) if addressed else plain
    found = _ID_CARD.sub(ID_CARD, found)
    found = _CARD.sub(_masked_card, found)
    found = _PHONE.sub(_masked_phone, found)
    # Full-width digits are only unfolded where something was masked: the rest stays as written.
    return found if found != plain else text


def count_masks(text: str) -> int:
    """How many pieces of personal data a masked text held."""
    return sum(text.count(mask) for mask in MASKS) if "⟨" in text else 0


def _masked_card(found: re.Match[str]) -> str:
    return BANK_CARD if _passes_luhn(re.sub(r"\D", "", found.group())) else found.group()


def _masked_phone(found: re.Match[str]) -> str:
    return PHONE if _long_enough(re.sub(r"\D", "", found.group())) else found.group()


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return 13 <= len(digits) <= 19 and total % 10 == 0


def _long_enough(digits: str) -> bool:
    return 7 <= len(digits) <= 15
