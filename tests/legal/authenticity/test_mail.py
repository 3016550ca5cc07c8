"""What the headers of a mail come to, by what was read of them alone."""

from dataclasses import replace

import pytest

from lea_service.legal.authenticity.mail import MAX_LOOKUPS, Seen, list_lookups, observe_mail
from lea_service.legal.authenticity.mail_reader import (
    FAILED,
    HEAD_OPEN,
    PASSED,
    TOO_MANY,
    DkimFacts,
    MailFacts,
    ResultFacts,
)
from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.register import Sender

S = Sight
OWN = "politie.example"
SENDER = Sender(domains=frozenset({OWN}), all_domains=frozenset({OWN, "om.example"}))
SERVERS = ("mx.provider.example", "mx2.provider.example")
MAIL = MailFacts(senders=[OWN])
DKIM = DkimFacts(OWN, f"k._domainkey.{OWN}", PASSED, "verified")


def results(*said, server=SERVERS[0], below=1):
    return ResultFacts(server, below, [*map(list, said)])


def look(facts=MAIL, records=None, **changes):
    """Return what a mail shows, by its code."""
    facts = replace(facts, **changes)
    found = [*observe_mail(facts, SENDER, SERVERS, records)]
    assert len({one.sight for one in found}) == len(found)
    return {one.sight: one for one in found}


def test_bare_mail_shows_each_thing_that_it_does_not_have():
    assert list(observe_mail(MailFacts(), SENDER, SERVERS, None)) == [
        Seen(S.MAIL_DKIM_NONE, {"signatures": 0, "reasons": [], "by_our_server": []}),
        Seen(S.MAIL_SPF_UNKNOWN, {}),
        Seen(S.MAIL_DMARC_UNKNOWN, {"by_our_server": None}, ""),
        Seen(S.MAIL_DOMAIN_UNKNOWN, {}),
    ]


def test_mail_of_the_agency_shows_what_was_proven_and_by_whom():
    ours = results(("dkim", "pass", OWN), ("spf", "pass", OWN), ("dmarc", "pass", OWN))
    facts = replace(MAIL, results=[ours], dkim=[DKIM], repeated=["subject"], nested=2)
    assert list(observe_mail(facts, SENDER, SERVERS, None)) == [
        Seen(S.MAIL_HEADERS_FORGED, {"headers": ["subject"]}),
        Seen(
            S.MAIL_DKIM_PASSED,
            {"signatures": 1, "reasons": ["verified"], "by_our_server": ["pass"]},
            OWN,
        ),
        Seen(S.MAIL_SPF_PASSED, {"result": "pass"}, OWN),
        Seen(S.MAIL_DMARC_PASSED, {"by_our_server": "pass"}, OWN),
        Seen(S.MAIL_DOMAIN_KNOWN, {}, OWN),
        Seen(S.MAIL_NESTED, {"count": 2}),
    ]


@pytest.mark.parametrize(
    ("noted", "expected"),
    [
        ([], {}),
        ([results()], {}),
        ([results(server=SERVERS[1])], {}),
        ([results(server="evil.example")], {S.MAIL_RESULTS_FOREIGN: 1}),
        ([results(), results(server="evil.example", below=4)], {S.MAIL_RESULTS_FOREIGN: 1}),
        ([results(), results(below=1)], {S.MAIL_RESULTS_FOREIGN: 1}),
        ([results(), results(below=2)], {S.MAIL_RESULTS_FORGED: 1}),
        ([results(below=0), results(below=1), results(below=2)], {S.MAIL_RESULTS_FORGED: 2}),
        (
            [results(server="evil.example", below=0), results(below=1)],
            {S.MAIL_RESULTS_FORGED: 2},
        ),
        ([results(server="evil.example"), results(below=0)], {S.MAIL_RESULTS_FOREIGN: 2}),
    ],
)
def test_only_the_topmost_results_count_and_only_of_a_server_of_ours(noted, expected):
    """Those of ours below another Received were there before the mail came to us."""
    found = look(results=noted)
    wanted = {S.MAIL_RESULTS_FORGED, S.MAIL_RESULTS_FOREIGN}
    assert {one: found[one].seen["count"] for one in wanted & set(found)} == expected


