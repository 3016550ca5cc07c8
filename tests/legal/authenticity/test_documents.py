"""What a document shows of where it comes from; whatever the bytes are, this comes to an end."""

import os
import re
from dataclasses import replace
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from lea_service.demonstration.order import write_order
from lea_service.kernel.errors import Unavailable
from lea_service.legal.authenticity.documents import DocumentCheck, read_apart
from lea_service.legal.authenticity.mail import MAX_LOOKUPS, list_lookups, observe_mail
from lea_service.legal.authenticity.mail_reader import MailFacts
from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.policy import judge, load_shipped
from lea_service.legal.authenticity.ports import KnownRecords
from lea_service.legal.authenticity.register import Sender
from tests.legal.papers import bomb
from tests.support.certificates import NOW
from tests.support.impostors import (
    BOX,
    DOMAIN,
    HEAD,
    OURS,
    add_empty_field,
    anchor,
    change_after,
    fingerprints,
    make_check,
    records_of,
    sign_mail,
    sign_pdf,
    with_list,
    write_mail,
)

S = Sight
KNOWN = {S.AGENCY_KNOWN, S.PERSON_KNOWN}
EXAMPLE_CA = fingerprints("Example Trust CA")[0]
SENDER = Sender(
    "Politie Eenheid Oost",
    "Anna de Vries",
    "anna.de.vries@politie.example",
    frozenset({DOMAIN}),
    frozenset({DOMAIN, "om.example"}),
)
PDF = write_order(["Vordering", "Betreft: +31 6 12345678"])
EVIL = "po1itie.example"


def look(data, sender=SENDER, **options):
    """Return the codes of what a document shows."""
    return {one.sight for one in observe(make_check(**options), data, sender)}


def observe(check, data, sender=SENDER):
    decided = [one.fingerprint for one in check.anchors]
    return check.observe(check.read(data, NOW, decided), sender, NOW)


def test_mail_that_carries_mails_says_how_many():
    with_mails = MailFacts(senders=[DOMAIN], nested=2)
    found = {one.sight: one.seen for one in observe_mail(with_mails, SENDER, [OURS], None)}
    assert found[S.MAIL_NESTED] == {"count": 2}
    without = replace(with_mails, nested=0)
    assert S.MAIL_NESTED not in {one.sight for one in observe_mail(without, SENDER, [OURS], None)}


def signed(**changes):
    return sign_pdf(PDF, **changes)


def said(*results, below=("Received: from mx",)):
    """Return headers with which our own server notes its results."""
    return [f"Authentication-Results: {OURS}; {'; '.join(results)}", *below]


