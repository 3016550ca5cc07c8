import os
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from lea_service.custody.disclosures import Disclosure, digest_of, parse_disclosure
from lea_service.custody.entries import load_entry
from lea_service.custody.merkle import leaf_hash, tree_root
from lea_service.custody.note import (
    ED25519_COSIGNATURE,
    Ed25519Signer,
    Head,
    MLDSA44Signer,
    VerifierKey,
    cosigned_message,
    parse_head,
    parse_note,
    sign_head,
    verify_note,
)
from lea_service.custody.policy import Policy, parse_policy
from lea_service.custody.tiles import load_bundle
from lea_service.kernel.errors import InvalidInput, VerificationFailed

REFERENCE = os.environ.get("LEA_REFERENCE_DIR")
ORIGIN = "lawful.example/custody/2026"
SEED = bytes(range(32))
VKEY = "lawful.example/custody/2026+69ba26d7+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
WITNESS = "auditor.example/w1+f8eb96d5+BHm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk"
DIGEST = "3zn--HLMLsxnKK-KOHfUx43nyLuSgiaPNFW8Gr_pP_s"
ENTRY_0 = (
    b'{"_sd":["3zn--HLMLsxnKK-KOHfUx43nyLuSgiaPNFW8Gr_pP_s"],"_sd_alg":"sha-256","by":"u_7f3a",'
    b'"case":"c_00112233445566778899aabbccddeeff","ev":"demand.recorded",'
    b'"log":"lawful.example/custody/2026","n":0,"prev":null,"t":"2026-11-23T06:16:21.000000Z","v":1}'
)
LEAF_0 = "4nWXvja7Jiw+WWUyfE+HEY2/jR2mWhP0xyxdwEFoOdQ="
LEAF_1 = "4u1BXM72/poLylmZJVozWxV+tmS5sZ1XmHrLtW239oo="
ROOT_2 = "3bVUXJXG7e/BzohBc7a0ZLQ9doggPXlR2K+iVDj1mA0="
COSIGNATURE = (
    "+OuW1QAAAABqsTuAw7oUSMLUkP7K1ac+QEsfQ/QCtTi8nTJdHkK/vEEC+qnmlDwJh2TBmhQQ+ZGEasMnB0rndtsp9Th"
    "GZWxlNCO0Cw=="
)
HEAD = Head(ORIGIN, 2, b64decode(ROOT_2))
ED, ML = Ed25519Signer(ORIGIN, SEED), MLDSA44Signer(ORIGIN, SEED)


def test_verifier_keys_are_the_known_ones():
    assert ED.verifier.format() == VKEY
    assert VerifierKey.parse(VKEY) == ED.verifier
    assert ML.verifier.key_id.hex() == "f0ba14ad"
    digest = "9f107644c1084526af3bc8098680b05499a2325a644e388fb4f970e058d19d46"
    assert sha256(ML.verifier.public).hexdigest() == digest


def test_disclosure_is_the_known_one():
    one = Disclosure("AAECAwQFBgcICQoLDA0ODw", "target", "+31600000001")
    assert one.digest == DIGEST
    assert parse_disclosure(one.encoded) == one


def test_public_disclosure_example_of_rfc_9901():
    encoded = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest_of(encoded) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert parse_disclosure(encoded).value == "Möbius"


def test_entries_and_root_are_the_known_ones():
    assert len(ENTRY_0) == 250
    assert load_entry(ENTRY_0)["n"] == 0
    second = (
        ENTRY_0.replace(b'["3zn--HLMLsxnKK-KOHfUx43nyLuSgiaPNFW8Gr_pP_s"]', b"[]")
        .replace(b'"ev":"demand.recorded"', b'"ev":"demand.checked"')
        .replace(b'"n":0,"prev":null', f'"n":1,"prev":"{LEAF_0}"'.encode())
    )
    one, two = leaf_hash(ENTRY_0), leaf_hash(second)
    assert (b64encode(one).decode(), b64encode(two).decode()) == (LEAF_0, LEAF_1)
    assert b64encode(tree_root([one, two])).decode() == ROOT_2


def test_signatures_are_the_known_ones():
    blob = b64encode(ED.verifier.key_id + ED.sign(HEAD, 0).signature).decode()
    expected = (
        "abom14Kb9VWgivaeAoKGxt8fl5qlithDCe1CQ9U25WxKgRGLZKtDKghTw3km2/2puIT1muZwrrnouJSYmQ1rF7Ve"
        "ugY="
    )
    assert blob == expected
    message = cosigned_message(ORIGIN, 1_790_000_000, HEAD)
    assert len(message) == 124
    assert message.hex().startswith("737562747265652f76310a001b")
    assert message.endswith(HEAD.root)


