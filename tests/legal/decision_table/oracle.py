"""What has to be found about a demand: plain questions put to the raw rows of the catalogue.

Written from the rows and their page, not from the checks, of which nothing is imported here. A case
is a dict; the answer has every finding that is no pass, each with what follows from it.
"""

import json
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

DATA = files("lea_service.legal") / "data"
CODES = json.loads((DATA / "codes.json").read_text())
ROWS = [
    row
    for file in sorted(DATA.iterdir(), key=lambda one: one.name)
    if file.name.startswith("bases-")
    for row in json.loads(file.read_text())["bases"]
]
RULES = {row["id"]: row for row in CODES["modifiers"]}
MAY_BE_EMPTY = ("valid_to", "succeeded_by", "route", "notes")
MONTH = 12


def expect(case):
    """Return {reference: outcome} of whatever is wrong with a case."""
    row, found = case["row"], {}
    judge_row(case, row, found)
    judge_sender(case, row, found)
    judge_dates(case, found)
    judge_repeats(case, found)
    judge_emergency(case, found)
    if row["enforceable_in_nl"] is False:
        return found
    judge_role(case, row, found)
    judge_judge(case, row, found)
    judge_orally(case, row, found)
    judge_form(case, row, found)
    judge_validity(case, row, found)
    judge_addressee(case, row, found)
    judge_contents(case, row, found)
    if not case["items"]:
        found["items.none"] = "clarify"
    for n, item in enumerate(case["items"], 1):
        judge_categories(row, n, item, found)
        judge_target(case, row, n, item, found)
        judge_period(case, row, n, item, found)
        judge_protection(row, n, item, found)
    return found


def judge_row(case, row, found):
    """Is it law on the day of the order, does it bind us, can we answer it, is it known whole?"""
    order, first, last = case["order"], row["valid_from"], row["valid_to"]
    if last is not None and order.isoformat() > last:
        found["basis.not_in_force"] = "defect"
    elif (
        first is None
        or row["status"] in ("planned", None)
        or (row["status"] == "repealed" and last is None)
    ):
        found["basis.in_force_unknown"] = "ask_human"
    elif order.isoformat() < first:
        found["basis.not_in_force"] = "defect"

    if row["enforceable_in_nl"] is None:
        found["basis.enforceable_unknown"] = "ask_human"
    elif not row["enforceable_in_nl"]:
        found["basis.foreign"] = "defect"

    answered = {
        "production_order": None,
        "forward_production_order": ("instrument.to_come", "ask_human"),
        "bulk_production_order": ("instrument.bulk", "ask_human"),
        "assistance_order": ("instrument.assistance", "ask_human"),
        "preservation_order": ("instrument.preservation", "ask_human"),
        "european_preservation_order": ("instrument.preservation", "ask_human"),
        "european_production_order": ("instrument.european", "ask_human"),
        "voluntary_disclosure": ("instrument.voluntary", "defect"),
        None: ("instrument.unknown", "ask_human"),
    }[row["instrument"]]
    if row["instrument"] in ("preservation_order", "european_preservation_order"):
        asked = {category for item in case["items"] for category in item["categories"]}
        given = (row["preservation"] or {"gives": []})["gives"]
        if asked == {"provider_chain"} and given is None:
            answered = ("instrument.chain_unknown", "ask_human")
        elif asked == {"provider_chain"} and "provider_chain" in given:
            answered = None
    at_once = row["response"] is not None and not row["response"].get("not_before")
    if row["instrument"] == "european_production_order" and at_once:
        answered = ("instrument.european_at_once", "ask_human")
    if answered is not None:
        found[answered[0]] = answered[1]
    if row["family"] == "nl.intelligence" and not case["sealed"]:
        found["instrument.intelligence"] = "ask_human"

    empty = [name for name in row if row[name] is None and name not in MAY_BE_EMPTY]
    judge, oral = row["judicial_authorisation"], row["oral"]
    later = [one.get("afterwards", {}) for one in (judge or {}).get("conditions") or []]
    if judge is not None and (
        None in judge.values()
        or None in later
        or None in (judge.get("oral") or {}).values()
        or any("term" in one and one["term"] is None for one in later)
    ):
        empty.append("judicial_authorisation")
    if oral is not None and oral["allowed"] is None:
        empty.append("oral")
    if empty:
        found["basis.incomplete"] = "ask_human"