def test_results_of_somebody_else_prove_nothing():
    foreign = results(
        ("dkim", "pass", OWN), ("spf", "pass", OWN), ("dmarc", "pass", OWN), server="x"
    )
    found = look(results=[foreign])
    assert {S.MAIL_DKIM_NONE, S.MAIL_SPF_UNKNOWN, S.MAIL_DMARC_UNKNOWN} <= set(found)


def key(domain=OWN, verdict=PASSED, reason="verified"):
    return DkimFacts(domain, f"k._domainkey.{domain}", verdict, reason)


BAD, OPEN = key(verdict=FAILED, reason="body_hash"), key(verdict="unknown", reason=HEAD_OPEN)
OTHER_KEY, EVIL = key("list.example"), "evil.example"


@pytest.mark.parametrize(
    ("keys", "said", "expected"),
    [
        ([key()], [], S.MAIL_DKIM_PASSED),
        ([key(f"mail.{OWN}")], [], S.MAIL_DKIM_PASSED),
        ([OTHER_KEY], [], S.MAIL_DKIM_OTHER),
        ([OTHER_KEY, key()], [], S.MAIL_DKIM_PASSED),
        ([key(verdict="unknown", reason="no_key")], [], S.MAIL_DKIM_UNKNOWN),
        ([BAD], [], S.MAIL_DKIM_FAILED),
        ([BAD, OTHER_KEY], [], S.MAIL_DKIM_FAILED),
        ([BAD, key()], [], S.MAIL_DKIM_PASSED),
        ([], [("pass", OWN)], S.MAIL_DKIM_PASSED),
        ([], [("pass", EVIL)], S.MAIL_DKIM_OTHER),
        ([], [("none", OWN)], S.MAIL_DKIM_NONE),
        ([], [("fail", OWN)], S.MAIL_DKIM_FAILED),
        ([], [("permerror", OWN)], S.MAIL_DKIM_FAILED),
        ([], [("fail", EVIL), ("pass", OWN)], S.MAIL_DKIM_PASSED),
        ([], [("fail", OWN), ("pass", EVIL)], S.MAIL_DKIM_FAILED),
        ([key()], [("fail", OWN)], S.MAIL_DKIM_FAILED),
        ([BAD], [("pass", OWN)], S.MAIL_DKIM_FAILED),
        ([OPEN], [], S.MAIL_DKIM_UNKNOWN),
        ([OPEN], [("pass", OWN)], S.MAIL_DKIM_UNKNOWN),
        ([OPEN, key()], [("pass", OWN)], S.MAIL_DKIM_PASSED),
        ([OPEN], [("pass", EVIL)], S.MAIL_DKIM_OTHER),
        ([key(), key(EVIL, "unknown", TOO_MANY)], [], S.MAIL_DKIM_UNKNOWN),
        ([key(EVIL, "unknown", TOO_MANY)], [("pass", OWN)], S.MAIL_DKIM_UNKNOWN),
    ],
)
def test_signature_of_a_mail_is_that_of_its_sender_or_of_another(keys, said, expected):
    """Where our server and the keys differ, whichever failed counts."""
    found = look(dkim=keys, results=[results(*(("dkim", *one) for one in said))])
    (sight,) = (one for one in found if one.name.startswith("MAIL_DKIM"))
    assert sight is expected
    assert found[sight].seen == {
        "signatures": len(keys),
        "reasons": [one.reason for one in keys],
        "by_our_server": [result for result, _ in said],
    }


def test_domains_that_signed_are_told_once_and_in_order():
    found = look(dkim=[key(), OTHER_KEY, key(), key("", FAILED, "syntax")])
    (told,) = (one.detail for one in found.values() if one.sight.name.startswith("MAIL_DKIM"))
    assert told == f"list.example, {OWN}"


@pytest.mark.parametrize(
    ("result", "domain", "expected"),
    [
        ("pass", OWN, S.MAIL_SPF_PASSED),
        ("fail", OWN, S.MAIL_SPF_FAILED),
        ("softfail", OWN, S.MAIL_SPF_UNKNOWN),
        ("x" * 50, "", S.MAIL_SPF_UNKNOWN),
    ],
)
def test_spf_is_what_our_server_says_of_it(result, domain, expected):
    said = results(("dkim", "none", ""), ("spf", result, domain), ("spf", "pass", EVIL))
    found = look(results=[said])
    assert found[expected] == Seen(expected, {"result": result[:20]}, domain or None)


def published(text, at=f"_dmarc.{OWN}"):
    return {at: text}