PASSES = (
    f"dkim=pass header.d={DOMAIN}",
    f"spf=pass smtp.mailfrom=a@{DOMAIN}",
    f"dmarc=pass header.from={DOMAIN}",
)
SIGNATURES = {
    "none": (lambda: PDF, {S.SIGNATURE_NONE}),
    "issuer": (
        lambda: with_list(signed()),
        {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED},
    ),
    "embedded": (
        lambda: signed(carries_list=True),
        {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED},
    ),
    "by_mail_address": (
        lambda: signed(name="A. Vries", organisation=None, email="Anna.de.Vries@politie.example"),
        {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_REVOCATION_UNKNOWN},
    ),
    "seal": (
        lambda: signed(name="Politie Eenheid Oost"),
        {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_REVOCATION_UNKNOWN},
    ),
    "same_name_elsewhere": (
        lambda: signed(organisation="Politie Eenheid West"),
        {S.SIGNATURE_BY_OTHER, S.SIGNATURE_REVOCATION_UNKNOWN},
    ),
    "colleague": (
        lambda: signed(name="Piet Bakker"),
        {S.SIGNATURE_BY_OTHER, S.SIGNATURE_REVOCATION_UNKNOWN},
    ),
    "untrusted": (lambda: signed(issuer="Evil CA"), {S.SIGNATURE_UNTRUSTED}),
    "revoked": (lambda: with_list(signed(serial=99), 99), {S.SIGNATURE_REVOKED}),
    "changed": (
        lambda: change_after(signed()),
        {S.SIGNATURE_CHANGED, S.SIGNATURE_REVOCATION_UNKNOWN},
    ),
    "broken": (lambda: signed().replace(b"12345678", b"12345679"), {S.SIGNATURE_BROKEN}),
    "cut": (lambda: signed()[:-300], {S.SIGNATURE_UNREADABLE}),
    "garbage": (lambda: b"%PDF-1.7 /ByteRange" + os.urandom(500), {S.SIGNATURE_UNREADABLE}),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_is_what_it_covers_and_whose(name):
    make, wanted = SIGNATURES[name]
    assert look(make(), anchors=[anchor()]) == wanted


def test_without_anchors_nobody_can_tell_who_signed():
    assert look(signed()) == {S.SIGNATURE_NO_ANCHOR}


def test_second_signature_changes_nothing_of_the_first():
    both = sign_pdf(signed(), name="Second", serial=78)
    found = look(both, anchors=[anchor()])
    assert found >= {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_BY_OTHER}
    assert S.SIGNATURE_CHANGED not in found


CORNER = (400, 40, 560, 90)
PAINTS = {"box": BOX, "shows": "Betreft: +31 6 99999999", "serial": 78}


def signed_by_agency(data, **changes):
    """Return an order with the seal of the agency behind what is there."""
    return sign_pdf(data, name="Politie Eenheid Oost", serial=79, **changes)


def rewrite(data, tail=b"startxref\n%d\n%%%%EOF\n", by=0):
    """Return a PDF with other content behind it, and an end that points beside its table."""
    reader = PdfFileReader(BytesIO(data))
    content = reader.root["/Pages"]["/Kids"][0].get_object().raw_get("/Contents")
    forged = content.get_object().data.replace(b"12345678", b"99999999")
    found = b"\n%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n"
    at = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    last = tail % (at + by) if b"%d" in tail else tail
    return data + found % (content.idnum, len(forged), forged) + last


@pytest.mark.parametrize("by", [-3, -1, 1, 2, 3, 10**6])
@pytest.mark.parametrize("two", [False, True])
def test_end_that_points_beside_the_table_changes_what_was_signed(by, two):
    """One reader takes the old table then, another rebuilds the file and shows what was added."""
    order = with_list(sign_pdf(signed(), serial=78) if two else signed())
    found = look(rewrite(order, by=by), anchors=[anchor()])
    assert S.SIGNATURE_CHANGED in found or S.SIGNATURE_UNREADABLE in found
    assert not judge(load_shipped(), KNOWN | found).allows


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b"%" + b"x" * 1000 + b"\n",
        b"startxref\n+%d\n%%%%EOF\n",
        b"startxref\n%d\n%%%%EOF\n%%junk\n",
        b"%%startxref\n%%%d\n%%%%EOF\n",
    ],
)
def test_file_that_does_not_end_as_it_should_is_changed(tail):
    found = look(rewrite(with_list(signed()), tail=tail), anchors=[anchor()])
    assert S.SIGNATURE_CHANGED in found or S.SIGNATURE_UNREADABLE in found
    assert not judge(load_shipped(), KNOWN | found).allows


PAINTED = {
    "unknown_issuer": lambda: sign_pdf(signed(), "Mallory", issuer="Evil CA", **PAINTS),
    "forged_name": lambda: sign_pdf(signed(), issuer="Evil CA", **PAINTS),
    "kept_proof": lambda: with_list(sign_pdf(signed(), issuer="Evil CA", **PAINTS)),
    "nobody_signed": lambda: add_empty_field(signed()),
    "place_stands_elsewhere": lambda: add_empty_field(signed(), indirect=True),
    "below_a_good_one": lambda: signed_by_agency(sign_pdf(signed(), issuer="Evil CA", **PAINTS)),
}


@pytest.mark.parametrize("name", PAINTED)
def test_field_painted_over_an_order_undoes_the_signature_below_it(name):
    facts = make_check(anchors=[anchor()]).read(PAINTED[name](), NOW, [EXAMPLE_CA]).signatures
    assert {S.SIGNATURE_PAINTED, S.SIGNATURE_CHANGED} <= {*facts[0].sights}
    assert not facts[0].is_good


@pytest.mark.parametrize("name", [*PAINTED][:-1])
def test_painted_order_is_the_issuers_no_longer(name):
    found = look(PAINTED[name](), anchors=[anchor()])
    assert {S.SIGNATURE_PAINTED, S.SIGNATURE_CHANGED} <= found
    assert not found & {S.SIGNATURE_BY_ISSUER}
    assert not judge(load_shipped(), KNOWN | found).allows


def test_anybody_with_a_good_card_cannot_paint_either():
    found = look(with_list(sign_pdf(signed(), "Mallory", "", **PAINTS)), anchors=[anchor()])
    assert {S.SIGNATURE_PAINTED, S.SIGNATURE_BY_OTHER} <= found
    assert S.SIGNATURE_BY_ISSUER not in found
    assert not judge(load_shipped(), KNOWN | found).allows


