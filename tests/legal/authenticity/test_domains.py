"""Which domains belong together, and which only look like another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.legal.authenticity.domains import (
    distance,
    find_look_alike,
    is_aligned,
    is_sibling,
    is_within,
)

KNOWN = ("politie.example", "om.example", "rechtspraak.example")


@pytest.mark.parametrize(
    "domain",
    [
        "po1itie.example", "polite.example", "politiee.example", "poiltie.example",
        "politie.example.net", "politie-example.net", "politie.test", "p0litie.example",
        "politle.example", "xn--poltie-b4a.example", "pоlitie.example", "poĺitie.example",
        "mail-politie.test", "rechtspraaak.example", "rechtsprak.example", "rech1sqraak.example",
        "xn--invalid-\u00e9.example", "om.example.org", "0m.example",
    ],
)  # fmt: skip
def test_look_alike_is_named(domain):
    assert find_look_alike(domain, KNOWN)


@pytest.mark.parametrize(
    "domain",
    [*KNOWN, "oost.politie.example", "gemeente.example", "belastingdienst.test", "example", ""],
)
def test_other_domain_is_no_look_alike(domain):
    assert find_look_alike(domain, KNOWN) is None


def test_domains_of_one_owner_are_aligned():
    assert is_aligned("mail.om.example", "om.example")
    assert is_aligned("om.example", "mail.om.example")
    assert not is_aligned("mail.om.example", "om.example", strict=True)
    assert not is_aligned("notom.example", "om.example")
    assert not is_aligned("om.example", "example")
    assert not is_aligned("", "om.example")
    assert not is_within("om.example", "example")


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_even_handed_and_bounded(a, b):
    assert (distance(a, b, 9) == 0) is (a == b)
    assert distance(a, b, 9) == distance(b, a, 9) <= max(len(a), len(b))
    assert (distance(a, b, 2) <= 2) is (distance(a, b, 9) <= 2)


@pytest.mark.parametrize(
    ("domain", "other", "expected"),
    [
        ("oost.politie.example", "west.politie.example", True),
        ("a.b.politie.example", "west.politie.example", True),
        ("politie.example", "west.politie.example", False),  # the one lies in the other
        ("politie.example", "om.example", False),
        ("politie", "politie", False),
        ("a.politie.example", "a.politie.test", False),
    ],
)
def test_domains_beside_each_other_may_be_of_one_owner(domain, other, expected):
    assert is_sibling(domain, other) is is_sibling(other, domain) is expected