def judge_sender(case, row, found):
    """Does the register know agency and person, and can they hold the role?"""
    agency, person = case["agency"], case["person"]
    if agency is None:
        found["agency.unknown"] = "ask_human"
    elif agency["suspended"]:
        found["agency.suspended"] = "ask_human"
    if person is None:
        found["person.unknown"] = "ask_human"
    elif not person["of_agency"]:
        found["person.other_agency"] = "ask_human"
    elif person["suspended"]:
        found["person.suspended"] = "ask_human"
    if row["enforceable_in_nl"] is False:
        return
    if agency is not None:
        if case["role"] not in agency["roles"]:
            found["agency.role_not_held"] = "defect"
        union = CODES["e_evidence"]
        if row["jurisdiction"] != "EU":
            if agency["country"] != CODES["home_country"]:
                found["agency.other_state"] = "defect"
        elif agency["country"] == union["establishment"]:
            found["agency.own_state"] = "defect"
        elif agency["country"] not in union["bound"]:
            found["agency.other_state"] = "defect"
    if person is not None and case["role"] not in person["roles"]:
        found["person.role_not_held"] = "defect"


def judge_dates(case, found):
    """Was the order dated before it came?"""
    if case["order"] > case["today"]:
        found["dates.in_future"] = "defect"
    elif case["order"] > case["received"]:
        found["dates.after_receipt"] = "clarify"


def judge_repeats(case, found):
    """Was it recorded before?"""
    if case["same_order"]:
        found["duplicate.order"] = "ask_human"
    if case["same_document"]:
        found["duplicate.document"] = "ask_human"


def judge_emergency(case, found):
    """Is it in the emergency lane, and may that much be given there? Policy, not law."""
    if case["emergency"] is None:
        return
    found["emergency.taken_back" if case["taken_back"] else "emergency.reason"] = "ask_human"
    asked = {code for item in case["items"] for code in item["categories"]}
    never = set() if case["taken_back"] else {"content_stored"}
    if asked & never:
        found["emergency.never/content_stored"] = "ask_human"
    who = {"subscriber_identity", "identifying_admin", "number_and_service"}
    others = asked - who - never - {"ip_identification"}
    for item in case["items"]:
        if item["breadth"] not in ("one", "short_number"):  # who a crowd is, is much
            others |= {*item["categories"]} - never
        is_of_one = item["kind"] == "ip_address" and item["at"]
        if "ip_identification" in item["categories"] and not is_of_one:
            others.add("ip_identification")  # when somebody was online, and where
    if others and case["emergency"] < len(("one of us", "another")):
        found["emergency.unconfirmed"] = "ask_human"


def comes_later(case, row):
    """May the validation that nobody gave come after the order (yes, no, unclear)?"""
    rule = row["judicial_authorisation"]
    for one in (rule or {}).get("conditions") or []:
        if one["kind"] == "role_needs_validation":
            if case["emergency"] is None or case["taken_back"]:
                return "no"
            if one["afterwards"] is None:
                return "unclear"
            return "yes" if one["afterwards"]["when"] == "emergency" else "no"
    return "no"


def who_validated(case, row):
    """Return what the register says of the validation: none, good, or what is wrong with it."""
    one = case["validator"]
    if one is None:
        return "none" if case["judge"] is None else "words"
    if one["suspended"]:
        return "suspended"
    if not any(role in (row["issuing_roles"] or []) for role in one["roles"]):
        if one["roles"] and all(role in CODES["roles"] for role in one["roles"]):
            return "may not"
        return "words"
    if case["agency"] is not None and one["country"] != case["agency"]["country"]:
        return "abroad"
    return "good"


def judge_role(case, row, found):
    """May the role on the order issue it?"""
    alone, validated = row["issuing_roles"], row["roles_if_validated"]
    if alone is None or validated is None:
        found["role.unknown"] = "ask_human"
    elif case["role"] in alone:
        pass
    elif case["role"] not in validated:
        found["role.not_allowed"] = "defect"
    else:
        state = who_validated(case, row)
        if state == "none":
            code, outcome = {
                "yes": ("role.validation_owed", "clarify"),
                "no": ("role.not_validated", "defect"),
                "unclear": ("role.unknown", "ask_human"),
            }[comes_later(case, row)]
            found[code] = outcome
        elif state == "words":
            found["role.validator_unknown"] = "ask_human"
        elif state == "suspended":
            found["role.validator_suspended"] = "ask_human"
        elif state == "abroad":
            found["role.validator_of_other_state"] = "ask_human"
        elif state == "may not":
            found["role.validator_not_competent"] = "defect"


