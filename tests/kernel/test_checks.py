"""Every CHECK refuses the row it is there for: what two people do is never done by one."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import CheckConstraint, insert
from sqlalchemy.exc import IntegrityError

from lea_service.kernel.database import CaseBase, RecordBase
from tests.support.certificates import NOW
from tests.support.one_of_each import make_row, real_tables

LATE = NOW + timedelta(days=3650)
TWO_PEOPLE = {
    "ck_approvals_beneficiary": {"proposed_by": "s_1", "beneficiary": "s_1"},
    "ck_delegations_two_people": {"account_id": "s_1", "lent_by": "s_1"},
    "ck_approval_decisions_two_people": {"proposed_by": "s_1", "decided_by": "s_1"},
    "ck_approval_endorsements_two_people": {"proposed_by": "s_1", "endorsed_by": "s_1"},
    "ck_verified_contacts_two_people": {"found_by": "s_1", "approved_by": "s_1"},
}
SUSPENSION = {"suspension_id": "su_1"}
UNAGREED = {"ground": "period_wrong", "clarification_id": None}
WRONG = {
    **TWO_PEOPLE,
    "ck_absences_period": {"since": LATE},
    "ck_accounts_suspension": SUSPENSION,
    "ck_agencies_suspension": SUSPENSION,
    "ck_agency_people_suspension": SUSPENSION,
    "ck_desks_suspension": SUSPENSION,
    "ck_agency_certificates_holder": {"person_id": None},
    "ck_agency_certificates_dates": {"not_before": LATE},
    "ck_annex_forms_waits": {"effect": "ends", "clarification_id": "cl_1"},
    "ck_approval_decisions_outcome": {"outcome": "x"},
    "ck_approval_decisions_text": {"outcome": "approved", "text_sealed": b"x"},
    "ck_approvals_needs_deciders": {"needs_deciders": 0},
    "ck_call_backs_dates": {"called_at": LATE},
    "ck_clearances_days": {"valid_from": LATE.date()},
    "ck_current_runs_plan_is_current": {"plan_is_current": False},
    "ck_data_keys_destroyed": {"wrapped": None},
    "ck_delegations_period": {"valid_from": LATE},
    "ck_engagements_period": {"kind": "employee", "valid_from": NOW},
    "ck_deliveries_dates": {"available_at": LATE},
    "ck_demands_emergency": {"is_emergency": True, "emergency_since": None},
    "ck_demands_version": {"record_version": 2, "version": 1},
    "ck_import_runs_finished": {"state": "done", "finished_at": None},
    "ck_import_runs_state": {"state": "x", "finished_at": NOW},
    "ck_inquiries_about": {"question": "mapping"},
    "ck_inquiries_question": {"question": "x", "about": "x"},
    "ck_log_head_one_row": {"id": 2},
    "ck_narrowings_agreement": {"ground": "agreed", "clarification_id": None},
    "ck_narrowings_ground": {"ground": "x", "clarification_id": None},
    "ck_narrowings_one_thing": {**UNAGREED, "category": "location", "keep_from": NOW},
    "ck_purges_begun_counts": {"found": 0, "late": 1},
    "ck_purges_done_counts": {"kept": -1},
    "ck_reach_alarms_dates": {"began_at": NOW, "ended_at": NOW - timedelta(days=1)},
    "ck_reach_tests_answer": {"sent_at": NOW, "answered_at": NOW - timedelta(days=1)},
    "ck_reach_tests_term": {"sent_at": LATE},
    "ck_receiver_tokens_claimed": {"claimed_at": NOW},
    "ck_receiver_tokens_code": {"code_digest": b"x", "claimed_at": NOW, "token_digest": b"x"},
    "ck_receiver_tokens_dates": {"granted_at": LATE},
    "ck_receiver_tokens_revoked": {"revoked_at": NOW},
}
"""By CHECK, the values that make a row one that it must refuse."""

PLAIN = (
    (re.compile(r"(\w+) IN \(.*\)"), "x"),
    (re.compile(r"length\((\w+)\) = \d+"), "x"),
    (re.compile(r"(\w+) > 0"), 0),
    (re.compile(r"(\w+) >= 0"), -1),
)
"""What the other CHECKs look like, and what they must refuse in that column."""


def checks(base):
    """Return (table, CHECK) for each CHECK that the models declare."""
    return [
        (table, one)
        for table in real_tables(base.metadata)
        for one in sorted(table.constraints, key=lambda each: str(each.name))
        if isinstance(one, CheckConstraint)
    ]


def make_wrong(table, check):
    """Return a row that is right but for what the CHECK refuses."""
    found = [(form.fullmatch(str(check.sqltext)), value) for form, value in PLAIN]
    changes = {match[1]: value for match, value in found if match}
    return make_row(table) | WRONG.get(check.name, changes)


def refusal(database, table, row):
    """Return what the database says of a row."""
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(insert(table).values(row))
    return str(caught.value.orig)


@pytest.mark.parametrize("base", [CaseBase, RecordBase])
def test_every_check_refuses_its_row(databases, base):
    database = databases.cases if base is CaseBase else databases.records
    found = checks(base)
    assert found
    for table, check in found:
        assert check.name in refusal(database, table, make_wrong(table, check)), check.name


def test_guards_of_two_people_are_all_there(databases):
    assert databases.cases
    names = {check.name for _, check in checks(CaseBase)}
    assert set(WRONG) <= names
    assert {name for name in names if "two_people" in name or "beneficiary" in name} == set(
        TWO_PEOPLE
    )
