"""What each difference with the order tells: on what it rests, where it stands, what to type again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lea_service.demands.demand import Target, TargetKind
from lea_service.legal.order_comparison import (
    MAX_PLACES,
    Typed,
    is_same,
    typed_moment,
    typed_period,
)
from lea_service.legal.order_observations import Observation
from lea_service.legal.order_text import OrderText
from tests.demands.samples import item
from tests.legal.test_comparison import HEAD, LINES, NUMBER, ORDERS, OTHER, PERIOD, compare, demand

SPAN = Typed("period", "2026-06-03T00:00:00+02:00/2026-06-06T00:00:00+02:00")
TARGET = Typed("phone_number", NUMBER)


def told(found):
    """Return of each finding its item, its subject, what it shows and what is typed again."""
    return {
        one.ref: (one.item, one.subject, dict(one.seen), found.values[one.ref])
        for one in found.findings
    }


def test_order_without_a_difference_tells_how_many_items_were_compared():
    found = compare(*LINES)
    assert [(one.code, dict(one.seen)) for one in found.findings] == [
        ("order.compared", {"items": 1})
    ]
    assert found.values == {}


def test_target_and_who_else_is_named():
    found = told(compare(LINES[0], f"Betreft {OTHER}", PERIOD))
    assert found == {
        "order.target_differs/1": (1, None, {"kind": "phone_number", "retype": 1}, (TARGET,)),
        "order.target_not_asked": (
            None,
            None,
            {"places": ["page 1 line 4"], "retype": 1},
            (Typed("phone_number", OTHER),),
        ),
    }


def test_item_that_differs_is_the_one_that_is_told():
    items = [item(), item(value=OTHER)]
    assert [*told(compare(*LINES, items=items))] == ["order.target_differs/2"]


def test_period_beside_those_of_the_order():
    for lines, count in ((["zo snel mogelijk"], 0), (["van 3 juni 2026 tot 5 juni 2026"], 1)):
        found = told(compare(*LINES[:2], *lines))
        seen = {"periods": count, "retype": 1}
        assert found.pop("order.period_differs/1") == (1, None, seen, (SPAN,))
        assert [*found] == ["order.period_not_typed"] * count


def test_further_period_is_told_with_its_place():
    found = told(compare(*LINES, "van 1 juni 2026 tot en met 30 juni 2026"))
    typed = Typed("period", "2026-06-01T00:00:00+02:00/2026-07-01T00:00:00+02:00")
    seen = {"places": ["page 1 line 6"], "retype": 1}
    assert found == {"order.period_not_typed": (None, None, seen, (typed,))}


def test_references_on_both_sides():
    found = told(compare("Parketnummer 26-777778", *LINES[1:]))
    assert found == {
        "order.reference_differs/parketnummer": (
            None,
            "parketnummer",
            {"retype": 1},
            (Typed("parketnummer", "26-777777"),),
        ),
        "order.reference_not_typed/parketnummer": (
            None,
            "parketnummer",
            {"places": ["page 1 line 3"], "retype": 1},
            (Typed("parketnummer", "26-777778"),),
        ),
    }


def test_reference_that_stands_twice_is_typed_again_once():
    lines = ("parketnummer 26-777778", "en 26-777778", "Ons kenmerk: OM-2026/17")
    found = told(compare(*LINES, *lines))
    assert [(ref, one[2]["places"]) for ref, one in found.items()] == [
        ("order.reference_not_typed/parketnummer", ["page 1 line 6"]),
        ("order.reference_not_typed/case_number", ["page 1 line 8"]),
    ]


def test_article_is_told_with_its_place():
    found = told(compare(*LINES, "en art. 126ng lid 2 Sv"))
    seen = {"places": ["page 1 line 6"], "retype": 1}
    values = (Typed("article", "126ng lid 2"),)
    assert found == {"order.article_not_typed": (None, None, seen, values)}


@pytest.mark.parametrize(("lines", "stated"), [((), 0), (("19-11-2026", "19 november 2026"), 1)])
def test_date_counts_those_that_the_order_states(lines, stated):
    text = OrderText(((*lines, HEAD[1], *LINES),))
    found = told(ORDERS.compare(demand(), text))
    seen = {"stated": stated, "retype": 1}
    assert found == {"order.date_differs": (None, None, seen, (Typed("order_date", "2026-11-20"),))}


def test_basis_counts_the_articles_that_the_order_states():
    text = OrderText(((HEAD[0], "verkeersgegevens, art. 126nd Sv en art. 126la Sv", *LINES),))
    found = told(ORDERS.compare(demand(), text))
    seen = {"stated": 2, "retype": 1}
    typed = (Typed("legal_basis", "NL-SV-126n"),)
    assert found["order.basis_differs"] == (None, None, seen, typed)


def test_authorisation_tells_both_that_were_typed():
    given = {"reference": "RC-2026/17", "given_on": "2026-11-19"}
    found = told(compare(*LINES, "machtiging RC-2026/71", judicial_authorisation=given))
    typed = (Typed("authorisation", "RC-2026/17"), Typed("authorised_on", "2026-11-19"))
    shown = found["order.authorisation_differs"]
    assert (shown[0], shown[1], shown[2]["retype"], shown[3]) == (None, None, 2, typed)


def test_categories_and_what_nobody_typed_have_nothing_to_type_again():
    found = told(compare(*LINES, "en de locatiegegevens", "Machtiging: zie bijlage"))
    assert found == {
        "order.authorisation_not_typed": (None, None, {}, ()),
        "order.category_not_typed/location": (None, "location", {}, ()),
    }


def test_name_of_another_is_told_by_its_place():
    found = told(compare(*LINES, "officier van justitie mr. P. Ander"))
    seen = {"places": ["page 1 line 6"], "retype": 1}
    assert found == {"order.name_differs": (None, None, seen, (Typed("name", "mr. P. Ander"),))}


@pytest.mark.parametrize(
    ("line", "ref"),
    [
        ("officier van justitie mr. P. {}", "order.name_differs"),
        ("en 06 1234{:04}", "order.target_not_asked"),
        ("en parketnummer 26-{:06}", "order.reference_not_typed/parketnummer"),
    ],
)
def test_at_most_so_many_places_are_told_and_each_value_is_typed_again(line, ref):
    names = ("Abel", "Bos", "Cats", "Dam", "Eik", "Fok", "Gans", "Haan", "IJzer", "Jol", "Kamp",
             "Laan", "Meer", "Noort", "Oost", "Pol", "Quist", "Roos", "Smit", "Tak", "Uil", "Vos")  # fmt: skip
    fill = [*names] if "mr." in line else [*range(1000, 1022)]
    found = told(compare(*LINES, *(line.format(one) for one in fill)))
    _, _, seen, values = found[ref]
    assert (len(values), seen["retype"]) == (22, 22)
    assert seen["places"] == [f"page 1 line {n}" for n in range(6, 6 + MAX_PLACES)]


def test_what_could_not_be_read_tells_why_beside_the_differences():
    doubts = (Observation.HIDDEN_TEXT,)
    found = told(compare(LINES[0], f"Betreft {OTHER}", PERIOD, observations=doubts))
    assert [*found] == [
        "order.target_differs/1",
        "order.target_not_asked",
        "order.partly_readable",
    ]
    seen = {"observations": ["hidden_text"], "retype": 2}
    values = (Typed("order_date", "2026-11-20"), TARGET)
    assert found["order.partly_readable"] == (None, None, seen, values)


def test_no_document_is_told_as_that():
    found = told(ORDERS.compare(demand(), None))
    seen = {"observations": ["no_document"], "retype": 2}
    values = (Typed("order_date", "2026-11-20"), TARGET)
    assert found == {"order.not_readable": (None, None, seen, values)}


@pytest.mark.parametrize("port", [None, 40_001])
def test_moment_is_told_in_the_zone_of_the_period(port):
    (asked,) = demand().items
    at = asked.period.start + timedelta(hours=14, seconds=33)
    target = Target(TargetKind.IP_ADDRESS, "192.0.2.7", port, at)
    lines = (LINES[0], "adres 192.0.2.7", PERIOD)
    given = replace(demand(), items=(replace(asked, target=target),))
    found = told(ORDERS.compare(given, OrderText(((*HEAD, *lines),))))
    typed = Typed("moment", f"2026-06-03T14:00:33+02:00/{port or ''}")
    seen = {"port": port is not None, "retype": 1}
    assert found == {"order.moment_not_compared/1": (1, None, seen, (typed,))}
    assert typed_moment(target, asked.period.zone) == typed
    assert typed_moment(replace(target, at=None), "UTC") == Typed("moment", f"/{port or ''}")
    assert typed_period(asked.period) == SPAN


def test_moment_typed_again_is_the_same_instant_and_port():
    normalise = ORDERS.normalise
    typed = Typed("moment", "2026-06-03T14:00:33+02:00/40001")
    assert is_same(typed, " 2026-06-03T12:00:33Z / 40001 ", normalise)
    for wrong in ("2026-06-03T14:00:33/40001", "2026-06-03T14:00:33+02:00/", "x/40001", ""):
        assert not is_same(typed, wrong, normalise)
    whole = Typed("moment", "2026-06-03T00:00:00+02:00/")
    assert is_same(whole, "2026-06-03/", normalise)
    assert not is_same(typed, "2026-06-03/40001", normalise)


def test_period_typed_again_has_two_ends():
    normalise = ORDERS.normalise
    first, last = SPAN.value.split("/")
    assert is_same(SPAN, f" {first}/{last} ", normalise)
    for wrong in (first, f"{first}/", f"/{last}", f"{first}/{last}/{last}", f"{last}/{first}"):
        assert not is_same(SPAN, wrong, normalise)


def test_value_without_a_form_is_typed_again_by_nobody():
    assert not is_same(Typed("phone_number", "12"), "12", lambda kind, value: None)
    assert is_same(Typed("phone_number", NUMBER), f" {NUMBER} ", ORDERS.normalise)


def test_reference_of_the_judge_is_the_same_however_it_separates_its_parts():
    lines = (*LINES, "RC-nummer 26/4711")
    same = compare(*lines, judicial_authorisation={"reference": "26-4711"})
    assert [one.code for one in same.findings] == ["order.compared"]
    found = told(compare(*lines, judicial_authorisation={"reference": "26-4712"}))
    assert [*found] == [
        "order.authorisation_differs",
        "order.reference_not_typed/magistrate_number",
    ]