def test_later_signature_of_an_unknown_issuer_is_a_change_also_unseen():
    found = look(sign_pdf(signed(), issuer="Evil CA", serial=78), anchors=[anchor()])
    assert S.SIGNATURE_CHANGED in found
    assert not found & {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_PAINTED}


def test_order_with_two_good_visible_signatures_is_the_issuers():
    order = signed_by_agency(signed(box=(60, 40, 220, 90)), box=CORNER)
    found = look(with_list(order), anchors=[anchor()])
    assert found == {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}
    facts = make_check(anchors=[anchor()]).read(order, NOW, [EXAMPLE_CA]).signatures
    assert [(one.is_good, one.painters) for one in facts] == [(True, [2]), (True, [])]


def test_visible_signature_below_that_of_the_issuer_is_what_the_issuer_signed():
    order = signed_by_agency(sign_pdf(PDF, "Judge", "Court", serial=80, box=CORNER))
    assert S.SIGNATURE_PAINTED not in (found := look(order, anchors=[anchor()]))
    assert {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_BY_OTHER} <= found


def test_where_no_signature_counts_another_is_no_change():
    found = look(sign_pdf(signed(), issuer="Evil CA", **PAINTS))
    assert found == {S.SIGNATURE_NO_ANCHOR}


def test_proof_of_another_signature_does_not_stand_in():
    """A card of which nobody knows whether it was revoked, beside one that was not."""
    stolen = sign_pdf(PDF)
    both = with_list(
        sign_pdf(stolen, name="Mallory", issuer="Other CA", serial=78), issuer="Other CA"
    )
    found = look(both, anchors=[anchor(), anchor("Other CA")])
    assert {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_BY_OTHER, S.SIGNATURE_REVOCATION_UNKNOWN} <= found
    assert S.SIGNATURE_NOT_REVOKED not in found


PASS = "\r\n".join([*said("dkim=pass header.d=politie.example"), ""]).encode()


def put(mail, line):
    """Return a mail with a header line below the others, which nobody signed."""
    return mail.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n", 1)


def signed_often(count, mail):
    """Return a mail with as many signatures of an impostor on top."""
    bad = b"DKIM-Signature: v=1; a=rsa-sha256; d=evil.example; s=x; h=from; bh=x; b=x\r\n"
    return bad * count + mail