def judge_judge(case, row, found):
    """Did a judge authorise it, where one has to, and before?"""
    rule = row["judicial_authorisation"]
    if rule is None or rule["need"] is None:
        found["judicial.unknown"] = "ask_human"
        return
    if rule["need"] == "no":
        return
    if rule["need"] == "conditional":
        answers = [holds(one, case, row) for one in rule["conditions"] or []]
        if "yes" not in answers:
            if not answers or "unclear" in answers:
                found["judicial.unknown"] = "ask_human"
            return
    given, state = case["judge"], who_validated(case, row)
    if rule["if_missing"] == "annex_iii":
        if state == "none":
            code, outcome = {
                "yes": ("judicial.validation_owed", "clarify"),
                "no": ("judicial.not_validated", "defect"),
                "unclear": ("judicial.unknown", "ask_human"),
            }[comes_later(case, row)]
            found[code] = outcome
            return
        if given is None:
            if state != "good":
                found["judicial.validation_unproven"] = "ask_human"
            return
        if late(case, found):
            return
        if state != "good":
            found["judicial.validation_unproven"] = "ask_human"
    elif given is not None:
        late(case, found)
    elif rule["if_missing"] == "defect" or forbids_here(case, row, rule):
        found["judicial.missing_by_statute"] = "defect"
    elif rule["if_missing"] is None:
        found["judicial.unknown"] = "ask_human"
    elif rule["rests_on"] == ["case_law"]:
        found["judicial.missing_by_case_law"] = "clarify"
    else:
        found["judicial.missing"] = "clarify"


def judge_orally(case, row, found):
    """May the judge have said it only, and was it written down since?"""
    rule, written = row["judicial_authorisation"], case["spoken"]
    if case["judge"] is None or written is None:
        return
    if rule is not None and rule["need"] == "no":
        return
    if rule is not None and rule["need"] == "conditional":
        answers = {holds(one, case, row) for one in rule["conditions"] or []}
        if answers == {"no"}:
            return
    spoken = (rule or {}).get("oral") or {"allowed": None}
    if spoken["allowed"] is None:
        found["judicial.oral_unknown"] = "ask_human"
    elif spoken["allowed"] == "no":
        is_law = rule["if_missing"] == "defect" or forbids_here(case, row, rule)
        code = "judicial.oral_not_by_statute" if is_law else "judicial.oral_not_by_case_law"
        found[code] = "defect" if is_law else "clarify"
    elif written == "never":
        found["judicial.oral_unwritten"] = "clarify"
    elif written > case["today"]:
        found["judicial.written_in_future"] = "defect"


def forbids_here(case, row, rule):
    """Does the statute itself ask for the judge in this case, whatever else only case law asks?"""
    strict = [one for one in rule.get("conditions") or [] if one.get("if_missing") == "defect"]
    return any(holds(one, case, row) == "yes" for one in strict)


def late(case, found):
    """Say whether something is wrong with the day of the authorisation."""
    given = case["judge"]
    if given == "undated":
        found["judicial.undated"] = "clarify"
    elif given > case["today"]:
        found["judicial.in_future"] = "defect"
    elif given > case["order"]:
        found["judicial.after_order"] = "clarify"
    else:
        return False
    return True


def holds(condition, case, row):
    """Answer yes, no or unclear to a condition of the row."""
    asked = {code for item in case["items"] for code in item["categories"]}
    kind = condition["kind"]
    if kind == "every_demand":
        return "yes"
    if kind == "source_protection":
        return "yes" if case["source"] else "no"
    if kind == "categories_beyond":
        return "yes" if asked - set(condition["categories"]) else "no"
    if kind == "categories_among":
        return "yes" if asked & set(condition["categories"]) else "no"
    if kind == "immediate_delivery":  # nobody records whether data are handed over as they arise
        to_come = [item for item in case["items"] if item["to"] > case["order"]]
        return "unclear" if to_come else "no"
    if kind == "role_needs_validation":
        if row["roles_if_validated"] is None:
            return "unclear"
        return "yes" if case["role"] in row["roles_if_validated"] else "no"
    return "unclear"


