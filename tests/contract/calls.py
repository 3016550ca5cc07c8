"""Every command that talks to the service: a call that is right in form, and who may not make it."""

import json

import click
from cryptography.hazmat.primitives import serialization as form

from lea_service.legal.authenticity.policy import shipped_document
from tests.contract.routes import PLACES, PROPOSAL
from tests.demands.samples import ORDER, demand_json
from tests.support.agency import certificate_pem

PASSPHRASE = "correct horse battery staple"
SECRET = {"LEA_KEY_PASSPHRASE": PASSPHRASE, "LEA_PASSWORD": PASSPHRASE}
ANYBODY = None
"""Whoever is signed in may, or nobody need be."""

CALLS = {
    "demands close": ("handler", "engineer"),
    "demands correct": ("handler", "engineer"),
    "demands letter": ("handler", "engineer"),
    "demands letters": ("handler", "engineer"),
    "demands list": ("handler", "engineer"),
    "demands new": ("handler", "approver"),
    "demands order": ("handler", "engineer"),
    "demands show": ("handler", "administrator"),
    "demands withdraw": ("handler", "auditor"),
    "legal accept": ("handler", "approver"),
    "legal annex file": ("approver", "auditor"),
    "legal annex reasons": ("handler", "engineer"),
    "legal annex show": ("handler", "engineer"),
    "legal answer": ("handler", "engineer"),
    "legal ask": ("handler", "approver"),
    "legal assess": ("handler", "approver"),
    "legal authenticity": ("handler", "engineer"),
    "legal call-back": ("handler", "approver"),
    "legal check": ("handler", "engineer"),
    "legal deadlines": ("handler", "engineer"),
    "legal diff": ("handler", "engineer"),
    "legal enforcing": ("handler", "approver"),
    "legal grounds": ("handler", "engineer"),
    "legal list": ("handler", "engineer"),
    "legal narrow": ("approver", "auditor"),
    "legal narrowings": ("handler", "engineer"),
    "legal order": ("handler", "engineer"),
    "legal policy": ("handler", "engineer"),
    "legal propose-policy": ("handler", "overseer"),
    "legal questions": ("handler", "engineer"),
    "legal uphold": ("handler", "approver"),
    "legal refer": ("approver", "auditor"),
    "legal referral": ("handler", "engineer"),
    "legal referral-kinds": ("handler", "engineer"),
    "legal refusal": ("handler", "engineer"),
    "legal refuse": ("approver", "auditor"),
    "legal show": ("handler", "engineer"),
    "legal validate": ("handler", "engineer"),
    "emergency list": ("handler", "engineer"),
    "confirmations list": ("handler", "engineer"),
    "confirmations paper": ("approver", "engineer"),
    "confirmations papers": ("handler", "engineer"),
    "confirmations propose": ("handler", "auditor"),
    "confirmations record": ("handler", "approver"),
    "confirmations authorised": ("handler", "auditor"),
    "breaches assess": ("overseer", "auditor"),
    "breaches list": ("auditor", "handler"),
    "preservation extend": ("handler", "approver"),
    "preservation keep": ("handler", "approver"),
    "preservation list": ("handler", "engineer"),
    "preservation release": ("handler", "auditor"),
    "preservation show": ("handler", "engineer"),
    "plan compile": ("handler", "approver"),
    "plan instalments": ("handler", "engineer"),
    "plan preview": ("approver", "auditor"),
    "plan progress": ("handler", "engineer"),
    "plan propose": ("handler", "engineer"),
    "plan reopen": ("handler", "approver"),
    "plan stop": ("handler", "auditor"),
    "plan resume": ("handler", "approver"),
    "plan shorten": ("handler", "auditor"),
    "plan show": ("handler", "engineer"),
    "approvals decide": ("approver", ANYBODY),
    "approvals list": ("handler", "receiver"),
    "approvals page": ("approver", ANYBODY),
    "approvals propose": ("handler", "auditor"),
    "approvals show": ("handler", ANYBODY),
    "package list": ("handler", "engineer"),
    "package show": ("handler", "engineer"),
    "deliveries code": ("handler", "auditor"),
    "deliveries erase": ("handler", "approver"),
    "deliveries grant-token": ("handler", "auditor"),
    "deliveries overdue": ("handler", "engineer"),
    "deliveries revoke-token": ("handler", "auditor"),
    "deliveries show": ("handler", "engineer"),
    "deliveries tokens": ("handler", "engineer"),
    "collect claim": (ANYBODY, ANYBODY),
    "collect fetch": ("receiver", "handler"),
    "collect follow": ("receiver", "handler"),
    "collect list": ("receiver", "handler"),
    "collect receipt": ("receiver", "handler"),
    "collect sign-out": ("receiver", "handler"),
    "agencies list": ("handler", "engineer"),
    "agencies propose certificate": ("handler", "auditor"),
    "agencies propose contact": ("handler", "auditor"),
    "agencies propose desk": ("handler", "auditor"),
    "agencies propose lift": ("handler", "auditor"),
    "agencies propose organisation": ("handler", "overseer"),
    "agencies propose person": ("handler", "auditor"),
    "agencies revoke-certificate": ("handler", "auditor"),
    "agencies show": ("handler", "engineer"),
    "agencies suspend": ("handler", "auditor"),
    "staff code": ("administrator", "handler"),
    "staff lift": ("administrator", "handler"),
    "staff list": ("handler", "receiver"),
    "staff me": ("handler", "receiver"),
    "staff password": (ANYBODY, ANYBODY),
    "staff reachable away": ("approver", "receiver"),
    "staff reachable back": ("approver", "receiver"),
    "staff reachable confirm": ("approver", "receiver"),
    "staff sign-in": (ANYBODY, ANYBODY),
    "staff suspend": ("overseer", "engineer"),
    "staff token list": ("handler", "receiver"),
    "staff token new": ("handler", "receiver"),
    "staff token revoke": ("handler", "receiver"),
    "warnings list": ("overseer", "handler"),
    "warnings lists": ("administrator", "handler"),
    "warnings settle": ("overseer", "administrator"),
    "custody bundle": ("auditor", "handler"),
    "custody checkpoint": ("auditor", "handler"),
    "custody consistency": ("auditor", "handler"),
    "custody entries": ("auditor", "overseer"),
    "custody proof": ("auditor", "engineer"),
    "sources coverage": ("engineer", "administrator"),
    "sources declare": ("engineer", "auditor"),
    "sources grants": ("engineer", "auditor"),
    "sources list": ("engineer", "administrator"),
    "sources rejects": ("engineer", "auditor"),
    "sources report": ("engineer", "administrator"),
    "sources pulled": ("engineer", "administrator"),
    "sources sample": ("engineer", "auditor"),
    "sources show": ("engineer", "administrator"),
    "sources test": ("engineer", "auditor"),
    "records import": ("engineer", "auditor"),
    "records pull": ("engineer", "auditor"),
    "processing list": ("engineer", "administrator"),
    "processing propose": ("engineer", "auditor"),
    "processing published": ("engineer", "administrator"),
    "processing show": ("engineer", "administrator"),
    "audit answer": ("auditor", "handler"),
    "audit rule": ("auditor", "handler"),
    "audit subject": ("auditor", "handler"),
    "retention allow": ("engineer", "auditor"),
    "retention certificate": ("engineer", "administrator"),
    "retention due": ("engineer", "administrator"),
    "retention grounds": ("engineer", "administrator"),
    "retention propose": ("engineer", "auditor"),
    "retention purge": ("engineer", "handler"),
    "retention purges": ("engineer", "administrator"),
    "retention rule": ("engineer", "administrator"),
    "retention register": ("engineer", "administrator"),
    "retention rules": ("engineer", "administrator"),
    "retention statistics": ("engineer", "administrator"),
    "staff sign-out": ("handler", ANYBODY),  # the last: it ends the token
}
"""Each command -> a role that may call it, and one that may not."""

