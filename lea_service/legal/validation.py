"""Whether somebody validated an order who may, as far as the register of agencies can tell."""

from __future__ import annotations

from enum import StrEnum

from lea_service.legal.case import Case
from lea_service.legal.facts import ValidatorFacts


class Validation(StrEnum):
    """What became of the validation. Words alone, be it a name or a reference, prove none."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    SUSPENDED = "suspended"
    OTHER_STATE = "other_state"
    NOT_COMPETENT = "not_competent"
    GIVEN = "given"


def judge_validation(case: Case) -> Validation:
    """Say whether the order was validated by a person of the register who may do so."""
    validator, agency = case.facts.validator, case.facts.agency
    if validator is None:
        is_claimed = case.facts.authorisation is not None
        return Validation.UNKNOWN if is_claimed else Validation.MISSING
    if validator.is_suspended:
        return Validation.SUSPENDED
    competence = _judge_roles(case, validator)
    is_abroad = agency is not None and validator.country != agency.country
    if competence is Validation.GIVEN and is_abroad:
        return Validation.OTHER_STATE
    return competence


def _judge_roles(case: Case, validator: ValidatorFacts) -> Validation:
    """Let whoever may issue such an order alone validate it; an unknown role is for a person."""
    if set(validator.roles) & set(case.basis.issuing_roles or ()):
        return Validation.GIVEN
    known = [case.catalogue.knows("roles", role) for role in validator.roles]
    return Validation.NOT_COMPETENT if known and all(known) else Validation.UNKNOWN
