"""On what a finding rests: an article, its sources, and how sure it is."""

from datetime import date

import pytest

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.findings import OURS, load_finding, make_finding

BASIS = load_catalogue().find_basis("NL-SV-126n", date(2026, 11, 20))
RULE = {"citation": "Art. 1", "sources": ["a", "b"], "confidence": "from_memory"}


def rests_on(finding):
    return finding.article, finding.sources, finding.confidence


def test_finding_rests_on_its_rule_before_its_basis():
    sure = BASIS.confidence_of("")
    assert BASIS.sources
    assert rests_on(make_finding("addressee.reseller", BASIS)) == (
        BASIS.citation,
        BASIS.sources,
        sure,
    )
    of_rule = ("Art. 1", ("a", "b"), "from_memory")
    assert rests_on(make_finding("addressee.reseller", BASIS, rule=RULE)) == of_rule
    assert rests_on(make_finding("addressee.reseller", rule=RULE)) == of_rule
    assert rests_on(make_finding("addressee.reseller")) == (OURS, (), None)
    assert rests_on(make_finding("addressee.reseller", BASIS, rule=RULE, article="Art. 2")) == (
        "Art. 2",
        *of_rule[1:],
    )


@pytest.mark.parametrize("basis", [BASIS, None])
def test_finding_is_read_as_it_was_kept(basis):
    found = make_finding("period.too_far_back", basis, item=2, seen={"day": "2026-06-01"},
                         day=date(2026, 6, 1))  # fmt: skip
    assert "2026-06-01" in f"{found.cure} {found.says}"
    assert load_finding(found.dump()) == found
