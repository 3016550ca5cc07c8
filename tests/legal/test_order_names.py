"""Whether two names may mean one person, however either is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.legal.order_names import (
    find_names,
    is_named,
    is_same_person,
    is_surely_name,
    plain_name,
)

SAME = [
    ("J. Jansen", "J Jansen"),
    ("J.W. Jansen", "JW Jansen"),
    ("J.W. Jansen", "J. W. Jansen"),
    ("J.W. Jansen", "Jan Willem Jansen"),
    ("J.W. Jansen", "J. Jansen"),
    ("Jansen", "mr. J. Jansen"),
    ("mr. dr. J. Jansen", "J. Jansen LL.M."),
    ("Mr.dr.J. Jansen", "J. Jansen, LLM"),
    ("prof. mr. J. Jansen", "Jansen, J."),
    ("J. Jansen LL.M. MSc", "drs. J. Jansen"),
    ("mr. S. van Uylenburgh", "S. Uylenburgh"),
    ("J. van der Berg", "J. v.d. Berg"),
    ("J.W. van den Berg", "J. v/d Berg"),
    ("J. vd Berg", "Berg, J. van den"),
    ("J. in 't Veld", "J. in \u2019t Veld"),
    ("A. Jansen-de Vries", "A. Jansen - de Vries"),
    ("A. Jansen-de Vries", "A. Jansen"),
    ("A. Jansen-de Vries", "A. de Vries"),
    ("A. Jansen\u2013de Vries", "Anna Jansen-de Vries"),
    ("G. Garc\u00eda M\u00e1rquez", "Gabriel Garcia Marquez"),
    ("G. Garcia", "G. Garcia Marquez"),
    ("J.-P. Dupont", "Jean-Pierre Dupont"),
    ("J.-P. Dupont", "J.P. Dupont"),
    ("Jansen-de Vries", "A. Jansen"),
    ("J. Jansen -", "J. Jansen"),
    ("JANSEN", "J. Jansen"),
    ("IJ. de Boer", "IJsbrand de Boer"),
    ("Th. Bakker", "Theo Bakker"),
]
OTHERS = [
    ("J. Jansen", "J. Janssen"),
    ("J. Jansen", "P. Jansen"),
    ("Jan Willem Jansen", "J. Willem"),
    ("J.W. Jansen", "J.P. Jansen"),
    ("JW Jansen", "JP Jansen"),
    ("JW Jansen", "J.P. Jansen"),
    ("J. Willem Jansen", "J.P. Jansen"),
    ("Piet Jansen", "Jan Jansen"),
    ("mr. J. Jansen LL.M.", "mr. J. Bakker LL.M."),
    ("J. van der Berg", "P. v.d. Berg"),
    ("J. van der Berg", "J. van der Burg"),
    ("J.W. v.d. Berg", "J.P. van den Berg"),
    ("A. Jansen-de Vries", "A. Bakker-de Boer"),
    ("A. Jansen-de Vries", "A. Bakker-de Vries"),
    ("A. Jansen-de Vries", "B. Jansen"),
    ("P. Garcia", "G. Garcia Marquez"),
    ("J.-P. Dupont", "Jean-Luc Dupont"),
    ("", "J. Jansen"),
    ("mr.", "mr."),
    ("-", "-"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same_person_is_no_difference(one, other):
    assert is_same_person(one, other)
    assert is_same_person(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_person_is_one(one, other):
    assert not is_same_person(one, other)
    assert not is_same_person(other, one)


LETTERS = st.lists(st.sampled_from("ABCDEFGHKLMNPRSTVWZ"), min_size=1, max_size=3)
SURNAMES = st.sampled_from(["Jansen", "Bakker", "de Vries", "van den Berg", "Smit-de Boer"])
TITLES = st.sampled_from(["", "mr. ", "mr. dr. ", "prof. mr. "])
DEGREES = st.sampled_from(["", " LL.M.", ", LLM", " MSc"])


@given(LETTERS, SURNAMES, TITLES, DEGREES, st.sampled_from([".", ". ", " "]))
def test_titles_degrees_and_dots_tell_nobody_apart(letters, surname, title, degree, dot):
    plain = f"{'.'.join(letters)}. {surname}"
    written = "".join(f"{one}{dot}" for one in letters)
    assert is_same_person(plain, f"{title}{written.rstrip()} {surname}{degree}")
    other = "X" if letters[0] != "X" else "Q"
    assert not is_same_person(plain, f"{title}{other}. {surname}{degree}")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_compared_in_either_order(one, other):
    assert is_same_person(one, other) == is_same_person(other, one)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Gevalideerd door mr. Jan Peeters te Brussel", True),
        ("w.g. J.P. PEETERS", True),
        ("De onderzoeksrechter, J. Peeters", True),
        ("De onderzoeksrechter Peeters", False),
        ("The judge Peeters", False),  # no first name, though its letter fits
        ("Gevalideerd door Luc Peeters", False),
        ("Gevalideerd door Jan Pieters", False),
        ("Justitie Peeters", False),
        ("Jan belde; de rest staat bij Peeters", False),
        ("", False),
    ],
)
def test_person_is_named_by_first_name_or_initials_and_surname(line, expected):
    assert is_named("Jan Peeters", [["Vordering", line], ["Bladzijde 2"]]) is expected
    assert not is_named("Peeters", [[line]])


def test_surname_of_more_words_is_found_across_lines():
    assert is_named("Anna van der Meer-Jansen", [["gevalideerd: mr. A.", "van der Meer-Jansen"]])


@pytest.mark.parametrize(
    ("name", "lines", "expected"),
    [
        ("Anna Post", ["please send us a post office box"], False),
        ("Anna Winter", ["during a winter storm"], False),
        ("Anna Visser", ["lid 1 onder a", "Visser Telecom B.V."], False),
        ("U. Bakker", ["verzoekt u Bakker Telecom B.V."], False),
        ("A. Post", ["Akkoord: Post"], False),
        ("A. Post", ["Aangevraagd door Post"], False),
        ("A. Post", ["gevalideerd door A. Post"], True),
        ("A. Post", ["gevalideerd door A.B. Post"], True),
        ("A. Post", ["gevalideerd door Anna Post"], False),
        ("Anna Post", ["gevalideerd door A. Post"], True),
        ("ANNA POST", ["GEVALIDEERD DOOR A. POST"], True),
        ("Jan d'Hondt", ["gevalideerd door J. d'Hondt"], True),
    ],
)
def test_words_of_a_sentence_are_no_name(name, lines, expected):
    assert is_named(name, [lines]) is expected


def test_name_follows_fixed_words_on_their_line_or_the_next():
    page = [
        "De Officier van Justitie mr. A. Bakker en verdachte: J. Jansen",
        "De officier van justitie,",
        "mr. C. de Vries",
        "De officier van justitie, te Utrecht",
        "Officier van justitie Landelijk Parket",
        "De rechter-commissaris:",
        "mr. Parket",
        "Naam:",
        "Breda",
        "Name:",
    ]
    assert [(one.words, one.name, one.line) for one in find_names(page)] == [
        ("officier van justitie", "mr. A. Bakker", 1),
        ("verdachte", "J. Jansen", 1),
        ("officier van justitie", "mr. C. de Vries", 3),
    ]


def test_surname_is_written_with_a_capital():
    assert is_named("Anna Post", [["Ontvangen door Anna Post"]])
    for word in ("post", "poSt"):
        assert not is_named("Anna Post", [[f"Ontvangen door Anna {word}"]])
    assert is_named("J. d'Hondt", [["Getekend: J. d'Hondt"]])


def test_name_is_plain_without_titles_particles_and_accents():
    for quote in ("'", "\u2019"):
        assert plain_name(f"mr. J. in {quote}t V\u00e9ld,") == ("j", "in", "veld")
    assert [is_surely_name(one) for one in ("mr. Jansen", "J. Jansen", "Utrecht")] == [
        True,
        True,
        False,
    ]
