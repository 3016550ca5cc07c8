"""The tests by which `make mutate-part` judges a module that `make mutate-legal` does not.

Files below `tests` in which a wrong rule of the module would be seen; the quickest are run first.
"""

_GATE = ("extraction/test_decided", "extraction/test_stops", "extraction/test_changed_tables")

JUDGED_BY = {
    "lea_service.demands.admission": ("demands/test_admission",),
    "lea_service.demands.devices": ("demands/test_devices",),
    "lea_service.demands.likeness": ("demands/test_likeness",),
    "lea_service.demands.states": ("demands/test_states", "demands/test_service"),
    "lea_service.demands.targets": ("demands/test_targets",),
    "lea_service.demands.withdrawal": ("demands/test_service",),
    "lea_service.extraction.changes": _GATE,
    "lea_service.extraction.decided": _GATE,
    "lea_service.extraction.extra_decider": ("extraction/test_extra_decider",),
    "lea_service.extraction.instalments": ("extraction/test_instalments",),
    "lea_service.extraction.reopening": ("extraction/test_reopening",),
    "lea_service.legal.acceptance": ("legal/test_acceptance",),
    "lea_service.legal.annex.table": ("legal/annex/test_table", "legal/annex/test_form"),
    "lea_service.legal.basis": ("legal/test_basis",),
    "lea_service.legal.citations": ("legal/test_citations",),
    "lea_service.legal.explanation": ("legal/test_explanation", "legal/test_reckoning"),
    "lea_service.legal.facts": ("legal/test_facts",),
    "lea_service.legal.findings": (
        "legal/test_findings",
        "legal/test_checks",
        "legal/test_wording",
        "legal/test_ways",
    ),
    "lea_service.legal.narrowing.rules": ("legal/test_narrowing",),
    "lea_service.legal.narrowing.told": ("legal/test_narrowing",),
    "lea_service.legal.order_dates": ("legal/test_proposals",),
    "lea_service.legal.order_lines": ("legal/test_order_lines",),
    "lea_service.legal.order_names": ("legal/test_order_names",),
    "lea_service.legal.order_numbers": (
        "legal/test_proposals",
        "legal/test_reading",
        "legal/test_comparison",
    ),
    "lea_service.legal.powers": ("legal/test_powers",),
    "lea_service.legal.proposals": ("legal/test_proposals",),
    "lea_service.legal.protected_words": ("legal/test_protected_words",),
    "lea_service.legal.questions": ("legal/test_service",),
    "lea_service.legal.receipts": ("legal/test_receipts",),
    "lea_service.legal.referral.table": ("legal/referral/test_referral",),
    "lea_service.legal.taken_back": ("legal/test_taken_back",),
    "lea_service.legal.word": ("legal/test_word",),
    "lea_service.legal.wording_dutch": ("legal/test_wording",),
    "lea_service.legal.written_order": ("legal/test_comparison",),
    "lea_service.staff.chain": (
        "staff/test_staff_log",
        "staff/test_chain_places",
        "staff/test_chain",
    ),
    "lea_service.staff.changes": ("staff/test_engagements", "staff/test_three_people"),
    "lea_service.staff.engagement": ("staff/test_engagement_form",),
    "lea_service.staff.kinds": ("staff/test_kinds",),
    "lea_service.staff.proven": ("staff/test_proven",),
    "lea_service.staff.reach.rules": ("staff/test_reach",),
}
