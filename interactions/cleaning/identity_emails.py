"""E-mail addresses made comparable: what two spellings of one address have in common, and which say nothing.

Full-width signs become half-width and capitals small, blanks go; a `+tag` before the @ goes, as most hosts ignore it;
at gmail.com (googlemail.com is the same) so do dots. The well-known slips of large hosts are put right (gmial.com,
qq.con). An address of an office (info@, sales@ ...) is shared by many.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class Value(NamedTuple):
    """An e-mail address or phone number in its comparable form; `shared`: a household or an office may have it."""

    key: str
    shared: bool


_ADDRESS = re.compile(r"[^@\s\"'<>;,]{1,64}@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+")
_OFFICES = frozenset((
        "info", "sales", "admin", "office", "contact", "service", "support", "mail", "hello", "webmaster",
        "postmaster", "enquiries", "hr", "finance", "kefu", "team", "reception", "billing", "accounts", "marketing",
        "welcome", "shop", "store", "order", "orders", "kontakt",
    ))  # fmt: skip
_JUNK_LOCALS = frozenset((
        "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "test", "tester", "testing", "none", "null",
        "nil", "na", "n/a", "nan", "no", "nobody", "unknown", "anonymous", "anon", "user", "email", "mail-me", "x",
        "xx", "xxx", "xxxx", "a", "aa", "aaa", "abc", "abcd", "asdf", "qwerty", "1", "11", "111", "123", "1234",
        "12345", "123456", "000", "noemail", "no-email", "nomail", "without", "notgiven", "wu", "meiyou",
    ))  # fmt: skip
_JUNK_DOMAINS = frozenset((
        "example.com", "example.org", "example.net", "example.cn", "test.com", "test.cn", "invalid.com", "none.com",
        "noemail.com", "nomail.com", "no.com", "a.com", "aa.com", "abc.com", "xxx.com", "mailinator.com",
        "localhost.localdomain",
    ))  # fmt: skip
# Hosts that don't exist, or are known as another name of one that does.
_SLIPS = {
    **dict.fromkeys(("googlemail.com", "gmial.com", "gmai.com", "gamil.com", "gmail.con", "gmail.cm"), "gmail.com"),
    **dict.fromkeys(("hotmial.com", "hotmail.con", "hotmai.com"), "hotmail.com"),
    **dict.fromkeys(("outlok.com", "outlook.con"), "outlook.com"),
    **dict.fromkeys(("yahoo.con", "yaho.com"), "yahoo.com"),
    **{f"{host}.con": f"{host}.com" for host in ("163", "126", "qq", "foxmail", "sina")},
}
_JUNK_ENDINGS = (".invalid", ".localhost", ".test")


def email_value(written: str) -> Value | None:
    """The address in comparable form; None for what is no address or a well-known placeholder."""
    found = _ADDRESS.search(unicodedata.normalize("NFKC", written).lower().replace(" ", ""))
    if found is None:
        return None
    local, host = found.group().removeprefix("mailto:").rsplit("@", 1)
    local = local.split("+", 1)[0]
    host = _SLIPS.get(host, host)
    if host == "gmail.com":
        local = local.replace(".", "")
    if not local or _is_junk(local, host):
        return None
    return Value(f"{local}@{host}", local in _OFFICES)


def is_listed(email: str, blacklist: frozenset[str]) -> bool:
    """Whether an address, or the domain it belongs to, is on a list of addresses and domains."""
    host = email.rsplit("@", 1)[1]
    labels = host.split(".")
    return email in blacklist or any(".".join(labels[place:]) in blacklist for place in range(len(labels)))


def _is_junk(local: str, host: str) -> bool:
    return local in _JUNK_LOCALS or host.endswith(_JUNK_ENDINGS) or is_listed(f"{local}@{host}", _JUNK_DOMAINS)
