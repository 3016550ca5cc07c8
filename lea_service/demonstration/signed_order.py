"""A signed order, judged by the issuer that two people let count; and one that was written over."""

from __future__ import annotations

import json
from typing import Any

from lea_service.demonstration.authority import PROSECUTION, PROSECUTOR, write_lines, write_paper
from lea_service.demonstration.issuer import write_over
from lea_service.demonstration.order import write_text
from lea_service.demonstration.other_orders import write_other
from lea_service.demonstration.processes import run_lea
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import WrongState

POLICY = "/api/v1/authenticity-policy"
PROOF = {"signature_by_issuer", "signature_not_revoked"}
CHANGED = "signature_changed"
OTHER_NUMBER = "0851234567"


def judge_signatures(it: Walk) -> None:
    """Let an issuer count, take in an order that is signed under it, and one that was forged."""
    _let_issuer_count(it)
    ordered: dict[str, Any] = write_other(it, it.authority, RIGHT_BASIS, _number("05/123463-26"))
    signed = it.issuer.sign(write_paper(ordered), PROSECUTOR, PROSECUTION, it.clock.now())
    demand = it.record(ordered, signed)
    shown = _show_signature(it, demand)
    seen = {one["code"] for one in shown["observations"]}
    expect(seen >= PROOF and not shown["held_by"], "the signature proves who it is from")
    it.tell.say("allowed without a call: who signed is who asks, and all of the file is signed")
    _hold_the_forged(it, signed)


def _let_issuer_count(it: Walk) -> None:
    """Have two people name the issuer in the policy, by the fingerprint of its certificate."""
    listed = run_lea(it.environ, "legal", "anchors", it.environ["LEA_TRUST_ANCHORS"], "--json")
    (found,) = json.loads(listed)["anchors"]
    name, digits = found["subject"].partition(": ")[2], found["fingerprint"][:16]
    it.tell.say(f"whose signatures count: {name}, SHA-256 {digits}…, read with `lea legal anchors`")
    policy = it.staff.handler.client.get(POLICY)["document"]
    request: Json = {"policy": {**policy, "anchors": [found["fingerprint"]]}}
    it.staff.overseer.approve(it.staff.handler.propose("legal.authenticity_policy", request))
    it.tell.say("one proposes it in the policy, the overseer compares the fingerprint and decides")


def _hold_the_forged(it: Walk, signed: bytes) -> None:
    """Write another number over the signed order; it reads well, and is held."""
    asked: dict[str, Any] = write_other(it, it.authority, RIGHT_BASIS, _number("05/123464-26"))
    asked["items"][0]["target"]["value"] = OTHER_NUMBER
    forged = write_over(signed, write_text(write_lines(asked)))
    expect(forged.startswith(signed), "the signed file is whole, with something behind it")
    it.tell.say("the same file with an update behind it that shows another number:")
    demand = it.record(asked, forged)
    shown = _show_signature(it, demand)
    expect(CHANGED in shown["held_by"], "what was written over is held")
    handler = it.staff.handler.client
    expect_refusal(WrongState, lambda: handler.post(f"{DEMANDS}/{demand}/plan", {}))
    it.tell.say(f"held: {', '.join(shown['held_by'])}; no plan is made of it")


def _show_signature(it: Walk, demand: str) -> dict[str, Any]:
    """Show what the assessment sees of the signature on an order."""
    it.staff.handler.client.post(f"{DEMANDS}/{demand}/assessment")
    shown: dict[str, Any] = it.staff.handler.client.get(f"{DEMANDS}/{demand}/authenticity")
    seen = [one for one in shown["observations"] if "signature" in one["code"]]
    it.tell.show("\n".join(f"{one['code']}: {one['en']}" for one in seen))
    return shown


def _number(value: str) -> Json:
    return {"kind": "parketnummer", "value": value}
