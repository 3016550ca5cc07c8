"""Articles cited in the language of the reader."""

import ast
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

import lea_service
from lea_service.legal.citations import say_citation
from lea_service.legal.word import POLICY

ENGLISH = re.compile(r"\b(and|to|for|Regulation|Annex|GDPR)\b")
CITED = re.compile(r"(Regulation|Sv|ATW|Telecommunicatiewet|Wetboek)\b[^.]* art\. \d[^A-Z]*(; .*)?")
UNION = "Verordening (EU) 2023/1543 art."


@pytest.mark.parametrize(
    ("cited", "dutch"),
    [
        ("10(5) and 12", "10, lid 5, en art. 12"),
        ("5(6) and (7)", "5, leden 6 en 7"),
        ("10(8), 17(1) to (3)", "10, lid 8, art. 17, leden 1 tot en met 3"),
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
    assert say_citation(POLICY, "nl").startswith("Beleid van de aanbieder: noodgevallen")


def list_cited(found: object) -> Iterator[str]:
    """Yield every ``citation`` and ``law`` of a data file."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key in {"citation", "law"} and isinstance(value, str):
                yield value
            yield from list_cited(value)
    elif isinstance(found, list):
        for one in found:
            yield from list_cited(one)


def list_of_code() -> Iterator[str]:
    """Yield the laws that the code itself names."""
    for path in Path(lea_service.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and CITED.fullmatch(str(node.value)):
                yield str(node.value)


def test_no_citation_of_ours_is_left_in_english():
    data = [one for one in (files("lea_service.legal") / "data").iterdir() if one.suffix == ".json"]
    cited = {law for one in data for law in list_cited(json.loads(one.read_text("utf-8")))}
    named = {*list_of_code()}
    assert len(cited) > 60
    assert len(named) > 12
    said = {one: say_citation(one, "nl") for one in cited | named}
    assert not {one: dutch for one, dutch in said.items() if ENGLISH.search(dutch)}


@pytest.mark.parametrize(
    ("cited", "dutch"),
    [
        ("Wetboek van Strafvordering art. 126zq to 126zs", "126zq tot en met 126zs"),
        ("ECLI:NL:HR:2022:475 and 477", "475 en 477"),
        (
            "Telecommunicatiewet art. 11.3a; Regulation (EU) 611/2013 art. 2(2)",
            "11.3a; Verordening (EU) 611/2013 art. 2, lid 2",
        ),
        ("Regulation (EU) 2016/679 (GDPR) art. 33(1)", "(AVG) art. 33, lid 1"),
    ],
)
def test_several_articles_and_laws_are_cited_in_dutch(cited, dutch):
    assert say_citation(cited, "nl").endswith(dutch)
    assert say_citation(cited, "en") == cited
