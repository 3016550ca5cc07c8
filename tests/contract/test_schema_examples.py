"""Every example passes or fails both the published JSON Schema and the reader we use ourselves."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from marshmallow import ValidationError

from lea_service.custody.entries import load_entry
from lea_service.delivery.schemas import ReceiptRequest
from lea_service.demands.demand import (
    CATEGORIES,
    CONTENTS,
    Capacity,
    Channel,
    Form,
    ProcessorGround,
    Protection,
    TargetKind,
)
from lea_service.demands.schemas import (
    MAX_HOLDERS,
    MAX_ITEMS,
    MAX_RECEIVERS,
    MAX_REFERENCES,
    REFERENCE_KINDS,
    load_demand,
)
from lea_service.kernel.canonical import dump_canonical, load_strict
from lea_service.kernel.errors import LeaError, VerificationFailed
from lea_service.packaging.verify import Trust, verify_package
from lea_service.web.schemas import ProblemSchema

SCHEMAS = Path(__file__).parents[2] / "schemas"
EXAMPLES = SCHEMAS / "examples"


def read_manifest(value, folder):
    """Put the manifest into a container and let the verifier read it."""
    path = folder / "container.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", dump_canonical(value))
    if "manifest" not in verify_package(path, Trust((), None, None)).checked:
        raise VerificationFailed("the verifier does not read the manifest")


READERS = {
    "custody-entry": lambda value, _: load_entry(dump_canonical(value)),
    "demand": lambda value, _: load_demand(value),
    "manifest": read_manifest,
    "problem": lambda value, _: ProblemSchema().load(value),
    "receipt": lambda value, _: ReceiptRequest().load(value),
}
FILES = [path for name in READERS for path in sorted((EXAMPLES / name).glob("*.json"))]


def schema_of(name):
    return json.loads((SCHEMAS / name / "1.json").read_text())


def passes_schema(name, value):
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema_of(name), format_checker=checker).is_valid(value)


def passes_reader(name, value, folder):
    try:
        READERS[name](value, folder)
    except (LeaError, ValidationError):
        return False
    return True


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_example_is_judged_alike(path, tmp_path):
    assert re.fullmatch(r"valid(-[a-z-]+)?|invalid-[a-z-]+", path.stem)
    name, wanted = path.parent.name, path.stem.startswith("valid")
    value = load_strict(path.read_bytes())
    assert passes_schema(name, value) is wanted
    assert passes_reader(name, value, tmp_path) is wanted


@pytest.mark.parametrize("name", sorted(READERS))
def test_schema_is_sound_and_has_examples_of_both_kinds(name):
    Draft202012Validator.check_schema(schema_of(name))
    kinds = {path.stem.partition("-")[0] for path in (EXAMPLES / name).glob("*.json")}
    assert kinds == {"valid", "invalid"}


def test_demand_schema_lists_what_the_service_knows():
    schema = schema_of("demand")
    parts, fields = schema["$defs"], schema["properties"]
    assert parts["category"]["enum"] == list(CATEGORIES)
    assert parts["target"]["properties"]["kind"]["enum"] == [str(kind) for kind in TargetKind]
    assert fields["channel"]["enum"] == [str(channel) for channel in Channel]
    assert fields["form"]["enum"] == [str(form) for form in Form]
    kinds = fields["references"]["items"]["properties"]["kind"]["enum"]
    assert kinds == list(REFERENCE_KINDS)
    limited = ("items", "receivers", "references", "other_holders")
    limits = [fields[name]["maxItems"] for name in limited]
    assert limits == [MAX_ITEMS, MAX_RECEIVERS, MAX_REFERENCES, MAX_HOLDERS]


def test_demand_schema_lists_what_is_optional():
    schema = schema_of("demand")
    fields = schema["properties"]
    addressee, item = fields["addressee"]["properties"], fields["items"]["items"]["properties"]
    assert schema["$defs"]["content"]["enum"] == list(CONTENTS)
    assert addressee["capacity"]["enum"] == [str(one) for one in Capacity]
    assert addressee["processor_ground"]["enum"] == [str(one) for one in ProcessorGround]
    assert item["protection"]["enum"] == [str(one) for one in Protection]


def test_own_row_that_counsel_reviewed_says_so_throughout():
    overlay = json.loads((SCHEMAS / "examples" / "legal-overlay" / "valid.json").read_text())
    for one in overlay["bases"]:
        assert ("Counsel" in one["reviewed"]["by"]) == one["basis"]["counsel_reviewed"]
