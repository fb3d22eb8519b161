"""When two customers are one person: rules in their order of trust, and what forbids a link.

1. email and phone  the same e-mail address and the same phone number, and the same name; any other name that is not
                    different unless sex or year of birth is another
2. email            the same address, and the same name; a close name, one akin or none unless sex or year of birth is
                    another; a name in another script only where the year of birth is the same and sex is not another
3. mobile           the same mobile number, and the same name unless the year of birth is another; a close name unless
                    sex or year of birth is another; one akin or none only where the year of birth is the same and sex
                    is not another; one in another script only where both are the same
4. shared           the same landline or the same address of an office, the same name, and neither sex nor year of birth
                    another
5. mistyped         an address or a mobile number one sign apart, the same name and year of birth, and sex not another
6. mobile alone     the same mobile number where one has no name, or a name alone that the other has too, unless sex or
                    year of birth is another, and only where nobody else of that number is somebody else

Never one person, whatever they share: different names; another sex and another year of birth; whom an operator set
apart. Years of birth one apart are a slip: neither the same year nor another.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from interactions.cleaning.identity_names import Likeness, likeness


class Agreement(IntEnum):
    """Whether a fact known of two customers is the same."""

    DIFFERENT = 0
    UNKNOWN = 1
    SAME = 2


class Rule(IntEnum):
    """What links two customers, the most trusted first; what an operator joins is joined after all others, unasked."""

    EMAIL_AND_PHONE = 1
    EMAIL = 2
    MOBILE = 3
    SHARED = 4
    MISTYPED = 5
    MOBILE_ALONE = 6
    OPERATOR = 7

    @property
    def label(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Known:
    """What is known of a customer at some moment: every name, sex and year of birth its rows have had."""

    names: frozenset[str]
    genders: frozenset[str]
    births: frozenset[int]


@dataclass(frozen=True)
class Shared:
    """What two customers share: an address or a number of their own, or one that many may have; or nearly share."""

    email: bool = False
    phone: bool = False
    office: bool = False
    landline: bool = False
    near: bool = False


@dataclass(frozen=True)
class Alike:
    """Two customers beside each other."""

    name: Likeness
    gender: Agreement
    birth: Agreement

    @property
    def is_certain(self) -> bool:
        """The same sex and the same year of birth."""
        return self.gender is Agreement.SAME and self.birth is Agreement.SAME

    @property
    def is_open(self) -> bool:
        """Neither sex nor year of birth is known to be another."""
        return Agreement.DIFFERENT not in (self.gender, self.birth)

    @property
    def is_contradiction(self) -> bool:
        """Two people, whatever they share."""
        return self.name is Likeness.DIFFERENT or self.gender is self.birth is Agreement.DIFFERENT


def alike(one: Known, other: Known) -> Alike:
    """The best agreement between anything known of the one and of the other."""
    names = [likeness(name, its) for name in one.names for its in other.names]
    return Alike(
        max(names, default=Likeness.UNSAID),
        _agreement(bool(one.genders and other.genders), bool(one.genders & other.genders)),
        _same_birth(one.births, other.births),
    )


def rule(shared: Shared, beside: Alike) -> Rule | None:
    """The most trusted rule that makes two customers one person, None without any."""
    if beside.is_contradiction:
        return None
    is_same = beside.name is Likeness.SAME
    if (shared.email or shared.office) and (shared.phone or shared.landline) and (is_same or beside.is_open):
        return Rule.EMAIL_AND_PHONE
    if shared.email and (is_same or _is_same_by_email(beside)):
        return Rule.EMAIL
    if shared.phone and _is_same_by_mobile(beside):
        return Rule.MOBILE
    if (shared.landline or shared.office) and is_same and beside.is_open:
        return Rule.SHARED
    if shared.near and is_same and beside.is_open and beside.birth is Agreement.SAME:
        return Rule.MISTYPED
    if shared.phone and beside.name is Likeness.UNSAID and beside.is_open:
        return Rule.MOBILE_ALONE
    return None


def _is_same_by_email(beside: Alike) -> bool:
    if not beside.is_open:
        return False
    return beside.name is not Likeness.OTHER_SCRIPT or beside.birth is Agreement.SAME


def _is_same_by_mobile(beside: Alike) -> bool:
    if beside.name is Likeness.SAME:
        return beside.birth is not Agreement.DIFFERENT
    if beside.name is Likeness.OTHER_SCRIPT:
        return beside.is_certain
    return beside.is_open and (beside.birth is Agreement.SAME or beside.name is Likeness.CLOSE)


def _same_birth(ours: frozenset[int], theirs: frozenset[int]) -> Agreement:
    if ours & theirs or not (ours and theirs):
        return _agreement(bool(ours and theirs), True)
    near = any(abs(year - its) == 1 for year in ours for its in theirs)
    return Agreement.UNKNOWN if near else Agreement.DIFFERENT


def _agreement(known: bool, same: bool) -> Agreement:
    if not known:
        return Agreement.UNKNOWN
    return Agreement.SAME if same else Agreement.DIFFERENT