STRICT = "v=DMARC1; p=reject; adkim=s; aspf=s"
LOOSE = "v=DMARC1; p=reject"
SUB, SISTER = f"mail.{OWN}", f"a.mail.{OWN}"


@pytest.mark.parametrize(
    ("records", "keys", "said", "expected"),
    [
        (None, [], {}, S.MAIL_DMARC_UNKNOWN),
        (None, [key()], {"spf": ("pass", OWN)}, S.MAIL_DMARC_UNKNOWN),
        (None, [], {"dmarc": ("pass", OWN)}, S.MAIL_DMARC_PASSED),
        (None, [], {"dmarc": ("pass", EVIL)}, S.MAIL_DMARC_UNKNOWN),
        (None, [], {"dmarc": ("none", OWN)}, S.MAIL_DMARC_UNKNOWN),
        (None, [], {"dmarc": ("fail", OWN)}, S.MAIL_DMARC_FAILED),
        (published(LOOSE), [key()], {"dmarc": ("permerror", OWN)}, S.MAIL_DMARC_FAILED),
        ({}, [], {"dmarc": ("pass", OWN)}, S.MAIL_DMARC_PASSED),
        (published(""), [key()], {}, S.MAIL_DMARC_NONE),
        (published("v=spf1 -all"), [key()], {}, S.MAIL_DMARC_NONE),
        (published(LOOSE), [key()], {}, S.MAIL_DMARC_PASSED),
        (published(LOOSE), [key(SUB)], {}, S.MAIL_DMARC_PASSED),
        (published(STRICT), [key()], {}, S.MAIL_DMARC_PASSED),
        (published("V=DMARC1 ; ADKIM = s"), [key(SUB)], {}, S.MAIL_DMARC_UNKNOWN),
        (published(STRICT), [key(SUB)], {"spf": ("pass", SUB)}, S.MAIL_DMARC_FAILED),
        (published("v=DMARC1; aspf=s"), [key(SUB)], {}, S.MAIL_DMARC_PASSED),
        (published("v=DMARC1; aspf=s"), [], {"spf": ("pass", SUB)}, S.MAIL_DMARC_FAILED),
        (published("v=DMARC1; adkim=s"), [], {"spf": ("pass", SUB)}, S.MAIL_DMARC_PASSED),
        (published(LOOSE), [], {"spf": ("pass", OWN)}, S.MAIL_DMARC_PASSED),
        (published(LOOSE), [], {"spf": ("softfail", OWN)}, S.MAIL_DMARC_FAILED),
        (published(LOOSE), [], {"spf": ("pass", EVIL)}, S.MAIL_DMARC_FAILED),
        (published(LOOSE), [], {}, S.MAIL_DMARC_UNKNOWN),
        (published(LOOSE), [BAD], {}, S.MAIL_DMARC_FAILED),
        (published(LOOSE), [OTHER_KEY], {}, S.MAIL_DMARC_UNKNOWN),
    ],
)
def test_dmarc_is_what_the_record_and_what_was_proven_come_to(records, keys, said, expected):
    noted = results(*((method, *one) for method, one in said.items()))
    found = look(records=records, dkim=keys, results=[noted])
    (sight,) = (one for one in found if one.name.startswith("MAIL_DMARC"))
    ours = said["dmarc"][0] if "dmarc" in said else None
    assert found[sight] == Seen(expected, {"by_our_server": ours}, OWN)


@pytest.mark.parametrize(
    ("policy", "said", "expected"),
    [
        (LOOSE, None, S.MAIL_DMARC_UNKNOWN),
        (LOOSE, ("pass", SUB), S.MAIL_DMARC_PASSED),
        (LOOSE, ("pass", EVIL), S.MAIL_DMARC_UNKNOWN),
        (LOOSE, ("none", SUB), S.MAIL_DMARC_UNKNOWN),
        (STRICT, ("pass", SUB), S.MAIL_DMARC_UNKNOWN),
    ],
)
def test_of_a_domain_beside_that_of_the_sender_nobody_here_can_tell(policy, said, expected):
    noted = [results(("dmarc", *said))] if said else []
    facts = MailFacts(senders=[SUB], dkim=[key(f"news.{OWN}")], results=noted)
    ours = {"by_our_server": said[0] if said else None}
    assert look(facts, {f"_dmarc.{SUB}": policy})[expected] == Seen(expected, ours, SUB)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ({f"_dmarc.{SUB}": LOOSE}, S.MAIL_DMARC_PASSED),
        ({f"_dmarc.{SUB}": "", f"_dmarc.{OWN}": LOOSE}, S.MAIL_DMARC_PASSED),
        ({f"_dmarc.{SUB}": "", f"_dmarc.{OWN}": ""}, S.MAIL_DMARC_NONE),
        ({f"_dmarc.{SUB}": ""}, S.MAIL_DMARC_UNKNOWN),
        ({f"_dmarc.{OWN}": LOOSE}, S.MAIL_DMARC_UNKNOWN),
    ],
)
def test_policy_of_the_owner_is_that_of_a_domain_without_one(records, expected):
    facts = MailFacts(senders=[SUB], dkim=[key(SUB)])
    assert expected in look(facts, records)


