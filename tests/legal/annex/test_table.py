"""Annex III as it ships, and where a choice from it is wrong."""

import pytest

from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.legal.annex.table import Certificate, certificate_of, load_annex
from tests.legal.cases import basis_of

TABLE = load_annex()


def test_table_is_read_whole():
    """What was read when this was imported is what is read again."""
    assert load_annex.__wrapped__() == TABLE
    assert TABLE.reasons
    for code, reason in TABLE.reasons.items():
        assert reason.code == code
        assert reason.uses
        assert reason.sources


def refuse(certificate, *codes):
    with pytest.raises(InvalidInput) as refused:
        TABLE.choose(certificate, codes)
    return str(refused.value)


def test_each_wrong_choice_is_named_by_its_place():
    for certificate in Certificate:
        right = next(one.code for one in TABLE.reasons.values() if certificate in one.uses)
        wrong = (one.code for one in TABLE.reasons.values() if certificate not in one.uses)
        assert TABLE.choose(certificate, [right]) == (TABLE.reasons[right],)
        assert refuse(certificate, right, "x") == "/reasons/1: expected a reason of Annex III"
        for code in wrong:
            said = f"/reasons/1: expected a reason that a European {certificate} order can have"
            assert refuse(certificate, right, code) == said


def test_only_a_european_order_has_a_certificate():
    for basis in (None, basis_of("NL-SV-126n")):
        with pytest.raises(WrongState) as refused:
            certificate_of(basis)
        said = "only a European order is answered with Annex III: this one is refused"
        assert str(refused.value) == said
    assert certificate_of(basis_of("EU-EPO-SUBSCRIBER")) in Certificate