LOCAL = {
    "codelists", "custody verify", "legal anchors", "package open", "package verify", "serve",
    "sources mappings", "staff bootstrap", "staff roles", "worker",
}  # fmt: skip
LOCAL_GROUPS = {"backup", "db", "keys", "staff key", "staff request"}
"""Commands that need no service, or are a part of it."""

WORDS = {
    "account": PLACES["account"], "agency": PLACES["agency_id"], "approval_id": PLACES["approval_id"],
    "article": "policy", "basis": PLACES["basis_id"], "by": "Anna de Vries",
    "contact": "cn_" + "0" * 32,
    "certificate": PLACES["certificate_id"], "code": "kept_for_dispute", "country": "NL",
    "backup_id": "bk_" + "0" * 32, "demand": PLACES["demand_id"], "email": "anna@politie.example", "explanation": "there is no basis",
    "findings": "basis.known", "found_by_way": "the phone book", "function": "rechercheur",
    "ground": "doubt", "holder": "p_" + "0" * 32, "import_id": PLACES["import_id"], "index": "0",
    "inquiry": PLACES["approval_id"],
    "kind": "email", "label": "a program", "legal_ground": "disputes", "login": "nobody",
    "notice": PLACES["notice_id"],
    "mailbox": "team@politie.example", "mapping": "asterisk-master-csv", "name": "Politie", "new": "2", "old": "1",
    "of": PLACES["account"],
    "paper": PLACES["paper_id"], "package": PLACES["package_id"], "package_id": PLACES["package_id"], "person": "p_" + "0" * 32,
    "purpose": "invoices", "reference": "RC 26/1", "written_on": "2026-11-23", "question": "Which day?", "reason": "read in the order",
    "pull_id": PLACES["pull_id"], "purge": PLACES["purge_id"],
    "says_en": "kept", "says_nl": "bewaard", "since": "2026-11-24T09:00:00+01:00", "source": PLACES["source"],
    "subject": PLACES["agency_id"], "text": "Today.", "token": PLACES["token_id"],
    "token_id": PLACES["token_id"], "until": "2026-11-25T09:00:00+01:00",
    "value": "team@politie.example",
    "warning_id": PLACES["warning_id"],
}  # fmt: skip
ALSO = {
    "agencies propose organisation": {"kind": "police"},
    "audit rule": {"by": "mapping"},
    "plan stop": {"reason": "question"},
    "approvals decide": {"outcome": "approved"},
    "approvals propose": {"kind": "agency.organisation"},
    "collect claim": {"code": "ABCD"},
    "demands withdraw": {"reason": "mistake"},
    "legal call-back": {"called_at": "2026-11-24T09:00:00Z"},
    "legal enforcing": {"answer": "confirmed"},
    "legal accept": {"code": "basis.known"},
    "legal narrow": {"ground": "not_held", "item": "1"},
    "legal refuse": {"ground": "basis_unknown"},
    "plan reopen": {"ground": "corrected"},
    "preservation release": {"ground": "authority"},
    "processing show": {"code": "CUSTOMERS"},
    "retention propose": {"code": "CALL-6M", "kind": "call"},
    "retention rule": {"code": "NO-SUCH-RULE"},
    "sources declare": {"name": "pbx9"},
    "staff password": {"code": "ABCD"},
    "staff reachable confirm": {"code": "ABCD-EFGH"},
}
MORE = {
    "approvals decide": ["--yes"],
    "backup removed": ["--yes"],
    "collect receipt": ["--code", "A" * 43, PLACES["package_id"]],
    "db downgrade": ["--yes"],
    "deliveries erase": ["--yes"],
    "plan propose": ["--yes"],
    "legal ask": ["--reason-code", "other"],
    "legal call-back": ["--spoke-to", "mr. B. Bakker"],
    "legal diff": ["--in-use"],
    "legal refuse": ["--finding", "basis.known"],
    "legal validate": ["--in-use"],
    "processing propose": ["--shipped", "CUSTOMERS"],
    "retention propose": ["--months", "6"],
}
INSTEAD = {
    "collect receipt": {"code", "package", "path"},
    "legal call-back": {"spoke_to"},
    "processing propose": {"file", "shipped"},
    "retention propose": {"months"},
}
"""What is given instead of ``MORE``."""


