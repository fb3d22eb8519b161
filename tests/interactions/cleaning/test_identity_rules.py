import pytest

from interactions.cleaning.identity_rules import Known, Rule, Shared, alike, rule

EMAIL, MOBILE = Shared(email=True), Shared(phone=True)
BOTH, LANDLINE, OFFICE = Shared(email=True, phone=True), Shared(landline=True), Shared(office=True)


def known(name: str | None = None, gender: str | None = None, birth: int | None = None) -> Known:
    return Known(*(frozenset(() if fact is None else (fact,)) for fact in (name, gender, birth)))  # type: ignore[arg-type]


ANN = known("Ann Lee", "female", 1980)


@pytest.mark.parametrize(
    ("shared", "other", "expected"),
    [
        (BOTH, known("Ann Lee"), Rule.EMAIL_AND_PHONE),
        (BOTH, known(None), Rule.EMAIL_AND_PHONE),
        (BOTH, known(None, "male"), None),
        (BOTH, known("Emma Lee", "female", 1980), None),
        (BOTH, known("Ann Lee", "male", 1950), None),
        (EMAIL, known("Ann Lee", "male"), Rule.EMAIL),
        (EMAIL, known(None, "female"), Rule.EMAIL),
        (EMAIL, known(None, "male"), None),
        (EMAIL, known("李安"), None),
        (EMAIL, known("李安", None, 1980), Rule.EMAIL),
        (MOBILE, known("Ann Lee"), Rule.MOBILE),
        (MOBILE, known("Lee, Ann", None, 1981), Rule.MOBILE),
        (MOBILE, known("Ann Lee", None, 1985), None),
        (MOBILE, known("A. Lee", "female"), None),
        (MOBILE, known("A. Lee", "female", 1980), Rule.MOBILE),
        (MOBILE, known("Ann"), Rule.MOBILE_ALONE),
        (MOBILE, known("Ann", None, 1980), Rule.MOBILE),
        (MOBILE, known("李安", None, 1980), None),
        (LANDLINE, known("Ann Lee"), Rule.SHARED),
        (LANDLINE, known("A. Lee", "female", 1980), None),
        (OFFICE, known("Ann Lee", "male"), None),
        (Shared(office=True, landline=True), known("Ann Lee"), Rule.EMAIL_AND_PHONE),
        (Shared(), known("Ann Lee", "female", 1980), None),
    ],
)
def test_the_most_trusted_rule_that_holds(shared: Shared, other: Known, expected: Rule | None) -> None:
    assert rule(shared, alike(ANN, other)) is rule(shared, alike(other, ANN)) is expected


def test_whatever_a_customers_rows_ever_said_counts() -> None:
    married = Known(frozenset(("Ann Lee", "Ann Brown")), frozenset(("female",)), frozenset((1980,)))
    assert rule(MOBILE, alike(known("Ann Brown"), married)) is Rule.MOBILE
