"""An entry of the register of processing systems, as somebody proposes it."""


def entry_request(code="CUSTOMERS", **changes):
    """Return a request without an objection, with changes."""
    return {
        "code": code,
        "system": "customer administration",
        "source": None,
        "purpose": "to supply and to invoice telephony",
        "ground": "contract",
        "article": None,
        "data": [
            {
                "category": "name",
                "kept": {"span": "fixed", "value": 24, "unit": "months"},
                "ending": "destroy",
            }
        ],
        "owner": "head of administration",
        "processors": [],
        "consent_evidence": None,
        "stated_in": None,
        "reviewed_on": "2026-11-02",
        **changes,
    }
