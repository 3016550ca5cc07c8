"""What a log holds of staff, sorted entry by entry."""

import pytest

from lea_service.staff.chain import StaffLog, facts_of


@pytest.mark.parametrize("bare", [{}, {"facts": None}, {"facts": ["approval"]}, {"facts": "x"}])
def test_entry_without_an_object_of_facts_has_none(bare):
    assert facts_of(bare) == {}
    assert facts_of({"facts": {"n": 1}}) == {"n": 1}


def test_each_entry_of_staff_is_kept_where_it_belongs():
    """What comes first of an approval counts; who agreed is kept in the order of the log."""
    log, facts = StaffLog(), {"approval": "ap_1", "signed": {}, "kind": "staff.roles"}
    events = [
        "staff.bootstrapped", "approval.proposed", "approval.endorsed", "approval.endorsed",
        "approval.decided", "approval.decided", "staff.roles_changed", "staff.suspended",
        "staff.token_issued",
    ]  # fmt: skip
    entries = [
        {"ev": event, "case": "s_1", "by": f"s_{n}", "t": "x", "facts": facts}
        for n, event in enumerate(events)
    ]
    for n, entry in enumerate(entries):
        log.take(n, entry)
    assert log.agreed("ap_1") == entries[2:4]
    assert log.agreed("ap_2") == []
    kept = {
        "founders": log.founders, "proposed": [*log.proposed.values()],
        "decided": [*log.decided.values()], "odd": log.odd,
        "effects": log.effects, "suspended": log.suspended,
    }  # fmt: skip
    assert {name: [one.index for one in found] for name, found in kept.items()} == {
        "founders": [0], "proposed": [1], "decided": [4], "odd": [5], "effects": [6],
        "suspended": [7],
    }  # fmt: skip
    log.take(9, entries[1] | {"facts": {"approval": "ap_2"}})  # without what was signed
    assert [one.index for one in log.odd] == [5, 9]
    assert list(log.changes(5)) == []
    for outcome, before, found in (("approved", 5, 1), ("approved", 4, 0), ("refused", 5, 0)):
        entries[4]["facts"] = facts | {"outcome": outcome}
        assert len([*log.changes(before)]) == found
