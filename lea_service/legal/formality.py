"""Checks of form: written or oral, the dates, and the judge who has to authorise beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from lea_service.kernel.canonical import Json
from lea_service.legal.basis import Basis, Condition, Judicial
from lea_service.legal.case import Case
from lea_service.legal.facts import Authorisation, DemandFacts
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.validation import Validation, judge_validation, rule_of_owed

WRITTEN = "written"
ORAL = {
    "yes": "form.oral_allowed",
    "urgent": "form.oral_urgent",
    "by_analogy_only": "form.oral_by_analogy",
    "no": "form.oral_not_allowed",
}
BY_VALIDATION = "annex_iii"
WITHOUT = {
    Validation.MISSING: "judicial.not_validated",
    Validation.OWED: "judicial.validation_owed",
    Validation.UNSETTLED: "judicial.unknown",
}
"""The finding where nobody is named who validated the order."""
FORBIDDEN = {
    "judicial.missing_by_statute": "judicial.oral_not_by_statute",
    "judicial.missing_by_case_law": "judicial.oral_not_by_case_law",
    "judicial.missing": "judicial.oral_not_by_case_law",
    "judicial.unknown": "judicial.oral_unknown",
}
"""What an authorisation is that may not be given orally, by what it would be to have none."""
CASE_LAW_ONLY = ("case_law",)


class FormAllowed:
    """The order has a form that the basis allows."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        facts, oral = case.facts, case.basis.oral
        if facts.form == WRITTEN:
            code = "form.written" if facts.has_order else "form.order_missing"
        else:
            code = ORAL.get(oral or "", "form.oral_unknown")
        seen = {"form": facts.form, "oral": oral}
        yield make_finding(code, case.basis, field="oral", seen=seen)


class DatesPlausible:
    """The order was dated before it reached us."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        yield date_order(case.facts, case.today, case.basis)


def date_order(facts: DemandFacts, today: date, basis: Basis | None = None) -> Finding:
    """Return what is found about the date of an order, whatever basis it names."""
    day, received = facts.order_date, facts.received_on
    code = "dates.plausible"
    if day > today:
        code = "dates.in_future"
    elif day > received:
        code = "dates.after_receipt"
    seen = {"order_date": day.isoformat(), "received_on": received.isoformat()}
    return make_finding(code, basis, seen=seen)


class AuthorisedOrally:
    """Where a judge authorised orally, the law lets that be, and it is in writing since."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding; it rests on the rule about that, where the row has one."""
        judicial, given = case.basis.judicial, case.facts.authorisation
        needed = None if judicial is None else is_needed(judicial, case)
        field = "judicial_authorisation"
        if given is None or not given.is_oral or needed is False:
            yield make_finding("judicial.not_oral", case.basis, field=field)
            return
        rule = judicial.oral if judicial else None
        seen: dict[str, Json] = {"oral": rule.allowed if rule else None}
        if given.written_on is not None:
            seen["written_on"] = given.written_on.isoformat()
        code = self._code(case, judicial, given)
        by = rule.rule if rule else None
        yield make_finding(code, case.basis, field=field, seen=seen, rule=by)

    def _code(self, case: Case, judicial: Judicial | None, given: Authorisation) -> str:
        if judicial is None or judicial.oral is None or judicial.oral.allowed is None:
            return "judicial.oral_unknown"
        if judicial.oral.allowed == "no":
            return FORBIDDEN[_missing(judicial, case)]
        if given.written_on is None:
            return "judicial.oral_unwritten"
        if given.written_on > case.today:
            return "judicial.written_in_future"
        return "judicial.oral_written"


class JudgeAuthorised:
    """Where a judge has to authorise, the order names the authorisation, and it came first."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding."""
        judicial = case.basis.judicial
        seen = {"by": judicial.by, "need": judicial.need} if judicial else {"need": None}
        code, field = self._code(case, judicial), "judicial_authorisation"
        rule = rule_of_owed(case) if code == WITHOUT[Validation.OWED] else None
        yield make_finding(code, case.basis, field=field, seen=seen, rule=rule)

    def _code(self, case: Case, judicial: Judicial | None) -> str:
        needed = None if judicial is None else is_needed(judicial, case)
        if judicial is None or needed is None:
            return "judicial.unknown"
        if not needed:
            return "judicial.not_needed"
        if judicial.if_missing == BY_VALIDATION:
            return _validated(case)
        return _missing(judicial, case) if case.facts.authorisation is None else _given(case)


def is_needed(judicial: Judicial, case: Case) -> bool | None:
    """Say whether a judge has to authorise this demand; None when that is not known."""
    if judicial.need in {"always", "no"}:
        return judicial.need == "always"
    if judicial.need is None or not judicial.conditions:
        return None
    met = [is_met(condition, case) for condition in judicial.conditions]
    if True in met:
        return True
    return None if None in met else False


def is_met(condition: Condition, case: Case) -> bool | None:
    """Say whether the condition applies to the demand; None when that is not known."""
    rule = CONDITIONS.get(condition.kind)
    return rule(condition, case) if rule else None


def _is_immediate(_condition: Condition, case: Case) -> bool | None:
    return None if case.facts.reaches_past_order else False


def _is_role_to_validate(_condition: Condition, case: Case) -> bool | None:
    validated = case.basis.roles_if_validated
    return None if validated is None else case.facts.issuing_role in validated


CONDITIONS: Mapping[str, Callable[[Condition, Case], bool | None]] = {
    "every_demand": lambda _condition, _case: True,
    "source_protection": lambda _condition, case: case.facts.is_source_protected is True,
    "categories_beyond": lambda one, case: not case.facts.categories <= set(one.categories),
    "categories_among": lambda one, case: bool(case.facts.categories & set(one.categories)),
    "immediate_delivery": _is_immediate,
    "role_needs_validation": _is_role_to_validate,
}
"""When a condition of the catalogue applies; of a kind that is not here a person is asked."""


def _given(case: Case) -> str:
    given = case.facts.authorisation
    if given is None or given.given_on is None:
        return "judicial.undated"
    if given.given_on > case.today:
        return "judicial.in_future"
    is_first = given.given_on <= case.facts.order_date and not given.is_after_receipt
    return "judicial.given" if is_first else "judicial.after_order"


def _validated(case: Case) -> str:
    """Return the code where a validation takes the place of the authorisation."""
    validation = judge_validation(case)
    if validation in WITHOUT:
        return WITHOUT[validation]
    code = "judicial.validated" if case.facts.authorisation is None else _given(case)
    is_right = code in {"judicial.validated", "judicial.given"}
    return (
        "judicial.validation_unproven" if is_right and validation is not Validation.GIVEN else code
    )


def _missing(judicial: Judicial, case: Case) -> str:
    """Return the finding by the strictest law that asks for the authorisation in this case."""
    met = [one for one in judicial.conditions or () if is_met(one, case) and one.if_missing]
    follows = {one.if_missing for one in met} or {judicial.if_missing}
    if "defect" in follows:
        return "judicial.missing_by_statute"
    if follows != {"clarify"}:
        return "judicial.unknown"
    by_case_law = judicial.rests_on == CASE_LAW_ONLY
    return "judicial.missing_by_case_law" if by_case_law else "judicial.missing"
