"""What commands print of a preservation says in words why it lasts longer or ended."""

from datetime import UTC, datetime

import pytest

from lea_service.legal.phrases import LONGER, RELEASES
from lea_service.legal.preservation.queries import ExtensionView
from lea_service.legal.preservation.rules import Longer
from lea_service.legal.preservation.schemas import ExtensionSchema, PreservationSchema
from lea_service.legal.printed import Printer

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LONGER_BY = ExtensionSchema().dump(ExtensionView(NOW, Longer.TERM, 90))
FIELDS = {"says", "says_nl"}


class Ended:
    released = None


def ended(code):
    view = Ended()
    view.released = code
    says = PreservationSchema(only=("released", "says", "says_nl")).dump(view)
    return {"demand": "c_1", "extensions": [LONGER_BY], **says}


@pytest.mark.parametrize("code", RELEASES)
def test_why_it_ended_is_said_in_both_languages(code):
    found, (dutch, english) = ended(code), RELEASES[code]
    assert (found["says_nl"], found["says"]) == (dutch, english)
    assert dutch in Printer("nl").kept(found)
    assert english not in Printer("nl").kept(found)
    assert english in Printer("en").kept(found)


def test_why_it_lasts_longer_is_said_in_both_languages():
    dutch, english = LONGER["term"]
    assert f"({dutch}, 90 dagen)" in Printer("nl").kept(ended(None))
    assert f"({english}, 90 days)" in Printer("en").kept(ended(None))


def test_what_is_kept_still_has_no_words_for_its_end():
    found = ended(None)
    assert {name: found[name] for name in FIELDS} == dict.fromkeys(FIELDS)
    assert "says" not in Printer("en").kept(found)
