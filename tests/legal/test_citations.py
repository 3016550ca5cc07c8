"""Articles cited in the language of the reader."""

import pytest

from lea_service.legal.citations import say_citation
from lea_service.legal.emergency import POLICY

UNION = "Verordening (EU) 2023/1543 art."


@pytest.mark.parametrize(
    ("cited", "dutch"),
    [
        ("10(5) and 12", "10, lid 5, en art. 12"),
        ("5(6) and (7)", "5, lid 6 en lid 7"),
        ("10(8), 17(1) to (3)", "10, lid 8, art. 17, lid 1 tot en met lid 3"),
        ("4, 12(1)(a)", "4, art. 12, lid 1, onder a"),
    ],
)
def test_regulation_is_cited_as_dutch_law_does(cited, dutch):
    english = f"Regulation (EU) 2023/1543 art. {cited}"
    assert say_citation(english, "nl") == f"{UNION} {dutch}"
    assert say_citation(english, "en") == english


def test_other_citations_are_those_of_the_catalogue_or_as_they_are():
    row = "Regulation (EU) 2023/1543 art. 4(2), 5(4), 8, 10, 12"
    assert say_citation(row, "nl") == f"{UNION} 4, lid 2, art. 5, lid 4, art. 8, 10, 12"
    assert say_citation("Regulation (EU) 2023/1543, Annex III", "nl") == (
        "Verordening (EU) 2023/1543, bijlage III"
    )
    assert say_citation("18 U.S.C. 2703(d)", "nl") == "18 U.S.C. 2703(d)"
    assert say_citation("Sv art. 130", "nl") == "Sv art. 130"


def test_policy_of_the_provider_is_named_as_such():
    assert say_citation(POLICY, "en") == POLICY
    assert say_citation(POLICY, "nl").startswith("Beleid van de aanbieder: spoed")
