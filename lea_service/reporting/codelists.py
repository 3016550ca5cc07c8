"""The closed lists of codes that answers hold, each code with its words in both languages.

A program that shows an answer to people looks the words up here; what it sends and stores are the
codes, which never change their meaning.
"""

from __future__ import annotations

from collections.abc import Mapping

import lea_service.delivery.phrases as delivery
import lea_service.demands.phrases as demands
import lea_service.extraction.phrases as extraction
import lea_service.legal.phrases as legal
import lea_service.oversight.phrases as oversight
import lea_service.retention.phrases as retention
import lea_service.retention.processing.phrases as processing
import lea_service.staff.phrases as staff
from lea_service.agencies.rules import KINDS, REVOKED, SUSPENDED
from lea_service.demands.narrowing import WORDS as CUTS
from lea_service.demands.withdrawal import WORDS as WITHDRAWALS
from lea_service.extraction.reasons import PLAN_REASONS, REOPENING, STOPPING
from lea_service.kernel.coded import phrases_of, words_of
from lea_service.kernel.phrases import Phrases
from lea_service.legal.authenticity.observations import WORDS as SIGHTS
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.confirmations.differences import DIFFERENCE_GROUNDS
from lea_service.legal.order_observations import WORDS as ORDERS
from lea_service.legal.questions import WORDS as QUESTIONS
from lea_service.staff.reasons import DECLINED
from lea_service.staff.reasons import SUSPENDED as STAFF_SUSPENDED


def _of_catalogue(table: str) -> Phrases:
    return {code: (one["nl"], one["en"]) for code, one in load_catalogue().codes[table].items()}


CODELISTS: Mapping[str, Phrases] = {
    "agency-kinds": words_of(KINDS),
    "agency-revocation-reasons": words_of(REVOKED),
    "agency-suspension-reasons": words_of(SUSPENDED),
    "annex-effects": legal.EFFECTS,
    "approval-kinds": staff.KINDS,
    "approval-outcomes": staff.OUTCOMES,
    "approver-reach": staff.REACHES,
    "authenticity-observations": phrases_of(SIGHTS),
    "authenticity-verdicts": legal.IN_THE_WAY,
    "breach-assessments": legal.BREACHES,
    "breach-causes": legal.BREACH_CAUSES,
    "breadths": legal.BREADTHS,
    "call-back-outcomes": legal.CALL_BACKS,
    "capacities": _of_catalogue("capacities"),
    "categories": demands.CATEGORIES,
    "channels": demands.CHANNELS,
    "clearances": staff.CLEARANCES,
    "clock-owners": legal.WHOSE,
    "clock-recounts": legal.RECOUNTS,
    "clock-statuses": legal.STATUSES,
    "clocks": legal.CLOCKS,
    "confirmation-difference-grounds": words_of(DIFFERENCE_GROUNDS),
    "decline-reasons": words_of(DECLINED),
    "demand-forms": demands.FORMS,
    "demand-lanes": demands.LANES,
    "demand-standings": delivery.STANDINGS,
    "demand-states": demands.STATES,
    "doubts": extraction.DOUBTS,
    "emergency-reasons": demands.EMERGENCIES,
    "enforcing-authority": legal.ENFORCING,
    "engagements": staff.ENGAGEMENTS,
    "escalation-audiences": legal.AUDIENCES,
    "escalation-steps": legal.ESCALATIONS,
    "extra-decider-reasons": extraction.ONE_MORE,
    "finding-outcomes": legal.FINDINGS,
    "halts": extraction.HALTS,
    "holds": demands.HOLDS,
    "instalment-rhythms": extraction.RHYTHMS,
    "instalment-standings": extraction.INSTALMENTS,
    "issuing-roles": _of_catalogue("roles"),
    "item-outcomes": extraction.ITEM_OUTCOMES,
    "letters": delivery.LETTERS,
    "narrowing-grounds": {str(code): words for code, words in CUTS.items()},
    "order-contents": _of_catalogue("contents"),
    "order-observations": phrases_of(ORDERS),
    "plan-decline-reasons": words_of(PLAN_REASONS.declined),
    "plan-looked-at": words_of(PLAN_REASONS.looked_at),
    "preservation-extensions": legal.LONGER,
    "preservation-releases": legal.RELEASES,
    "processing-endings": processing.ENDINGS,
    "processing-grounds": processing.GROUNDS,
    "processing-objections": processing.OBJECTIONS,
    "processing-spans": processing.SPANS,
    "processor-grounds": _of_catalogue("processor_grounds"),
    "protections": _of_catalogue("protections"),
    "question-reasons": phrases_of(QUESTIONS),
    "record-kinds": extraction.RECORD_KINDS,
    "references": demands.REFERENCES,
    "questions": oversight.QUESTIONS,
    "reopening-grounds": words_of(REOPENING),
    "retention-actions": retention.ACTIONS,
    "roles": staff.ROLES,
    "staff-suspension-reasons": words_of(STAFF_SUSPENDED),
    "stopping-reasons": words_of(STOPPING),
    "sureness": legal.SURENESS,
    "targets": demands.TARGETS,
    "waits": legal.AWAITED,
    "warnings": oversight.WARNINGS,
    "withdrawal-reasons": phrases_of(WITHDRAWALS),
}
"""By name. What else depends on the catalogue stands there: findings, grounds."""