def test_witness_cosignature_is_accepted_with_its_time():
    witness = VerifierKey.parse(WITNESS)
    assert witness.kind == ED25519_COSIGNATURE
    note = parse_note(
        sign_head(HEAD, [ED, ML], 1_790_000_000).format()
        + f"— auditor.example/w1 {COSIGNATURE}\n".encode()
    )
    signed = verify_note(note, [ED.verifier, ML.verifier, witness])
    assert signed == {ED.verifier: None, ML.verifier: 1_790_000_000, witness: 1_790_000_000}


def test_both_kinds_of_signature_are_needed():
    policy = Policy((ED.verifier, ML.verifier), {}, {}, "none")
    policy.verify(parse_note(sign_head(HEAD, [ED, ML], 1).format()))
    for signers in ([ED], [ML]):
        with pytest.raises(VerificationFailed, match="missing"):
            policy.verify(parse_note(sign_head(HEAD, signers, 1).format()))


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace(b"\n2\n", b"\n3\n"),
        lambda note: note.replace(b"2026\n2", b"2027\n2"),
        lambda note: note.replace(b"3bVU", b"3bVV"),
        lambda note: note.replace("— ".encode(), b"- "),
        lambda note: note[:-1],
        lambda note: note + b"garbage\n",
        lambda note: note.replace(b"\n\n", b"\n"),
        lambda note: note.replace(b"\n\n", b"\nextension\n\n"),
        lambda note: note + note.split(b"\n\n")[1],
        lambda note: note.replace(b"lawful", b"law\x00ul"),
        lambda note: b"\xff" + note,
    ],
)
def test_damaged_checkpoints_are_refused(change):
    policy = Policy((ED.verifier, ML.verifier), {}, {}, "none")
    data = sign_head(HEAD, [ED, ML], 1).format()
    policy.verify(parse_note(data))
    with pytest.raises(VerificationFailed):
        policy.verify(parse_note(change(data)))


@pytest.mark.parametrize(
    "text", ["o\n01\nAA==\n", "o\n-1\nAA==\n", "o\n1\nnot base64\n", "\n1\nAA==\n"]
)
def test_malformed_heads_are_refused(text):
    with pytest.raises(VerificationFailed):
        parse_head(text)


def test_policy_survives_its_text_form():
    text = f"log {VKEY}\nwitness w1 {WITNESS}\ngroup g any w1\nquorum g\n"
    policy = parse_policy(text)
    assert parse_policy(policy.format()) == policy
    assert policy.has_witness
    with pytest.raises(VerificationFailed, match="quorum"):
        policy.verify(parse_note(sign_head(HEAD, [ED], 1).format()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log {VKEY}\n",
        "quorum none\n",
        f"log {VKEY}\nquorum none\nquorum none\n",
        f"log {VKEY}\nquorum w9\n",
        f"log {VKEY}\ngroup g 2 w1\nquorum g\n",
        f"log {VKEY.replace('69ba', '69bb')}\nquorum none\n",
        f"log {VKEY}\nsurprise\nquorum none\n",
        f"log {VKEY}\nwitness w1 {WITNESS}\nwitness w2 {WITNESS}\ngroup g 2 w1 w2\nquorum g\n",
        f"log {VKEY}\nwitness w1 {WITNESS}\ngroup g 2 w1 w1\nquorum g\n",
        f"log {VKEY}\nwitness w1 {VKEY}\nquorum w1\n",
    ],
)
def test_unclear_policies_are_refused(text):
    with pytest.raises(InvalidInput):
        parse_policy(text)


@pytest.mark.skipif(REFERENCE is None, reason="LEA_REFERENCE_DIR is not set: public signed log")
def test_public_signed_log():
    folder = Path(REFERENCE) / "data" / "tessera-log"
    key = VerifierKey.parse(
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    )
    for size in range(16):
        note = parse_note((folder / f"checkpoint.{size}").read_bytes())
        verify_note(note, [key])
        head = parse_head(note.text)
        assert head.size == size
        if size == 0:
            continue
        entries = load_bundle((folder / f"tile/entries/000.p/{size}").read_bytes(), size)
        hashes = [leaf_hash(entry) for entry in entries]
        assert tree_root(hashes) == head.root
        assert b"".join(hashes) == (folder / f"tile/0/000.p/{size}").read_bytes()
