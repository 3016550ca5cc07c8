"""An issuer counts that two people decided on; what lies in a folder counts for nothing by itself."""

import json

import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.demonstration.order import write_order
from lea_service.kernel.errors import Unavailable
from lea_service.legal.authenticity.anchors import load_anchors
from lea_service.legal.authenticity.observations import Observation, Sight
from lea_service.legal.authenticity.policy import count_sights, read_policy, shipped_document
from lea_service.legal.authenticity.register import Sender
from tests.support.certificates import NOW
from tests.support.impostors import anchor, fingerprints, make_check, sign_pdf, with_list

S = Sight
TRUSTED, EVIL = "Example Trust CA", "Evil CA"
SENDER = Sender("Politie Eenheid Oost", "Anna de Vries", None, frozenset(), frozenset())
BOTH = [anchor(TRUSTED), anchor(EVIL)]
PROOF = {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}


def see(decided, held=BOTH, issuer=EVIL):
    """Return what a signed order shows where some issuers are decided on, and some are here."""
    order = with_list(sign_pdf(write_order(["Vordering"]), issuer=issuer), issuer=issuer)
    check = make_check(anchors=held)
    return check.observe(check.read(order, NOW, fingerprints(*decided)), SENDER, NOW)


def seen_by(policy_anchors, observations):
    document = {**shipped_document(), "anchors": fingerprints(*policy_anchors)}
    return count_sights(read_policy(document, 1), observations)


def test_issuer_nobody_decided_on_is_unknown():
    unknown = see([TRUSTED], held=BOTH[:1])
    assert [one.sight for one in unknown] == [S.SIGNATURE_UNTRUSTED]
    assert see([TRUSTED]) == unknown
    assert [one.sight for one in see([])] == [S.SIGNATURE_NO_ANCHOR]
    assert {one.sight for one in see([EVIL])} == PROOF


def test_report_says_which_issuer_it_led_to():
    for decided in ([EVIL], [EVIL, TRUSTED]):
        assert [[one.seen["anchor"]] for one in see(decided)] == [fingerprints(EVIL)] * 2
    assert not any("anchor" in one.seen for one in see([TRUSTED]))


def test_issuer_decided_on_and_not_here_is_told():
    for held in ([], BOTH[:1]):
        told = see([EVIL, TRUSTED][: 1 + len(held)], held=held)
        assert [one.seen["absent_anchors"] for one in told] == [fingerprints(EVIL)]
    assert not any("absent_anchors" in one.seen for one in see([TRUSTED]))


def test_signature_counts_while_its_issuer_does():
    observations = see([EVIL])
    assert seen_by([EVIL], observations) == PROOF
    assert seen_by([TRUSTED], observations) == seen_by([], observations) == {S.SIGNATURE_UNTRUSTED}


def test_report_that_names_no_issuer_proves_nothing():
    old = [Observation(one, NOW, ("sys:reader",), seen={"signature": 1}) for one in PROOF]
    assert seen_by([TRUSTED, EVIL], old) == {S.SIGNATURE_UNTRUSTED}
    kept = [Observation(one, NOW, ()) for one in set(S) - PROOF]
    assert seen_by([], kept) == set(S) - PROOF


def test_no_issuer_counts_by_what_ships():
    document = shipped_document()
    assert read_policy(document, 0).anchors == frozenset()
    del document["anchors"]
    assert read_policy(document, 1).anchors == frozenset()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.pem").write_bytes("Uitgever é\n".encode() + anchor(TRUSTED))
    (tmp_path / "b.crt").write_text("no certificate")
    (tmp_path / "c.cer").mkdir()
    (tmp_path / "notes.txt").write_text("not looked at")
    return tmp_path


def test_anchors_are_certificates_in_a_folder(folder):
    assert load_anchors(None) == ()
    with pytest.raises(Unavailable):
        load_anchors(folder / "none")
    (found,) = load_anchors(folder)
    assert (found.file, found.pem) == ("a.pem", anchor(TRUSTED))


def test_command_prints_fingerprints_to_compare(folder):
    shown = CliRunner().invoke(main, ["legal", "anchors", str(folder)])
    assert shown.exit_code == 0
    for part in (*fingerprints(TRUSTED), TRUSTED, "b.crt, c.cer"):
        assert part in shown.output
    listed = CliRunner().invoke(main, ["legal", "anchors", str(folder), "--json"])
    (one,) = json.loads(listed.output)["anchors"]
    assert [one["fingerprint"]] == fingerprints(TRUSTED)


def test_folder_without_certificates_is_told(tmp_path):
    shown = CliRunner().invoke(main, ["legal", "anchors", str(tmp_path)])
    assert (shown.exit_code, str(tmp_path) in shown.output) == (2, True)