MAILS = {
    "bare_cr_ends_our_head": (
        lambda: put(sign_mail(write_mail()), b"X-Note: a\r\rWe order you"),
        {S.MAIL_DKIM_FAILED},
    ),
    "bare_cr_hides_a_subject": (
        lambda: put(sign_mail(write_mail()), b"X-Note: a\rSubject: Another"),
        {S.MAIL_DKIM_FAILED, S.MAIL_HEADERS_FORGED},
    ),
    "bare_cr_hides_the_signature": (
        lambda: PASS + b"From: a@politie.example\r\nX-Note: a\r\r" + sign_mail(write_mail()),
        {S.MAIL_DKIM_FAILED},
    ),
    "nul_in_the_head": (
        lambda: put(sign_mail(write_mail()), b"X-Note: a\0b"),
        {S.MAIL_DKIM_FAILED},
    ),
    "bare_cr_in_the_body": (
        lambda: sign_mail(write_mail().replace(b"\r\n\r\n", b"\r\n\r\na\rb\0")),
        {S.MAIL_DKIM_PASSED},
    ),
    "lines_end_in_lf": (
        lambda: sign_mail(write_mail()).replace(b"\r\n", b"\n"),
        {S.MAIL_DKIM_PASSED},
    ),
    "too_many_signatures": (
        lambda: sign_mail(signed_often(5, write_mail())),
        {S.MAIL_DKIM_UNKNOWN},
    ),
    "sixth_signature_passed_by_our_server": (
        lambda: PASS + signed_often(5, sign_mail(write_mail(), head=HEAD[1:])),
        {S.MAIL_DKIM_UNKNOWN},
    ),
    "plain": (write_mail, {S.MAIL_DKIM_NONE, S.MAIL_DMARC_UNKNOWN, S.MAIL_DOMAIN_KNOWN}),
    "genuine": (
        lambda: sign_mail(write_mail()),
        {S.MAIL_DKIM_PASSED, S.MAIL_DMARC_PASSED, S.MAIL_DOMAIN_KNOWN},
    ),
    "changed": (
        lambda: sign_mail(write_mail("abc")).replace(b"abc", b"abd"),
        {S.MAIL_DKIM_FAILED, S.MAIL_DMARC_FAILED},
    ),
    "part_only": (
        lambda: sign_mail(write_mail(), length=True) + b"Also +31 6 99999999",
        {S.MAIL_DKIM_FAILED},
    ),
    "open_subject": (
        lambda: sign_mail(write_mail(), head=HEAD[1:]),
        {S.MAIL_DKIM_UNKNOWN, S.MAIL_DMARC_UNKNOWN},
    ),
    "open_boundary": (
        lambda: sign_mail(write_mail(), head=[n for n in HEAD if n != b"content-type"]),
        {S.MAIL_DKIM_UNKNOWN, S.MAIL_DMARC_UNKNOWN},
    ),
    "second_subject": (
        lambda: b"Subject: Vordering 2\r\n" + sign_mail(write_mail()),
        {S.MAIL_DKIM_UNKNOWN, S.MAIL_HEADERS_FORGED},
    ),
    "open_subject_passed_by_our_server": (
        lambda: PASS + sign_mail(write_mail(), head=HEAD[1:]),
        {S.MAIL_DKIM_UNKNOWN},
    ),
    "of_another": (
        lambda: sign_mail(write_mail(), domain="bulk.example"),
        {S.MAIL_DKIM_OTHER, S.MAIL_DMARC_UNKNOWN},
    ),
    "no_key": (
        lambda: sign_mail(write_mail(), domain="unpublished.example"),
        {S.MAIL_DKIM_FAILED},
    ),
    "look_alike": (
        lambda: sign_mail(write_mail(sender=f"a@{EVIL}"), domain=EVIL),
        {S.MAIL_LOOK_ALIKE, S.MAIL_DKIM_PASSED, S.MAIL_DOMAIN_UNKNOWN},
    ),
    "reply_look_alike": (
        lambda: write_mail(Reply_To=f"a@{EVIL}"),
        {S.MAIL_LOOK_ALIKE, S.MAIL_REPLY_ELSEWHERE},
    ),
    "look_alike_in_other_letters": (
        lambda: write_mail(sender="a@p\u043elitie.example"),
        {S.MAIL_LOOK_ALIKE, S.MAIL_DOMAIN_UNKNOWN},
    ),
    "look_alike_in_raw_bytes": (
        lambda: write_mail().replace(b"a@politie", b"a@p\xd0\xbelitie"),
        {S.MAIL_LOOK_ALIKE, S.MAIL_DOMAIN_UNKNOWN},
    ),
    "return_elsewhere": (
        lambda: write_mail(head=["Return-Path: <x@bulk.example>"]),
        {S.MAIL_RETURN_ELSEWHERE},
    ),
    "two_senders": (
        lambda: write_mail(head=["From: other@politie.example"]),
        {S.MAIL_HEADERS_FORGED},
    ),
    "signed_then_another_sender": (
        lambda: b"From: b@politie.example\r\n" + sign_mail(write_mail()),
        {S.MAIL_HEADERS_FORGED, S.MAIL_DKIM_FAILED},
    ),
    "two_addresses": (
        lambda: write_mail(sender="a@politie.example, b@bulk.example"),
        {S.MAIL_HEADERS_FORGED},
    ),
    "two_subjects": (lambda: write_mail(head=["Subject: x"]), {S.MAIL_HEADERS_FORGED}),
    "our_results": (
        lambda: write_mail(head=said(*PASSES)),
        {S.MAIL_DKIM_PASSED, S.MAIL_SPF_PASSED, S.MAIL_DMARC_PASSED},
    ),
    "our_server_fails_it": (
        lambda: write_mail(head=said("dkim=fail header.d=x.example", "spf=fail", "dmarc=fail")),
        {S.MAIL_DKIM_FAILED, S.MAIL_SPF_FAILED, S.MAIL_DMARC_FAILED},
    ),
    "results_of_another": (
        lambda: write_mail(head=[f"Authentication-Results: mx.evil.example; {PASSES[0]}"]),
        {S.MAIL_RESULTS_FOREIGN, S.MAIL_DKIM_NONE, S.MAIL_SPF_UNKNOWN},
    ),
    "ours_below_another": (
        lambda: write_mail(head=["Authentication-Results: mx.evil.example; none", *said(*PASSES)]),
        {S.MAIL_RESULTS_FOREIGN, S.MAIL_DKIM_NONE, S.MAIL_SPF_UNKNOWN},
    ),
    "forged_below_ours": (
        lambda: write_mail(head=[*said("dkim=none", "spf=none"), *said(*PASSES)]),
        {S.MAIL_RESULTS_FORGED, S.MAIL_DKIM_NONE, S.MAIL_SPF_UNKNOWN},
    ),
    "quoted_results": (
        lambda: write_mail(head=said('spf=fail smtp.mailfrom="a; dkim=pass"@x.example')),
        {S.MAIL_SPF_FAILED, S.MAIL_DKIM_NONE},
    ),
}


