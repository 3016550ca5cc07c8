"""Lines of an order with one kind of each sign, as many as there is room for."""

import pytest

from lea_service.legal import order_lines
from lea_service.legal.order_lines import SOFT_HYPHEN, Reading, plain_line
from lea_service.legal.order_observations import Observation


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("nr\u00a006\u20131234\t5678", "nr 06-1234 5678"),
        ("\u0660\uff11\u0968", "012"),
        ("a\u200bb\u202ec\u00add", "abcd"),
        ("a\x00b\x7fc\ud800d", "abcd"),
        ("cafe\u0301 €5", "caf\u00e9 €5"),
    ],
)
def test_line_has_one_kind_of_each_sign(line, plain):
    assert plain_line(line) == plain


def read(*pages):
    found = Reading()
    for page in pages:
        found.add_page(page)
    return found.pages, found.observations, found.characters


def test_pages_are_taken_in_line_by_line():
    lines = [["06\u201312", ""], ["x"]]
    assert read("06\u201312\n\n", "x") == ([["06-12", ""], ["x"]], [], 8)
    assert read(*("\n".join(one) for one in lines))[1] == []


@pytest.mark.parametrize(
    ("page", "observed"),
    [
        ("a\u200bb\u202e", [Observation.INVISIBLE_CHARACTERS]),
        (f"ver{SOFT_HYPHEN}zoek", []),
        ("verzoek", []),
    ],
)
def test_what_cannot_be_seen_is_told_once(page, observed):
    assert read(page, page)[1] == observed


def test_only_so_much_is_taken_in(monkeypatch):
    monkeypatch.setattr(order_lines, "MAX_CHARACTERS", 10)
    monkeypatch.setattr(order_lines, "MAX_LINE", 6)
    assert read("123456", "1234") == ([["123456"], ["1234"]], [], 10)
    much = [Observation.TOO_MUCH_TEXT]
    assert read("123456", "12345", "1") == ([["123456"], ["1234"], []], much, 10)
    assert read("1234567") == ([["123456"]], [Observation.TOO_COMPLEX], 7)
