"""What is owed of an order of an emergency that nobody validated: from when, until when, by whom."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lea_service.custody.replay import Entered, Stream
from lea_service.demands.demand import Emergency, EmergencyReason, Form, Party
from lea_service.kernel.clock import format_instant
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.deadlines import Clock, Status, Whose, list_deadlines
from lea_service.legal.moments import Validating
from lea_service.legal.owed import find_owed
from lea_service.legal.times import collect_times, has_to_wait, is_confirmed
from lea_service.legal.working_days import load_working_days
from tests.legal.cases import basis_of
from tests.legal.test_comparison import demand
from tests.legal.test_deadlines import at, times

OTHER, JUDGE = "eu.other_competent_authority", "eu.judge"
CAME = at("2026-11-20T13:20")
LATE = at("2026-11-22T14:00")
"""The hour from 13 does not count (Regulation 1182/71 art. 3(1)); twice 24 hours from 14:00."""
ARTICLE = "Regulation (EU) 2023/1543 art. 4(5)"


def basis_with(**changes):
    """Return the basis for subscriber data with another rule of what may follow the order."""
    basis = basis_of("EU-EPO-SUBSCRIBER")
    (condition,) = basis.judicial.conditions
    changed = replace(condition, **changes)
    return replace(basis, judicial=replace(basis.judicial, conditions=(changed,)))


def clock(basis, now, role=OTHER, validated_at=None, **changes):
    moments = times(CAME, validating=Validating(role, validated_at), **changes)
    found = list_deadlines(basis, moments, load_working_days(), now)
    return next((one for one in found if one.clock is Clock.CONFIRMATION), None)


@pytest.mark.parametrize("basis", ["EU-EPO-SUBSCRIBER", "EU-EPRO"])
@pytest.mark.parametrize(
    ("now", "status"), [("2026-11-22T13:59", Status.RUNNING), ("2026-11-22T14:00", Status.OVER)]
)
def test_validation_is_owed_within_48_hours(basis, now, status):
    found = clock(basis_of(basis), at(now))
    assert (found.status, found.due, found.late, found.met_at) == (status, LATE, LATE, None)
    assert (found.law, found.rule, found.whose) == (ARTICLE, "at_most", Whose.AUTHORITY)
    assert found.text.startswith("It is sought without undue delay, at the latest within 48")
    assert found.alarm is None


def test_validation_that_came_is_met():
    found = clock(basis_of("EU-EPRO"), at("2026-12-01T10:00"), validated_at=LATE)
    assert (found.status, found.met_at) == (Status.MET, LATE)


def test_earlier_day_counts_from_its_end_and_later_one_from_receipt():
    basis = basis_of("EU-EPRO")
    before = clock(basis, CAME, ordered_on=date(2026, 11, 19))
    assert before.late == at("2026-11-22T01:00")  # from 01:00, since midnight lies in that hour
    assert clock(basis, CAME, ordered_on=date(2026, 11, 21)).late == LATE


@pytest.mark.parametrize(
    ("basis", "role"),
    [
        (basis_of("EU-EPO-SUBSCRIBER"), JUDGE),
        (basis_of("EU-EPO-TRAFFIC"), OTHER),
        (basis_of("EU-EPO-TRAFFIC"), "eu.public_prosecutor"),
        (basis_of("NL-SV-126n"), "nl.officier_van_justitie"),
        (basis_with(afterwards=None), OTHER),
        (basis_with(kind="unclear"), OTHER),
        (replace(basis_of("EU-EPRO"), roles_if_validated=None), OTHER),
        (replace(basis_of("EU-EPRO"), judicial=None), OTHER),
    ],
)
def test_nothing_is_owed_where_no_validation_may_follow(basis, role):
    assert (
        clock(basis, CAME, role) is None
        or not find_owed(basis, times(CAME, validating=Validating(role, None))).is_validation
    )


def test_term_that_is_not_known_has_no_end():
    basis = basis_of("EU-EPO-SUBSCRIBER")
    afterwards = replace(basis.validation.afterwards, term=None)
    found = clock(basis_with(afterwards=afterwards), CAME)
    assert (found.status, found.rule, found.late) == (Status.NO_END, "unknown", None)


def test_oral_order_owes_its_writing_and_no_validation():
    owed = find_owed(basis_of("NL-SV-126nd"), times(CAME, form="oral"))
    assert (owed.is_validation, owed.since, owed.met_at) == (False, CAME, None)
    assert find_owed(basis_of("NL-SV-126nd"), times(CAME)) is None
    assert find_owed(basis_of("EU-EPRO"), times(CAME, form="oral")) is None
    assert find_owed(basis_with(), times(CAME, validating=Validating(OTHER, None))).is_validation


CLAIM = Emergency(EmergencyReason.LIFE, "Somebody announced a shooting.", Party(name="Eva"))
RECORDED, CORRECTED = "demand.recorded", "demand.corrected"


def urgent(**changes):
    """Return an urgent order that names nobody who validated it."""
    nobody = {"validating_authority": None, "judicial_authorisation": None}
    of = {"legal_basis": "EU-EPRO", "issuing_role": OTHER, "emergency": CLAIM, **nobody}
    return replace(demand(), order_date=CAME.date(), received_at=CAME, **of | changes)


def entered(*found):
    """Return a stream of (event, whether the record names a validation), an hour between each."""
    return Stream(
        "c_1",
        tuple(
            Entered(n, event, "s_1", format_instant(CAME + timedelta(hours=n)),
                    {} if named is None else {"names_validation": named}, ())
            for n, (event, named) in enumerate(found)
        ),
    )  # fmt: skip


VALIDATED = {"validating_authority": Party(ref="p_" + "1" * 32)}


@pytest.mark.parametrize(
    ("changes", "entries", "came"),
    [
        ({}, [(RECORDED, False)], None),
        ({}, [(RECORDED, False), ("confirmation.received", None)], 1),
        (VALIDATED, [(RECORDED, False), (CORRECTED, False), (CORRECTED, True)], 2),
        (VALIDATED, [(RECORDED, False), (CORRECTED, True), (CORRECTED, True)], 1),
        ({}, [(RECORDED, True), (CORRECTED, False)], None),  # it names nobody any more
        ({}, [], None),
    ],
)
def test_validation_came_with_the_record_that_names_it(changes, entries, came):
    one, stream = urgent(**changes), entered(*entries)
    found = collect_times(one, stream).validating
    at_hour = None if came is None else CAME + timedelta(hours=came)
    assert found == Validating(OTHER, at_hour)
    assert is_confirmed(one, stream) == (came is not None)


def test_order_that_came_validated_or_is_no_emergency_owes_nothing():
    validated = urgent(**VALIDATED)
    assert collect_times(validated, entered((RECORDED, True))).validating is None
    assert collect_times(urgent(emergency=None), entered((RECORDED, False))).validating is None
    assert is_confirmed(urgent(emergency=None), entered((RECORDED, False)))
    oral = urgent(emergency=None, form=Form.ORAL)
    assert not is_confirmed(oral, entered((RECORDED, False)))
    assert is_confirmed(oral, entered((RECORDED, False), ("confirmation.received", None)))


def test_unvalidated_order_waits_once_it_is_late():
    stream, working = entered((RECORDED, False)), load_working_days()
    before, after = (
        has_to_wait(urgent(), stream, load_catalogue(), working, now)
        for now in (LATE - timedelta(seconds=1), LATE)
    )
    assert (before, after) == (False, True)