def judge_form(case, row, found):
    """Is it in a form that the basis allows?"""
    if case["form"] == "written":
        if not case["paper"]:
            found["form.order_missing"] = "clarify"
        return
    allowed = None if row["oral"] is None else row["oral"]["allowed"]
    code, outcome = {
        "yes": ("form.oral_allowed", "clarify"),
        "urgent": ("form.oral_urgent", "clarify"),
        "by_analogy_only": ("form.oral_by_analogy", "ask_human"),
        "no": ("form.oral_not_allowed", "defect"),
        None: ("form.oral_unknown", "ask_human"),
    }[allowed]
    found[code] = outcome


def judge_validity(case, row, found):
    """Can it still be carried out?"""
    term = row["order_validity"]
    if term is None:
        found["validity.unknown"] = "ask_human"
    elif term["rule"] == "at_most" and case["today"] > later(case["order"], term):
        found["validity.expired"] = "defect"


def judge_addressee(case, row, found):
    """Are we the one to ask, and not the suspect?"""
    controller_first = row["id"] in RULES["EU-CONTROLLER-FIRST"]["applies_to"]
    asked = {code for item in case["items"] for code in item["categories"]}
    capacity = case["capacity"]
    if capacity is None:
        if controller_first or asked & set(CODES["capacity_matters"]["categories"]):
            found["addressee.unknown"] = "ask_human"
    elif capacity == "reseller":
        found["addressee.reseller"] = "ask_human"
    elif capacity == "processor":
        if not controller_first:
            found["addressee.processor"] = "ask_human"
        elif case["why_processor"] is None:
            found["addressee.controller_first"] = "clarify"
    elif capacity == "provider" and controller_first:
        found["addressee.controller_unclear"] = "ask_human"

    rule = RULES["NL-NOT-TO-SUSPECT"]
    sure, perhaps = row["id"] in rule["applies_to"], row["id"] in rule["applies_perhaps_to"]
    if case["suspect"] is True and sure:
        found["suspect.addressed"] = "defect"
    elif case["suspect"] is True:
        found["suspect.addressed_unsettled"] = "ask_human"
    elif case["suspect"] is None and (sure or perhaps):
        found["suspect.unknown"] = "ask_human"


def judge_contents(case, row, found):
    """Does the order state what it has to?"""
    if row["contents"] is None:
        found["contents.unknown"] = "ask_human"
        return
    lacking = []
    for code in row["contents"]:
        says = CODES["contents"][code]
        if says["when"] == "if_any":
            continue
        if says["when"] == "processor" and case["capacity"] != "processor":
            continue
        if says["when"] == "data_to_come" and not any(
            item["to"] > case["order"] for item in case["items"]
        ):
            continue
        if says.get("said_by") == "offence" and case["offence"]:
            continue
        if says.get("said_by") == "judicial_authorisation" and case["judge"] is not None:
            continue
        if says.get("said_by") == "processor_ground" and case["why_processor"] is not None:
            continue
        if case["states"] is None or code not in case["states"]:
            lacking.append(code)
    if lacking and case["states"] is None:
        found["contents.not_read"] = "ask_human"
    elif lacking:
        found.update({f"contents.missing/{code}": "clarify" for code in lacking})


def judge_categories(row, n, item, found):
    """Does the basis reach each category?"""
    for code in item["categories"]:
        at = f"{n}/{code}"
        if row["categories"] is None:
            found[f"category.unknown/{at}"] = "ask_human"
        elif code in (row["excluded_categories"] or []):
            found[f"category.excluded/{at}"] = "defect"
        elif code in row["categories"]:
            continue
        elif row["unsettled_categories"] is None:
            found[f"category.unknown/{at}"] = "ask_human"
        elif code in row["unsettled_categories"]:
            found[f"category.unsettled/{at}"] = "ask_human"
        else:
            found[f"category.outside/{at}"] = "defect"


