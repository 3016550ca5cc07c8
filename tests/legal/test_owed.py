"""What is owed of an order of an emergency that nobody validated: from when, until when, by whom."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lea_service.custody.replay import Entered, Stream
from lea_service.demands.demand import Emergency, EmergencyReason, Form, Party
from lea_service.kernel.clock import format_instant
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.deadlines import OWED, Clock, Status, Whose, list_deadlines
from lea_service.legal.escalation import Audience, find_reached
from lea_service.legal.moments import Validating
from lea_service.legal.owed import Debt, list_owed
from lea_service.legal.times import Awaited, Wait, collect_times, find_wait, list_paid
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
    return next((one for one in found if one.clock is Clock.VALIDATION), None)


@pytest.mark.parametrize("basis", ["EU-EPO-SUBSCRIBER", "EU-EPRO"])
@pytest.mark.parametrize(
    ("now", "status"), [("2026-11-22T13:59", Status.RUNNING), ("2026-11-22T14:00", Status.OVER)]
)
def test_validation_is_owed_within_48_hours(basis, now, status):
    found = clock(basis_of(basis), at(now))
    assert (found.status, found.due, found.late, found.met_at) == (status, LATE, LATE, None)
    assert (found.law, found.rule, found.whose) == (ARTICLE, "at_most", Whose.AUTHORITY)
    assert found.text.startswith("It is sought without undue delay, at the latest within 48")
    assert found.alarm == LATE  # somebody asks for the proof


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
        (replace(basis_of("EU-EPRO"), roles_if_validated=None), OTHER),
    ],
)
def test_nothing_is_owed_where_no_validation_may_follow(basis, role):
    assert clock(basis, CAME, role) is None


@pytest.mark.parametrize(
    "basis",
    [
        basis_with(afterwards=None),
        basis_with(kind="unclear"),
        replace(basis_of("EU-EPRO"), judicial=None),
    ],
)
def test_whether_a_validation_may_follow_is_asked_where_nobody_knows(basis):
    found = clock(basis, CAME)
    assert (found.status, found.rule, found.late) == (Status.NO_END, "unknown", None)
    assert (found.law, found.alarm, found.met_at) == (basis.citation, None, None)
    assert [one.code for one in found.reasons] == ["no_figure"]
    told = find_reached(found, CAME, Stream("c_1", ()), CAME)
    assert (told.code, told.tell) == ("unknown", Audience.DESK)
    assert clock(basis, CAME, JUDGE) is None
    assert clock(basis, CAME, validated_at=LATE).status is Status.MET


def test_term_that_is_not_known_has_no_end():
    basis = basis_of("EU-EPO-SUBSCRIBER")
    afterwards = replace(basis.validation.afterwards, term=None)
    found = clock(basis_with(afterwards=afterwards), CAME)
    assert (found.status, found.rule, found.late) == (Status.NO_END, "unknown", None)


BOTH = replace(basis_of("EU-EPRO"), oral="yes", confirmation=basis_of("NL-SV-126nd").confirmation)
"""A row of a provider that lets an order be oral, and its validation follow."""


def owed(basis, **changes):
    found = list_owed(basis, times(CAME, **changes))
    return [(one.debt is Debt.VALIDATION, one.law, one.met_at) for one in found]


def test_writing_and_validation_are_owed_each_by_its_own_article():
    dutch, open_ = basis_of("NL-SV-126nd"), Validating(OTHER, None)
    assert owed(dutch, form="oral") == [(False, dutch.citation, None)]
    assert owed(dutch) == []
    assert owed(basis_of("EU-EPRO"), form="oral") == []
    writing, validation = (False, BOTH.citation, None), (True, ARTICLE, None)
    assert owed(BOTH, form="oral", validating=open_) == [writing, validation]
    assert owed(BOTH, validating=open_) == [validation]
    assert owed(BOTH, form="oral", validating=open_, confirmed_at=LATE) == [
        (False, BOTH.citation, LATE), validation,
    ]  # fmt: skip


def test_both_run_at_once():
    moments = times(CAME, form="oral", validating=Validating(OTHER, None))
    found = list_deadlines(BOTH, moments, load_working_days(), LATE)
    statuses = {one.clock: one.status for one in found}
    assert statuses[Clock.VALIDATION] is Status.OVER
    assert statuses[Clock.CONFIRMATION] is Status.RUNNING


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
                    {} if named is None else {"names_validation": named, "form": "written"}, ())
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
    assert (Clock.VALIDATION in list_paid(one, stream)) == (came is not None)
    assert Clock.CONFIRMATION in list_paid(one, stream)


def test_order_that_came_validated_or_is_no_emergency_owes_nothing():
    validated = urgent(**VALIDATED)
    assert collect_times(validated, entered((RECORDED, True))).validating is None
    assert collect_times(urgent(emergency=None), entered((RECORDED, False))).validating is None
    assert list_paid(urgent(emergency=None), entered((RECORDED, False))) == OWED
    oral = urgent(emergency=None, form=Form.ORAL)
    assert list_paid(oral, entered((RECORDED, False))) == OWED - {Clock.CONFIRMATION}
    assert list_paid(oral, entered((RECORDED, False), ("confirmation.received", None))) == OWED


def test_written_order_that_came_leaves_the_validation_open():
    both, facts = urgent(form=Form.ORAL), {"pays": "confirmation"}
    part = Entered(1, "confirmation.received", "s_1", format_instant(LATE), facts, ())
    stream = Stream("c_1", (*entered((RECORDED, False)).entries, part))
    assert list_paid(both, stream) == OWED - {Clock.VALIDATION}
    whole = replace(part, idx=2, facts={})
    assert list_paid(both, replace(stream, entries=(*stream.entries, whole))) == OWED


def test_unvalidated_order_waits_once_it_is_late():
    stream, working = entered((RECORDED, False)), load_working_days()
    before, after = (
        find_wait(urgent(), stream, load_catalogue(), working, now)
        for now in (LATE - timedelta(seconds=1), LATE)
    )
    assert before is None
    assert after == Wait(Awaited.VALIDATION)
