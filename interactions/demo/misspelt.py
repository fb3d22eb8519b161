"""How a person's name, address and number look when they register again: written otherwise, left out or changed."""

from __future__ import annotations

import numpy as np

from interactions.cleaning.identity_pinyin import sounds

_SOUNDS_ALIKE = dict(zip("伟静芳磊丽霞佳欣雨婷晓文志建海明", "玮婧方蕾莉侠嘉新宇亭小雯智健凯铭", strict=True))
_TITLES = ("先生", "女士")


def other_name(name: str, rng: np.random.Generator) -> str | None:
    """The name as somebody else types it: in seven of ten cases the same."""
    draw = rng.random()
    if draw < 0.70:
        return name
    if draw < 0.76:
        return _slip(name, rng)
    if draw < 0.82:
        return f"{name}{_TITLES[rng.integers(2)]}" if " " not in name else f"Mr. {name}"
    if draw < 0.88:
        return name.upper() if " " in name else f"{name[0]} {name[1:]}"
    if draw < 0.92:
        return " ".join(reversed(name.split(" "))) if " " in name else name[1:] + name[0]
    if draw < 0.95:
        return f"{name[0]}. {name.split(' ')[-1]}" if " " in name else name[0] + _TITLES[rng.integers(2)]
    if draw < 0.975:
        return _in_letters(name) if " " not in name else name.split(" ", maxsplit=1)[0]
    return None


def other_email(email: str, rng: np.random.Generator) -> str | None:
    """The address written otherwise, left out (8 %), changed (9 %) or mistyped (2 %)."""
    draw = rng.random()
    local, host = email.split("@")
    if draw < 0.08:
        return None
    if draw < 0.17:
        return f"new{rng.integers(10**6):06d}@{host}"
    if draw < 0.19:
        return f"{local[:-1]}@{host}"
    if draw < 0.40:
        return f" {email.upper()} " if draw < 0.30 else email.title()
    if host in ("gmail.com", "googlemail.com") and draw < 0.7:
        plain = local.replace(".", "")
        return f"{plain[:2]}.{plain[2:]}+shop@{'googlemail.com' if draw < 0.5 else 'gmail.com'}"
    return email.replace("@", "＠") if draw > 0.96 else email


def other_phone(phone: str, rng: np.random.Generator) -> str | None:
    """The number written otherwise, left out (8 %), changed (9 %) or mistyped (1 %)."""
    draw = rng.random()
    if draw < 0.08:
        return None
    if draw < 0.17:
        return f"1{rng.integers(30, 90)}{rng.integers(10**8):08d}"
    if draw < 0.18:
        return phone[:-1] + str((int(phone[-1]) + 1) % 10)
    digits = phone.replace(" ", "").replace("-", "")
    if len(digits) != 11 or not digits.startswith("1") or draw > 0.85:
        return phone
    forms = (
        f"+86 {digits[:3]} {digits[3:7]} {digits[7:]}",
        f"0086{digits}",
        f"86-{digits}",
        f"{digits[:3]}-{digits[3:7]}-{digits[7:]}",
        digits.translate({0x30 + digit: 0xFF10 + digit for digit in range(10)}),
        f"0{digits}",
    )
    return forms[rng.integers(len(forms))]


def _in_letters(name: str) -> str:
    """王小伟 as Wang Xiaowei."""
    family, *given = sounds(name) or ("",)
    return f"{family} {''.join(given)}".title()


def _slip(name: str, rng: np.random.Generator) -> str:
    """A sign that sounds the same, or two letters swapped."""
    if " " in name:
        place = int(rng.integers(1, len(name) - 2))
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    signs = [sign for sign in name if sign in _SOUNDS_ALIKE]
    return name.replace(signs[-1], _SOUNDS_ALIKE[signs[-1]]) if signs else name
