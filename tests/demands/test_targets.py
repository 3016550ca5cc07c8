"""A telephone number of a demand is one, by the plan of the country where it was dialled."""

import pytest

from lea_service.demands.targets import check_whole_numbers
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
    assert [one.pointer for one in caught.value.errors] == ["/items/1/target/value"]


@pytest.mark.parametrize("region", ["NL", "DE"])
@pytest.mark.parametrize("value", ["020 123 45-67", "+49 30 12345-67", "+31612345678", "112"])
def test_whole_number_is_one_everywhere(value, region):
    check_whole_numbers(content(items=[item("phone_number", value)]), region)
