"""An entry of the register as a command prints it, in either language."""

import pytest

from lea_service.retention.processing.cli import _describe
from lea_service.retention.processing.queries import list_published
from lea_service.retention.processing.schemas import EntrySchema
from tests.retention.processing.test_rules import TODAY


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "nl",
            [
                "grondslag niet vermeld",
                "- name: Persoonsgegevens worden niet langer bewaard dan nodig; onbepaalde tijd is "
                "geen termijn. [Verordening (EU) 2016/679 art. 5, lid 1, onder e]",
                "- gaat erover: Er staat niet wie binnen het bedrijf over dit systeem gaat.",
            ],
        ),
        (
            "en",
            [
                "- name: Personal data are kept no longer than is necessary; indefinite is no "
                "term. [Regulation (EU) 2016/679 art. 5(1)(e)]",
                "- bank account: How long these data are kept is not stated. "
                "[Regulation (EU) 2016/679 art. 13(2)(a), 30(1)(f)]",
            ],
        ),
    ],
)
def test_objections_name_category_and_law_in_the_language(language, said):
    customers = EntrySchema().dump(list_published(TODAY)[0])
    lines = [" ".join(one.split()) for one in _describe(customers, language).splitlines()]
    for one in said:
        assert one in lines
