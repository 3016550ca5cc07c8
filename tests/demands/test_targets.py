"""A telephone number of a demand is one, by the plan of the country where it was dialled."""

import pytest

from lea_service.demands.demand import TargetKind
from lea_service.demands.targets import (
    LONGEST,
    RANGE,
    check_whole_numbers,
    expected_form,
    has_further_end,
    is_well_formed,
)
from lea_service.kernel.errors import InvalidInput
from tests.demands.samples import content, item


@pytest.mark.parametrize(
    "value",
    [
        "0201234500-99",
        "020-1234500-99",
        "+31201234500/99",
        "+31 (0)20 1234500-9",
        "0031201234500-99",
        "31201234500-99",
        "0201234500..99",
        "0201234500 99",
        "0201234500.99",
        "+44 20 7946 0000 99",
    ],
)
def test_number_with_a_further_end_is_a_range(value):
    asked = content(items=[item("phone_number", "+31612345678"), item("phone_number", value)])
    with pytest.raises(InvalidInput) as caught:
        check_whole_numbers(asked, "NL")
    said = f"Expected a telephone number: 3 to 15 digits, with + when international; {RANGE}."
    assert [(one.pointer, one.detail) for one in caught.value.errors] == [
        ("/items/1/target/value", said)
    ]
    assert str(caught.value) == "the demand asks about a range of numbers as if it were one"


@pytest.mark.parametrize("region", ["NL", "DE"])
@pytest.mark.parametrize("value", ["020 123 45-67", "+49 30 12345-67", "+31612345678", "112"])
def test_whole_number_is_one_everywhere(value, region):
    check_whole_numbers(content(items=[item("phone_number", value)]), region)


def test_end_of_another_number_needs_a_whole_one_before_it():
    assert has_further_end("0201234500-99", "NL")
    assert not has_further_end("0201234500-99", None)  # of no country: no number at all
    assert has_further_end("+31201234500-99", None)
    assert not has_further_end("onbekend-99", "NL")


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("phone_number", ["112", "+" + "1" * 15], ["11", "1" * 16, "1--" * 14 + "1"]),
        ("sip_uri", ["sip:" + "a" * (LONGEST - 6) + "@b"], ["sip:" + "a" * (LONGEST - 5) + "@b"]),
        ("customer_number", ["x", "x" * 64], ["", " x", "x" * 65]),
        ("phone_id", ["x" * 64], ["x" * 65]),
        ("time_and_place", ["x" * LONGEST], ["x" * (LONGEST + 1), "x\ny"]),
        ("ip_address", ["192.0.2.1", "2001:db8::1"], ["192.0.2.0/24", "fe80::1%eth0", ""]),
    ],
)
def test_target_has_the_form_of_its_kind(kind, right, wrong):
    kind = TargetKind(kind)
    assert [is_well_formed(kind, one) for one in right] == [True] * len(right)
    assert [is_well_formed(kind, one) for one in wrong] == [False] * len(wrong)
    assert expected_form(kind)