def call_of(name, command, files, /, **given):
    """Return the words of a call that is right in form; ``given`` replaces some parameters."""
    words, known = name.split(), {**WORDS, **ALSO.get(name, {}), **files, **given}
    for one in command.params:
        is_asked = getattr(one, "prompt", None) and not one.is_flag
        if not (one.required or is_asked or one.name in given or one.name == "key_path"):
            continue
        value = str(known[one.name] if one.name in known else sample_of(one))
        words += [value] if isinstance(one, click.Argument) else [one.opts[0], value]
    return words + ([] if given.keys() & INSTEAD.get(name, set()) else MORE.get(name, []))


def sample_of(parameter):
    """Return something for a parameter that has a few possible values only."""
    if isinstance(parameter.type, click.Choice):
        return parameter.type.choices[0]
    raise AssertionError(parameter.name)


def make_files(folder, name, key):
    """Write what a command reads, right in form; returns the paths by parameter."""
    contents = {
        "demands": json.dumps(demand_json()).encode(),
        "agencies": certificate_pem().encode(),
        "approvals": json.dumps(PROPOSAL["request"]).encode(),
        "legal": json.dumps(shipped_document()).encode(),
    }
    file, order = folder / "good", folder / "good.pdf"
    file.write_bytes(contents.get(name.split()[0], b"1,2,3\n"))
    order.write_bytes(ORDER)
    written = {one: folder / one for one in ("out", "target")}
    return {"file": file, "path": file, "order": order, "key_path": key, **written}


def write_key(key, path):
    """Write a signing key as its holder has it; returns the path."""
    locked = form.BestAvailableEncryption(PASSPHRASE.encode())
    path.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, locked))
    path.chmod(0o600)
    return path
