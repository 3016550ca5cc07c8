"""Which article reaches which data, by the table of the research, written out here by hand.

A defect that nobody can accept makes a person refuse a lawful order: what the table has inside an
article is inside it in the catalogue too, or is asked.
"""

from dataclasses import replace

import pytest

from tests.legal.cases import basis_of, check, suited

WHO = ("NL-SV-126na-1", "NL-SV-126ua", "NL-SV-126zi", "NL-WIV-56", "EU-EPO-SUBSCRIBER")
REACHES = {
    "subscriber_identity": WHO,
    "number_and_service": WHO,
    "identifying_admin": ("NL-SV-126nc", "NL-SV-126uc", "NL-SV-126zk", "EU-EPO-SUBSCRIBER"),
    "billing_payment": (
        "NL-SV-126n", "NL-SV-126u", "NL-SV-126zh", "NL-WIV-56", "EU-EPO-SUBSCRIBER",
    ),
    "traffic_call_records": (
        "NL-SV-126n", "NL-SV-126u", "NL-SV-126zh", "NL-WIV-55", "EU-EPO-TRAFFIC",
    ),
    "usage_sessions": ("NL-SV-126nd", "NL-SV-126ud", "NL-SV-126zl", "EU-EPO-TRAFFIC"),
    "content_stored": (
        "NL-SV-126ng-2", "NL-SV-126ug-2", "NL-SV-126zo-2", "NL-WIV-54", "EU-EPO-CONTENT",
    ),
    "sensitive": ("NL-SV-126nf", "NL-SV-126uf", "NL-SV-126zn"),
}  # fmt: skip
ASKED = {
    "identifying_admin": ("NL-WIV-56",),  # "in part"
    "billing_payment": ("NL-SV-126nd", "NL-SV-126ud", "NL-SV-126zl"),  # what art. 126n(h) leaves
    "usage_sessions": ("NL-SV-126n", "NL-SV-126u", "NL-SV-126zh", "NL-WIV-55"),
    "ip_identification": ("NL-WIV-55",),
    "sensitive": ("NL-SV-126ud",),  # whether the bar of art. 126nd stands there was not read
}
KEEPING = ("NL-SV-126ni", "NL-SV-126ui", "NL-SV-126zja", "EU-EPRO")
"""Keep any of them."""


def found_of(basis, category):
    item = replace(suited(basis_of(basis)).items[0], categories=(category,))
    (found,) = (
        one
        for one in check(suited(basis_of(basis), items=(item,)))
        if one.code.startswith("category.")
    )
    return found


@pytest.mark.parametrize("category", REACHES)
def test_what_the_research_has_inside_an_article_is_inside(category):
    for basis in (*REACHES[category], *KEEPING):
        assert found_of(basis, category).code == "category.inside", basis


@pytest.mark.parametrize("category", ASKED)
def test_what_it_has_inside_in_part_or_unsure_is_asked(category):
    for basis in ASKED[category]:
        found = found_of(basis, category)
        assert (found.code, found.can_be_accepted) == ("category.unsettled", True), basis


def test_sensitive_data_under_a_twin_of_126nd_name_the_article_of_its_own_title():
    assert found_of("NL-SV-126ud", "sensitive").seen["belongs_to"] == ["NL-SV-126uf"]
    assert found_of("NL-SV-126zl", "sensitive").code == "category.excluded"
    assert found_of("NL-SV-126zl", "sensitive").seen["belongs_to"] == ["NL-SV-126zn"]