def test_result_of_our_server_is_shown_in_part():
    found = look(results=[results(("dmarc", "y" * 50, OWN))])
    assert found[S.MAIL_DMARC_UNKNOWN].seen == {"by_our_server": "y" * 20}


@pytest.mark.parametrize(
    ("senders", "replies", "returns", "expected"),
    [
        ([SUB], [], [], {S.MAIL_DOMAIN_KNOWN: ({}, SUB)}),
        ([EVIL], [], [], {S.MAIL_DOMAIN_UNKNOWN: ({}, EVIL)}),
        (["om.example"], [], [], {S.MAIL_DOMAIN_UNKNOWN: ({}, "om.example")}),
        (
            ["po1itie.example"],
            [],
            [],
            {
                S.MAIL_DOMAIN_UNKNOWN: ({}, "po1itie.example"),
                S.MAIL_LOOK_ALIKE: ({}, "po1itie.example"),
            },
        ),
        (
            [OWN, "po1itie.example", "politle.example"],
            [],
            [],
            {S.MAIL_DOMAIN_KNOWN: ({}, OWN), S.MAIL_LOOK_ALIKE: ({}, "po1itie.example")},
        ),
        (
            [OWN],
            [SUB, EVIL, "kantoor.example"],
            [],
            {S.MAIL_DOMAIN_KNOWN: ({}, OWN), S.MAIL_REPLY_ELSEWHERE: ({"count": 2}, EVIL)},
        ),
        (
            [OWN],
            [],
            [EVIL],
            {S.MAIL_DOMAIN_KNOWN: ({}, OWN), S.MAIL_RETURN_ELSEWHERE: ({"count": 1}, EVIL)},
        ),
        (
            [OWN],
            ["politle.example"],
            ["po1itie.example"],
            {
                S.MAIL_DOMAIN_KNOWN: ({}, OWN),
                S.MAIL_LOOK_ALIKE: ({}, "politle.example"),
                S.MAIL_REPLY_ELSEWHERE: ({"count": 1}, "politle.example"),
                S.MAIL_RETURN_ELSEWHERE: ({"count": 1}, "po1itie.example"),
            },
        ),
        (
            [OWN],
            [],
            ["po1itie.example"],
            {
                S.MAIL_DOMAIN_KNOWN: ({}, OWN),
                S.MAIL_LOOK_ALIKE: ({}, "po1itie.example"),
                S.MAIL_RETURN_ELSEWHERE: ({"count": 1}, "po1itie.example"),
            },
        ),
    ],
)
def test_each_domain_that_a_mail_names_is_held_against_the_register(
    senders, replies, returns, expected
):
    found = look(MailFacts(senders=senders, replies=replies, returns=returns))
    kinds = ("DOMAIN", "LOOK", "REPLY", "RETURN")
    named = {one: found[one] for one in found if one.name.split("_")[1] in kinds}
    assert {one: (seen.seen, seen.detail) for one, seen in named.items()} == expected


def test_names_that_are_looked_up_are_those_of_the_keys_and_of_the_first_sender():
    facts = MailFacts(
        senders=[SISTER, EVIL], dkim=[DKIM, DKIM, DkimFacts("x", ""), key("list.example")]
    )
    assert list_lookups(facts) == [
        f"k._domainkey.{OWN}",
        "k._domainkey.list.example",
        f"_dmarc.{SISTER}",
        f"_dmarc.{OWN}",
    ]
    assert list_lookups(MailFacts(senders=[""])) == []
    many = [key(f"{n}.example") for n in range(50)]
    assert len(list_lookups(MailFacts(senders=[OWN], dkim=many))) == MAX_LOOKUPS
