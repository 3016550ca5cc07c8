import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.errors import Conflict, InvalidInput, NotFound, VerificationFailed
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.keys import (
    check_public_key,
    fingerprint,
    key_id,
    load_key_file,
    load_request,
    public_bytes,
    request_enrolment,
    verify_signature,
    write_key_file,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
PHRASE = "a phrase that passes"


def test_public_half_and_id_are_these():
    assert public_bytes(KEY) == PUBLIC
    assert fingerprint(PUBLIC).startswith("56475aa75463474c")
    assert key_id(PUBLIC) == "56475aa75463474c"


def test_enrolment_request_is_this():
    assert request_enrolment(KEY) == {
        "format": "lea.key-request/1",
        "key": "56475aa75463474c",
        "public_key": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
        "possession": "UrcJfW7gJiBC-nQbrmAMwyYOQ-a2T58EewA5fjmZfNEfDFgZStoqR43pYTOs2XYsI5cNy2wIHfU51ekStIooAQ",
    }


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"format": "lea.key-request/2"}, InvalidInput),
        ({"key": "0" * 16}, InvalidInput),
        ({"public_key": "AA"}, InvalidInput),
        ({"public_key": encode_b64url(bytes(32))}, InvalidInput),
        ({"public_key": None}, InvalidInput),
        ({"possession": encode_b64url(bytes(64))}, VerificationFailed),
        ({"extra": 1}, InvalidInput),
    ],
    ids=str,
)
def test_unsound_request_is_refused(change, error):
    with pytest.raises(error):
        load_request(request_enrolment(KEY) | change)


def test_request_with_anothers_possession_is_refused():
    other = request_enrolment(Ed25519PrivateKey.generate())
    with pytest.raises(VerificationFailed):
        load_request(request_enrolment(KEY) | {"possession": other["possession"]})


@pytest.mark.parametrize(
    "low", ["00" * 32, "01" + "00" * 31, "ec" + "ff" * 31, "ee" + "ff" * 30 + "7f"]
)
def test_key_that_binds_nobody_is_refused(low):
    with pytest.raises(InvalidInput):
        check_public_key(bytes.fromhex(low))
    with pytest.raises(VerificationFailed):
        verify_signature(bytes.fromhex(low), bytes(64), b"anything")


def test_key_file_is_written_once_and_closed(tmp_path):
    path = tmp_path / "lea" / "key.pem"
    key = write_key_file(path, PHRASE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public_bytes(load_key_file(path, PHRASE)) == public_bytes(key)
    with pytest.raises(Conflict):
        write_key_file(path, PHRASE)


def test_key_file_opens_for_its_holder_only(tmp_path):
    path = tmp_path / "key.pem"
    write_key_file(path, PHRASE)
    with pytest.raises(InvalidInput):
        load_key_file(path, "another phrase")
    path.chmod(0o640)
    with pytest.raises(InvalidInput, match="chmod 600"):
        load_key_file(path, PHRASE)
    with pytest.raises(NotFound, match="lea staff key new"):
        load_key_file(tmp_path / "none.pem", PHRASE)


def test_short_passphrase_makes_no_key(tmp_path):
    with pytest.raises(InvalidInput):
        write_key_file(tmp_path / "key.pem", "short")
    assert not (tmp_path / "key.pem").exists()


@pytest.mark.parametrize("text", ["", "A", "AA==", "AB", "A A", "+w", "é", None, 3, ["AA"]])
def test_base64_has_one_form(text):
    with pytest.raises(InvalidInput):
        decode_b64url(text, "/x")


def test_request_travels_as_json():
    again = json.loads(json.dumps(request_enrolment(KEY)))
    assert load_request(again).public_key == PUBLIC