@pytest.mark.parametrize("name", MAILS)
def test_mail_shows_what_its_headers_prove(name):
    make, wanted = MAILS[name]
    records = records_of(DOMAIN, EVIL, "bulk.example")
    found = look(make(), records=records, servers=[OURS])
    assert found >= wanted
    assert (S.MAIL_LOOK_ALIKE in found) is ("look_alike" in name)
    assert (S.MAIL_HEADERS_FORGED in found) is (S.MAIL_HEADERS_FORGED in wanted)
    assert (S.MAIL_DKIM_PASSED in found) is (S.MAIL_DKIM_PASSED in wanted)


def test_nothing_is_looked_up_unless_it_may_be():
    found = look(sign_mail(write_mail()))
    assert {S.MAIL_DKIM_UNKNOWN, S.MAIL_DMARC_UNKNOWN} <= found


def test_name_servers_that_do_not_answer_tell_nothing():
    class Silent:
        def find(self, name):
            raise Unavailable("no answer")

    check = DocumentCheck(Silent(), read_bytes=make_check().read_bytes)
    found = {one.sight for one in observe(check, sign_mail(write_mail()))}
    assert {S.MAIL_DKIM_UNKNOWN, S.MAIL_DMARC_UNKNOWN} <= found


def test_weak_key_and_strict_policy_fail():
    strict = records_of(DOMAIN, dmarc="v=DMARC1; p=reject; adkim=s")
    below = sign_mail(write_mail(sender=f"a@oost.{DOMAIN}"))
    assert S.MAIL_DMARC_PASSED in look(below, records=records_of(DOMAIN))
    assert S.MAIL_DMARC_PASSED not in look(below, records=strict)


@pytest.mark.parametrize(
    ("policy", "results", "seen"),
    [
        ("v=DMARC1; p=reject", PASSES, S.MAIL_DMARC_PASSED),
        ("v=DMARC1; p=reject", (), S.MAIL_DMARC_UNKNOWN),
        ("v=DMARC1; p=reject", ("spf=fail", "dmarc=fail"), S.MAIL_DMARC_FAILED),
        ("v=DMARC1; p=reject; adkim=s; aspf=s", PASSES, S.MAIL_DMARC_FAILED),
    ],
)
def test_domains_beside_each_other_are_settled_by_our_own_server(policy, results, seen):
    """A mail of oost. that west. signed: the same owner, or not, by the list of suffixes alone."""
    told = [one.replace(DOMAIN, f"west.{DOMAIN}") for one in results[:2]]
    told += [one.replace(DOMAIN, f"oost.{DOMAIN}") for one in results[2:]]
    mail = write_mail(sender=f"a@oost.{DOMAIN}", head=said(*told) if told else ())
    mail = sign_mail(mail, domain=f"west.{DOMAIN}")
    records = {**records_of(f"west.{DOMAIN}"), **records_of(DOMAIN, dmarc=policy)}
    found = look(mail, records=records, servers=[OURS])
    dmarc = {S.MAIL_DMARC_PASSED, S.MAIL_DMARC_UNKNOWN, S.MAIL_DMARC_FAILED}
    assert found & dmarc == {seen}


def test_signature_within_a_mail_does_not_cover_what_the_mail_says():
    found = look(write_mail(files=[with_list(signed())]), anchors=[anchor()])
    assert S.SIGNATURE_PARTIAL in found
    assert not found & {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}
    assert S.SIGNATURE_CHANGED in look(write_mail(files=[change_after(signed())]))


def test_lookups_are_few_whatever_a_mail_names():
    mail = write_mail()
    for n in range(60):
        mail = sign_mail(mail, domain="bulk.example").replace(b"d=bulk", b"d=b%d" % n)
    facts = make_check().read(mail, NOW).mail
    assert len(facts.dkim) == 5
    assert len(list_lookups(facts)) <= MAX_LOOKUPS


