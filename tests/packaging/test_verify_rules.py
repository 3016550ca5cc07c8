"""A package that was made under other rules than the verifier's is neither damaged nor good."""

import zipfile
from dataclasses import replace

import pytest

from lea_service.demands.demand import TargetKind
from lea_service.extraction import plan as plans
from lea_service.extraction import soundness
from lea_service.extraction.rules import OURS, Rules
from lea_service.packaging import letter
from lea_service.packaging.report import DAMAGED, GOOD, UNKNOWN
from lea_service.records.kinds import CALL
from tests.packaging.judge import check, found, reseal
from tests.support import package
from tests.support.package import cover, make_case, make_plan, spool_rows
from tests.support.rows import call_rows

OTHER = Rules(OURS.version + 1, "8.1.2", "9.0.0")
FOLLOWS = "plan: its parties and kinds; asks follow from its items"


def stated(monkeypatch, folder, rules=OTHER, change=lambda ask: ask):
    """Return a case whose plan states ``rules``, and has the first ask changed."""

    def made(*args):
        plan = make_plan(*args)
        one, *rest = plan.items
        items = (replace(one, asks=tuple(change(ask) for ask in one.asks)), *rest)
        return replace(plan, items=items, rules=rules)

    monkeypatch.setattr(package, "make_plan", made)
    return make_case(folder)


def test_same_asks_under_other_rules_are_good(monkeypatch, tmp_path):
    case = stated(monkeypatch, tmp_path)
    report = check(case, reseal(case, tmp_path))
    assert (report.verdict, found(report), report.doubts) == (GOOD, [], [])
    assert FOLLOWS in report.checked


def fewer_places(monkeypatch):
    """Have the verifier look a number up in fewer columns than whoever made the plan."""
    mine = {**plans.MATCHED, TargetKind.PHONE_NUMBER: {"call": ("caller", "callee")}}
    monkeypatch.setattr(plans, "MATCHED", mine)


def test_other_tables_of_the_verifier_cannot_tell(monkeypatch, tmp_path):
    case = stated(monkeypatch, tmp_path)
    path = reseal(case, tmp_path)
    fewer_places(monkeypatch)
    report = check(case, path)
    assert (report.verdict, found(report)) == (UNKNOWN, [])
    (doubt,) = report.doubts
    assert "/items/0/asks: expected what follows" in doubt
    assert str(OTHER) in doubt
    assert str(OURS) in doubt
    assert FOLLOWS not in report.checked


def test_same_rules_and_other_asks_are_damaged(monkeypatch, tmp_path):
    case = stated(monkeypatch, tmp_path, OURS)
    path = reseal(case, tmp_path)
    fewer_places(monkeypatch)
    assert check(case, path).verdict == DAMAGED


def more_values(ask):
    values = (*ask.matches[0].values, "+31687654321")
    return replace(ask, matches=(replace(ask.matches[0], values=values),))


@pytest.mark.parametrize("lie", [more_values, lambda ask: replace(ask, columns=CALL.names)])
def test_liar_with_other_rules_is_not_good(monkeypatch, tmp_path, lie):
    case = stated(monkeypatch, tmp_path, change=lie)
    report = check(case, reseal(case, tmp_path))
    assert (report.verdict, found(report)) == (UNKNOWN, [])


def test_row_outside_a_plan_of_other_rules_is_damaged(monkeypatch, tmp_path):
    case = stated(monkeypatch, tmp_path)
    rows = [row.replace(b'"cell":null', b'"cell":"A1"') for row in call_rows(50)]
    report = check(case, reseal(case, tmp_path, records=(spool_rows(tmp_path / "rows", rows),)))
    assert any("shows a column outside its categories" in one for one in found(report))


@pytest.mark.parametrize(("rules", "verdict"), [(OTHER, UNKNOWN), (OURS, DAMAGED)])
def test_flag_that_the_verifier_does_not_know(monkeypatch, tmp_path, rules, verdict):
    rows = [row.replace(b'"flags":""', b'"flags":"cell-guessed"') for row in call_rows(50)]
    monkeypatch.setattr(package, "call_rows", lambda _: rows)
    case = stated(monkeypatch, tmp_path, rules)
    report = check(case, reseal(case, tmp_path))
    assert (report.verdict, len(report.doubts)) == (verdict, verdict == UNKNOWN)
    assert found(report) == [] or "has a flag on a column" in found(report)[0]


@pytest.mark.parametrize(("rules", "verdict"), [(OTHER, UNKNOWN), (OURS, DAMAGED)])
def test_category_that_the_verifier_has_elsewhere(monkeypatch, tmp_path, rules, verdict):
    case = stated(monkeypatch, tmp_path, rules)
    coverage = (replace(cover("pbx1", 50), not_held=("location",)),)
    report = check(case, reseal(case, tmp_path, coverage=coverage))
    assert (report.verdict, len(report.doubts)) == (verdict, verdict == UNKNOWN)


def test_zone_that_the_verifier_does_not_know_leaves_a_doubt(monkeypatch, tmp_path):
    case = make_case(tmp_path)
    path = reseal(case, tmp_path)
    for module in (soundness, letter):
        monkeypatch.setattr(module, "ZONES", frozenset({"UTC"}))
    report = check(case, path)
    assert (report.verdict, found(report)) == (UNKNOWN, [])
    assert report.doubts == ["plan.json: /items/0/period/zone: expected a time zone known here"]


@pytest.mark.parametrize(("shown", "fits"), [(b"11:00:00+02:00", True), (b"11:00:00+01:00", False)])
def test_letter_is_compared_by_instants_whatever_the_clock_showed(tmp_path, shown, fits):
    """Time zones change after the fact, and machines have other tables of them."""
    case = make_case(tmp_path)
    path = tmp_path / "other.asice"
    with (
        zipfile.ZipFile(reseal(case, tmp_path)) as old,
        zipfile.ZipFile(path, "w") as new,
    ):
        for info in old.infolist():
            new.writestr(info, old.read(info).replace(b"10:00:00+01:00", shown))
    said = [one for one in found(check(case, path)) if one.endswith("plan, rows and coverage do")]
    assert len(said) == (0 if fits else 2)