def judge_target(case, row, n, item, found):
    """Does it say precisely whom or what it is about?"""
    if row["targets"] is None:
        found[f"target.unknown/{n}"] = "ask_human"
        return
    kinds = [CODES["targets"][code] for code in row["targets"]]
    if kinds and all(one.get("is_bulk") for one in kinds):
        is_of_places = row["targets"] == ["two_or_more_times_and_places"]
        if is_of_places and item["kind"] != "time_and_place":
            found[f"target.kind/{n}"] = "clarify"
            return
        named = [
            one for one in case["items"] if not is_of_places or one["kind"] == "time_and_place"
        ]
        places = 2 if row["targets"] == ["two_or_more_times_and_places"] else 1
        if len(named) < places:
            found[f"target.too_few_places/{n}"] = "clarify"
        else:
            found[f"target.bulk/{n}"] = "ask_human"
    elif item["breadth"] not in ("one", "short_number", "row", "many"):
        found[f"target.broad/{n}"] = "clarify"
    elif not any(item["kind"] in one["fits"] for one in kinds):
        found[f"target.kind/{n}"] = "clarify"
    elif item["breadth"] == "short_number":
        found[f"target.short/{n}"] = "ask_human"
    else:
        if item["breadth"] in ("row", "many"):
            found[f"target.listed/{n}"] = "clarify"
        if item["kind"] == "ip_address" and not item["at"]:
            found[f"target.instant_missing/{n}"] = "clarify"
        if item["kind"] != "ip_address" and "ip_identification" in item["categories"]:
            traffic = {"usage_sessions", "traffic_call_records", "location"}
            if not traffic & set(item["categories"]):
                found[f"target.address_missing/{n}"] = "clarify"


def judge_period(case, row, n, item, found):
    """Does the basis reach so far back, and so far ahead?"""
    order, back, ahead = case["order"], row["look_back"], row["look_forward"]
    if item["reversed"]:
        found[f"period.reversed/{n}"] = "clarify"
        return
    if back is None:
        found[f"period.look_back_unknown/{n}"] = "ask_human"
    elif back["rule"] == "at_most" and item["from"] < later(order, back, -1):
        found[f"period.too_far_back/{n}"] = "clarify"
    elif back["rule"] == "data_to_come_only" and item["from"] <= order:
        found[f"period.before_order/{n}"] = "clarify"

    at_receipt = back is not None and back["rule"] == "held_at_receipt"
    if at_receipt and not is_after(item, received_at(case)):
        return
    if not at_receipt and item["to"] <= order:
        return
    if at_receipt and ahead == {"rule": "nothing_to_come"}:
        found[f"period.after_receipt/{n}"] = "clarify"
    elif ahead is None:
        found[f"period.look_forward_unknown/{n}"] = "ask_human"
    elif ahead["rule"] in ("nothing_to_come", "not_applicable"):
        found[f"period.nothing_to_come/{n}"] = "clarify"
    elif item["to"] > later(order, ahead):
        found[f"period.too_far_ahead/{n}"] = "clarify"
    elif item["to"] >= case["today"]:
        found[f"period.to_come/{n}"] = "ask_human"


def judge_protection(row, n, item, found):
    """Is somebody protected whom it is about?"""
    flag = item["protection"]
    if flag in (None, "none"):
        return
    if row["id"] in RULES["EU-IMMUNITY"]["applies_to"]:
        found[f"protection.european/{n}"] = "clarify"
    elif flag == "journalist_or_source":
        found[f"protection.source/{n}"] = "clarify"
    elif flag in ("lawyer", "notary", "doctor", "clergy"):
        found[f"protection.privilege/{n}"] = "ask_human"
    else:
        found[f"protection.other/{n}"] = "ask_human"


def received_at(case):
    """Return when an order reached us: half past ten that day, on the clock in Amsterdam."""
    return datetime.combine(case["received"], time(10, 30), ZoneInfo("Europe/Amsterdam"))


def is_after(item, at):
    """Does a period end later than that? Without an hour it ends with its last day."""
    if item["until"] is not None:
        return item["until"] > at
    return item["to"] >= at.date()


def later(day, term, sign=1):
    """Return a day moved by a term, a month ending where the shorter one ends."""
    if term["unit"] == "days":
        return day + sign * timedelta(days=term["value"])
    if term["unit"] == "weeks":
        return day + sign * timedelta(days=7 * term["value"])
    year, month = day.year, day.month + sign * term["value"]
    while month > MONTH:
        year, month = year + 1, month - MONTH
    while month < 1:
        year, month = year - 1, month + MONTH
    return date(year, month, min(day.day, monthrange(year, month)[1]))