NASTY = {
    "nested": lambda: b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
    "multipart": lambda: (
        b"From: a@b.example\r\n"
        + b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(3_000)
        )
    ),
    "many_results": lambda: (
        b"From: a@b.example\r\n"
        + b"Authentication-Results: x; dkim=pass (((((((((\r\n" * 20_000
        + b"\r\n"
    ),
    "long_header": lambda: b"From: " + b"a, " * 500_000 + b"a@b.example\r\n\r\n",
    "many_signatures": lambda: (
        b"From: a@b.example\r\n"
        + b"DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=x; h=from; bh=x; b=x\r\n" * 20_000
        + b"\r\n"
    ),
    "odd_signature": lambda: b"From: a@b.example\r\nDKIM-Signature: d=\xff; s=..; l=9\r\n\r\n",
    "bomb_in_a_mail": lambda: write_mail(files=[bomb() + b"/ByteRange"]),
    "bomb": lambda: bomb() + b"/ByteRange",
    "encrypted": lambda: PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /ByteRange [] >>"),
    "random": lambda: b"%PDF-1.7 /ByteRange [0 1 2 3]" + os.urandom(200_000),
}


@pytest.mark.parametrize("name", NASTY)
def test_hostile_document_ends_in_codes(name):
    check = replace(
        make_check(anchors=[anchor()]), resolver=KnownRecords(), read_bytes=read_apart
    )  # the real process with its limits
    found = {one.sight for one in observe(check, NASTY[name]())}
    assert found
    assert not found & {S.SIGNATURE_BY_ISSUER, S.MAIL_DKIM_PASSED, S.MAIL_DMARC_PASSED}


CROWD = ", ".join(f"a@{n}.elsewhere.example" for n in range(2_000))


def test_mail_with_a_crowd_of_addresses_is_held_and_takes_no_time():
    """Each domain is held against those of every agency, by the process that serves people."""
    agencies = frozenset(f"agency-{n}.example" for n in range(200))
    mail = sign_mail(write_mail(Reply_To=CROWD, Return_Path=CROWD))
    facts = make_check().read(mail, NOW)
    assert len(facts.mail.replies) + len(facts.mail.returns) <= 20
    seen = {
        one.sight: one.seen
        for one in make_check().observe(facts, Sender(all_domains=agencies), NOW)
    }
    assert seen[S.MAIL_HEADERS_FORGED] == {"headers": ["Reply-To", "Return-Path"]}


def test_results_of_our_own_server_are_kept_to_a_number():
    crowd = "; ".join(f"dkim=pass header.d={n}.example" for n in range(1_000))
    facts = make_check(servers=[OURS]).read(write_mail(head=said(crowd)), NOW)
    assert [len(one.said) for one in facts.mail.results] == [50]


LONG = {
    "From": b"=?utf-8?q?a?= " * 70_000,
    "Authentication-Results": OURS.encode() + b"; " + b"dkim=pass header.d=a.b; " * 40_000,
}


@pytest.mark.parametrize("name", LONG)
def test_header_that_is_too_long_is_held_and_not_read(name):
    mail = put(write_mail(), b"%s: %s@x.example" % (name.encode(), LONG[name]))
    facts = make_check(servers=[OURS]).read(mail, NOW)
    seen = {one.sight: one.seen for one in make_check().observe(facts, SENDER, NOW)}
    assert seen[S.MAIL_HEADERS_FORGED] == {"headers": [name]}
    assert (facts.mail.senders, facts.mail.results) in (([], []), ([DOMAIN], []))


def test_many_results_that_are_long_together_are_not_read():
    mail = write_mail(head=said(*PASSES))
    for _ in range(2):
        mail = put(mail, b"Authentication-Results: x; " + b"spf=pass smtp.mailfrom=a@b; " * 1_700)
    found = observe_mail(make_check().read(mail, NOW).mail, SENDER, [OURS], None)
    sights = {one.sight for one in found}
    assert S.MAIL_HEADERS_FORGED in sights
    assert not sights & {S.MAIL_SPF_PASSED, S.MAIL_DKIM_PASSED, S.MAIL_DMARC_PASSED}


def test_certificate_that_names_a_crowd_is_kept_to_a_number():
    crowd = tuple(f"a{n}@politie.example" for n in range(300))
    facts = make_check(anchors=[anchor()]).read(signed(email=crowd), NOW, [EXAMPLE_CA])
    assert [len(one.emails) for one in facts.signatures] == [20]
