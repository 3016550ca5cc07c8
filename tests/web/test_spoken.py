"""Fields, yes and no, and sentences are said in the language of the command, codes as they are."""

from string import Formatter

import pytest

from lea_service.agencies import cli as agencies
from lea_service.delivery import cli as deliveries
from lea_service.demands import cli as demands
from lea_service.demands import proof, waiting
from lea_service.extraction import cli as plans
from lea_service.extraction import printed
from lea_service.legal import cli as legal
from lea_service.legal.authenticity import cli as authenticity
from lea_service.legal.narrowing import cli as narrowing
from lea_service.oversight import cli as warnings
from lea_service.packaging import cli as packages
from lea_service.retention.processing import cli as processing
from lea_service.staff import approvals_cli, described, named
from lea_service.staff.reach import cli as reach
from lea_service.web import input as input_
from lea_service.web.spoken import NAMES, Spoken, name_people

SAYINGS = [
    one.SAYINGS
    for one in (
        agencies, deliveries, demands, narrowing, proof, waiting, plans, printed, packages, processing, approvals_cli,
        described, input_, named, reach, warnings,
    )
]  # fmt: skip
COLUMNS = [
    *(agencies.AGENCIES, agencies.PEOPLE, agencies.DESKS, agencies.CERTIFICATES, agencies.CONTACTS),
    *(demands.COLUMNS, demands.ITEM_COLUMNS, approvals_cli.COLUMNS, packages.COLUMNS),
    *(processing.COLUMNS, printed.ITEMS, printed.ASKS, printed.ASKED, printed.CUTS),
    *(printed.SOURCES, printed.COUNTED, reach.COLUMNS, warnings.COLUMNS),
    *(
        deliveries.FOLLOWED,
        legal.OPEN_COLUMNS,
        authenticity.CONTACTS,
        authenticity.CALLS,
        authenticity.ANCHORS,
    ),
]
ROWS = [{"id": "x_1", "is_suspended": True, "state": "closed", "late": None}]


def test_each_sentence_says_the_same_in_both_languages():
    for dutch, english in (words for table in SAYINGS for words in table.values()):
        assert dutch
        fields = [{name for _, name, _, _ in Formatter().parse(one)} for one in (dutch, english)]
        assert fields[0] == fields[1]


@pytest.mark.parametrize("columns", COLUMNS)
def test_each_column_has_a_name_of_its_own_in_dutch(columns):
    assert set(columns) <= set(NAMES)
    assert len({Spoken("nl").name(one) for one in columns}) == len(columns)


def test_fields_are_called_as_the_language_calls_them():
    english, dutch = Spoken("en"), Spoken("nl", codes={"state": {"closed": ("dicht", "shut")}})
    assert english.facts(ROWS[0]).splitlines() == [
        "id            x_1",
        "is_suspended  yes",
        "state         closed",
        "late          -",
    ]
    assert dutch.facts(ROWS[0]).splitlines() == [
        "id         x_1",
        "geschorst  ja",
        "stand      dicht",
        "te laat    -",
    ]
    table = dutch.table(ROWS, ("id", "is_suspended", "nowhere"))
    assert table.splitlines()[0].split() == ["id", "geschorst", "nowhere"]
    assert table.splitlines()[2].split() == ["x_1", "ja", "-"]


def test_who_did_something_stands_by_name_where_it_is_known():
    known = {"refused_by": "s_1", "refused_by_name": "An", "ground": "x"}
    assert name_people(known) == {"refused_by": "An", "ground": "x"}
    assert name_people(known | {"refused_by_name": None})["refused_by"] == "s_1"
    assert Spoken("en").facts(known).split() == ["refused_by", "An", "ground", "x"]
    assert Spoken("en").table([known], ["refused_by"]).split()[-1] == "An"


def test_what_lies_within_is_called_so_too():
    value = {"is_suspect": True, "claimed_by": {"name": "Oost"}, "odd_one": []}
    assert list(Spoken("en").named(value)) == [
        ("is suspect", "yes"),
        ("claimed by name", "Oost"),
        ("odd one", "none"),
    ]
    assert list(Spoken("nl").named(value)) == [
        ("gericht aan de verdachte", "ja"),
        ("ingeroepen door naam", "Oost"),
        ("odd one", "geen"),
    ]
