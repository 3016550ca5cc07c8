"""The tests by which the mutants of a module are judged that `mutmut` itself does not judge.

Files below `tests`, those that need no database among them first; beside pure rules they are the
ones in which a wrong rule would be seen.
"""

JUDGED_BY = {
    "lea_service.demands.likeness": ("demands/test_likeness",),
    "lea_service.demands.states": ("demands/test_states", "demands/test_service"),
    "lea_service.extraction.decided": (
        "extraction/test_decided",
        "extraction/test_changed_tables",
        "extraction/test_other_rules",
        "extraction/test_reopening",
        "extraction/test_extra_decider",
    ),
    "lea_service.legal.narrowing.rules": ("legal/test_narrowing", "legal/test_acceptance"),
    "lea_service.legal.order_numbers": (
        "legal/test_proposals",
        "legal/test_reading",
        "legal/test_comparison",
    ),
    "lea_service.legal.protected_before": ("legal/test_protected_before",),
}
