"""A mail that only looks like one of the prosecutor, and a digit that was mistyped."""

from __future__ import annotations

import json
from typing import Any

from lea_service.demonstration.authority import write_mail
from lea_service.demonstration.other_orders import write_other
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import InvalidInput, WrongState

LOOK_ALIKE = "j.degroot@0m.example"
"""A nought for the letter of om.example, which the register has."""
SEEN, HELD, DENIED = "mail_look_alike", "mail_look_alike", "call_back_denied"
DIFFERS = "order.target_differs"


def hold_false_sender(it: Walk) -> None:
    """Show what is seen of such a mail, that it is held, and that nothing is released."""
    number: Json = {"kind": "parketnummer", "value": "05/123460-26"}
    ordered = write_other(it, it.authority, RIGHT_BASIS, number, channel="email")
    demand = it.record(_mistype(ordered), write_mail(ordered, LOOK_ALIKE))
    _correct_the_digit(it, demand, ordered)
    handler = it.staff.handler.client
    shown = handler.get(f"{DEMANDS}/{demand}/authenticity")
    expect(SEEN in {one["code"] for one in shown["observations"]}, "the domain is seen through")
    it.tell.say(f"seen of the mail of {LOOK_ALIKE}:")
    it.tell.show(
        "\n".join(
            f"{one['code']}: {one['en']}" for one in shown["observations"] if "mail" in one["code"]
        )
    )
    it.call_back(demand, "denied")
    held = handler.get(f"{DEMANDS}/{demand}/authenticity")["held_by"]
    expect({HELD, DENIED} <= {*held}, "the mail is held")
    expect_refusal(WrongState, lambda: handler.post(f"{DEMANDS}/{demand}/plan", {}))
    it.tell.say(f"held: {', '.join(held)}; no plan is made of it")
    packages = handler.get(f"{DEMANDS}/{demand}/packages")["items"]
    expect(packages == [], "nothing is released")
    it.tell.say("nothing is released, whoever presses for it")


def _correct_the_digit(it: Walk, demand: str, ordered: dict[str, Json]) -> None:
    """Type again from the order what differs: that shows the slip, which is then corrected."""
    handler = it.staff.handler.client
    found = handler.post(f"{DEMANDS}/{demand}/assessment")["findings"]
    (differs,) = [one for one in found if one["code"] == DIFFERS]
    typed = _target(handler.get(f"{DEMANDS}/{demand}")["content"])["value"]
    it.tell.say(f"the handler typed {typed} where the order has {_target(ordered)['value']}:")
    it.tell.show(f"{differs['code']}: {differs['says']}")
    again: Json = {
        "code": DIFFERS,
        "reason": "Typed again from the order, digit by digit.",
        "retyped": [_target(ordered)["value"]],
    }
    path = f"{DEMANDS}/{demand}/assessment/acceptances"
    expect_refusal(InvalidInput, lambda: handler.post(path, again))
    it.tell.say("typed again from the order it is not what was recorded, so it does not pass")
    _, version = handler.get_versioned(f"{DEMANDS}/{demand}")
    files = {"demand": ("demand.json", json.dumps(ordered).encode(), "application/json")}
    handler.upload(f"{DEMANDS}/{demand}", files, version=version)
    found = handler.post(f"{DEMANDS}/{demand}/assessment")["findings"]
    expect(DIFFERS not in {one["code"] for one in found}, "the corrected number is the order's")
    it.tell.say("corrected to what the order says; nothing differs any more")


def _mistype(ordered: dict[str, Json]) -> dict[str, Json]:
    """Return a demand with the last digit of its number another one."""
    typed: dict[str, Json] = json.loads(json.dumps(ordered))
    value = _target(typed)["value"]
    _target(typed)["value"] = value[:-1] + ("7" if value[-1] != "7" else "1")
    return typed


def _target(demand: Any) -> dict[str, str]:
    target: dict[str, str] = demand["items"][0]["target"]
    return target
