import pytest

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.order_dates import find_periods
from lea_service.legal.order_lines import plain_line
from lea_service.legal.proposals import (
    MAX_PROPOSALS,
    Proposal,
    ProposalKind,
    find_article,
    is_of_catalogue,
    list_articles,
    list_dialled,
    propose,
)
from lea_service.records.identifiers import normalise_target


def normalise(kind, value):
    return normalise_target(kind, value, "NL")


def found(*lines):
    return propose([[plain_line(one) for one in lines]], load_catalogue(), "NL", normalise)


def forms(line, kind):
    return [one.form for one in found(line).of(kind)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Betreft: 06-12345678", "+31612345678"),
        ("het nummer +31 (0)6 12 34 56 78, in gebruik bij", "+31612345678"),
        ("tel.: 020 – 123 45 67.", "+31201234567"),
        ("number +44 20 7946 0958", "+442079460958"),
        ("0031612345678", "+31612345678"),
    ],
)
def test_number_is_found_as_written(text, expected):
    assert forms(text, "phone_number") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "BSN 123456782",
        "05/123456-26",
        "20-11-2026",
        "art. 126n",
        "IMEI 356938035643809",
        "IBAN NL91 ABNA 0201 2345 67",
        "NL91ABNA0201234567",
        "BSN 061234567",
        "burgerservicenummer: 0612.34.567",
        "BSN 061234567 12-03-1980",
        "€ 1.250,00",
    ],
)
def test_other_digits_are_no_number(text):
    assert forms(text, "phone_number") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+31612345678 ext. 5", "phone_number"),
        ("adres 300.1.2.3", "ip_address"),
        ("account sip:@voip.example", "sip_uri"),
        ("op grond van NL-SV-999x", "article"),
        ("Zaaknummer: onbekend", "case_number"),
        ("Parketnummer: volgt", "parketnummer"),
    ],
)
def test_what_cannot_be_compared_is_not_proposed(text, kind):
    assert forms(text, kind) == []


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("account sip:jan@voip.example.", "sip_uri", "sip:jan@voip.example"),
        ("mail (Jan@Voorbeeld.example),", "email", "jan@voorbeeld.example"),
        ("adres 192.0.2.17 om 14:30", "ip_address", "192.0.2.17"),
        ("adres 2001:DB8:0::1", "ip_address", "2001:db8::1"),
        ("adres 192.0.2.17:40001 om 14:30", "ip_address", "192.0.2.17"),
        ("adressen 192.0.2.17:443, ook elders", "ip_address", "192.0.2.17"),
        ("parketnummer 05/123456-26", "parketnummer", "0512345626"),
        ("Zaaknummer: PL0900-2026123456.", "case_number", "pl09002026123456"),
        ("RC-nummer 26/4711", "magistrate_number", "264711"),
        ("RC-nummer RC 26/4711", "magistrate_number", "264711"),
        ("Case number 501 Gs 77/26", "case_number", "501gs7726"),
        ("Zaaknummer 501 van 3 juni 2026", "case_number", "501"),
        ("Zaaknummer PL0900-26 RC 26/4711", "case_number", "pl090026"),
    ],
)
def test_value_is_found_by_form_or_word(text, kind, expected):
    assert forms(text, kind) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("artikel 126n Sv", "NL-SV-126n"),
        ("art. 126na, eerste lid, Sv", "NL-SV-126na-1"),
        ("art. 126nd lid 6", "NL-SV-126nd-6"),
        ("art. 126nd lid 1", "NL-SV-126nd"),
        ("art. 126na Sv", None),
        ("artikel 55 van de Wiv 2017", "NL-WIV-55"),
        ("Grondslag: NL-SV-126n", "NL-SV-126n"),
        ("art. 126qq", None),
        ("art. 126qq lid 1", None),
    ],
)
def test_article_is_one_basis_or_none(text, expected):
    assert forms(text, "article") == [expected]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("van 3 juni 2026 tot en met 5 juni 2026", "2026-06-03T00:00", "2026-06-06T00:00"),
        ("van 3 juni 2026 tot 5 juni 2026", "2026-06-03T00:00", "2026-06-05T00:00"),
        ("van 3 t/m 5 juni 2026", "2026-06-03T00:00", "2026-06-06T00:00"),
        ("periode 03-06-2026 t/m 05-06-2026", "2026-06-03T00:00", "2026-06-06T00:00"),
        (
            "van woensdag 3 juni 2026 om 00.00 uur tot\nen met 5 juni 2026 (23:59 uur)",
            "2026-06-03T00:00",
            "2026-06-06T00:00",
        ),
        ("from June 3, 2026 through June 5, 2026", "2026-06-03T00:00", "2026-06-06T00:00"),
        (
            "from 3 June 2026 up to and including 5 June 2026",
            "2026-06-03T00:00",
            "2026-06-06T00:00",
        ),
        ("between 2026-06-03 and 2026-06-05", "2026-06-03T00:00", "2026-06-05T00:00"),
        (
            "van 31 december 2026 tot en met 31 december 2026 24:00",
            "2026-12-31T00:00",
            "2027-01-01T00:00",
        ),
        (
            "Van 2026-06-03T00:00:00+02:00 tot 2026-06-06T00:00:00+02:00",
            "2026-06-03T00:00:00+02:00",
            "2026-06-06T00:00:00+02:00",
        ),
    ],
)
def test_period_is_read_narrowly(text, start, end):
    (period,) = find_periods(text)
    assert period.start.isoformat().startswith(start)
    assert period.end.isoformat().startswith(end)


@pytest.mark.parametrize(
    ("last", "end"),
    [
        ("5 juni 2026", "2026-06-06T00:00:00"),
        ("5 juni 2026 23:58", "2026-06-05T23:59:00"),
        ("5 juni 2026 23:58:58", "2026-06-05T23:58:59"),
        ("5 juni 2026 23:59:59", "2026-06-06T00:00:00"),
        ("2026-06-05T23:58", "2026-06-05T23:59:00"),
        ("2026-06-05T23:58Z", "2026-06-05T23:59:00+00:00"),
        ("2026-06-05T23:58+02:00", "2026-06-05T23:59:00+02:00"),
        ("2026-06-05T23:59:59", "2026-06-06T00:00:00"),
        ("2026-06-05T23:59:59Z", "2026-06-06T00:00:00+00:00"),
        ("2026-06-05T23:59:59+02:00", "2026-06-06T00:00:00+02:00"),
    ],
)
def test_last_moment_is_taken_in_as_long_as_it_was_written(last, end):
    """A day, a minute or a second, and no more."""
    zone = end[19:]
    (period,) = find_periods(f"van 2026-06-03T00:00{zone} tot en met {last}")
    assert (period.start.isoformat(), period.end.isoformat()) == (f"2026-06-03T00:00:00{zone}", end)
    (until,) = find_periods(f"van 2026-06-03T00:00{zone} tot {last}")
    assert until.end < period.end


@pytest.mark.parametrize(
    "text",
    [
        "van 1 juni 2026 t/m 5 juni 2026 23:59:60",
        "van 31-02-2026 tot 01-03-2026",
        "van 1 tot 7",
        "van 3 juni tot 5 juni",
        "van 3 juni 2026 25:00 tot 4 juni 2026",
        "van 1 mei 2026 t/m 31-12-9999",
        "van 2026-13-01T00:00 tot 2026-12-31T00:00",
        "van 2026-06-01T00:00 tot 2026-06-31T00:00",
    ],
)
def test_no_period_is_made_up(text):
    assert list(find_periods(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Utrecht, 20 november 2026", ["2026-11-20"]),
        ("d.d. 20-11-2026 en 19.11.2026.", ["2026-11-20", "2026-11-19"]),
        ("on Friday, November 20th, 2026 at 14:05", ["2026-11-20"]),
        ("Datum: 2026-11-20", ["2026-11-20"]),
        ("2026-11-20T23:30:00-05:00", ["2026-11-20"]),
        ("vordering van 20 november 2026, van 3 juni 2026 tot 5 juni 2026", ["2026-11-20"]),
        ("nr. 5 20 november 2026", ["2026-11-20"]),
        ("31 februari 2026, 20 november, 12, 20-11-2026/4, 192.0.2.17, 1 mei 9999", []),
    ],
)
def test_every_date_outside_a_period_is_proposed(text, expected):
    assert forms(text, "date") == expected


NUMBER = "+31612345678"
IMEI, IMSI, CARD, MAC = "356938035643809", "204080123456789", "8931080012345678904", "001a2b3c4d5e"
OF_EQUIPMENT = {"imei", "imsi", "iccid", "mac_address", "customer_number"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"IMEI {IMEI}", [("imei", IMEI)]),
        ("IMEI-nummer: 35-693803-564380-9.", [("imei", IMEI)]),
        ("IMEISV 3569380356438012", [("imei", IMEI)]),
        (f"toestel {IMEI}", [("imei", IMEI)]),
        ("IMEI 35693803564380", [("imei", IMEI)]),
        ("toestel 3569380356438099", [("imei", IMEI)]),
        ("IMEI 356938035643808", [("imsi", "356938035643808")]),  # a check digit that does not fit
        (f"IMSI {IMSI} en 204080123456780", [("imsi", IMSI), ("imsi", "204080123456780")]),
        ("IMSI: 204 08 0123456789", [("imsi", IMSI)]),
        (f"aansluiting {IMSI}", [("imsi", IMSI)]),
        (f"IMSI {IMEI}", [("imsi", IMEI)]),
        (f"geen IMEI, wel IMSI: {IMEI}", [("imsi", IMEI)]),  # the last word counts
        ("IMSI 20408123456789", [("imsi", "20408123456789")]),
        (f"IMEI {IMEI}, IMSI {IMSI}", [("imei", IMEI), ("imsi", IMSI)]),
        (f"simkaartnummer {CARD}F", [("iccid", CARD)]),
        (f"kaart {CARD}", [("iccid", CARD)]),
        (f"IMEI{IMEI} en IMSI{IMSI}", [("imei", IMEI), ("imsi", IMSI)]),
        ("IMEI 490154203237518 en 0154203237", [("imei", "490154203237518")]),
        ("MAC-adres 00:1A:2B:3C:4D:5E,", [("mac_address", "00:1a:2b:3c:4d:5e")]),
        (f"modem {MAC}", [("mac_address", "00:1a:2b:3c:4d:5e")]),
        ("MAC 001234567890", [("mac_address", "00:12:34:56:78:90")]),
        ("bestand 001234567890", []),
        ("Klantnummer: K-1042.", [("customer_number", "K-1042")]),
        ("klantnrs. 10421 en 10422", [("customer_number", "10421"), ("customer_number", "10422")]),
        ("customer number K 1042, 20 november 2026", [("customer_number", "K 1042")]),
        ("klantnummer onbekend, klantnummering 12", []),
        (f"Klantnummer {IMSI}", [("customer_number", IMSI)]),
        (f"kenmerk {IMSI}, sip:{IMSI}@voip.example, {IMSI}@voip.example", []),
        ("op 20-11-2026 06-12345678 en 2026-11-20 2026-11-21", []),
        ("2026-11-20T00:00:00+01:00, 05/123456-26 2026, NL91ABNA0201234567", []),
        ("DE89 3704 0044 0532 0130 00", []),
    ],
)
def test_equipment_is_found_by_form_and_customers_by_words(text, expected):
    whole = found(text).found
    assert [(one.kind, one.form) for one in whole if one.kind in OF_EQUIPMENT] == expected


def test_number_of_a_customer_is_no_telephone_number():
    assert forms("klantnummer 0612345678", "phone_number") == []
    assert forms("klant 0612345678", "phone_number") == [NUMBER]


def test_name_stands_after_fixed_words_only():
    names = found(
        "Saskia van Uylenburgh vordert",
        "Officier van justitie: mr. S. van der Veen",
        "verdachte Jan Jansen",
    ).of(ProposalKind.NAME)
    assert [one.value for one in names] == ["mr. S. van der Veen", "Jan Jansen"]


def test_place_is_page_and_line():
    pages = [["", "06-12345678"], ["van 3 juni 2026", "tot 5 juni 2026", "06-12345678"]]
    places = [
        (str(one.kind), one.page, one.line)
        for one in propose(pages, load_catalogue(), "NL", normalise).found
    ]
    assert places == [("phone_number", 1, 2), ("phone_number", 2, 3), ("period", 2, 1)]


def test_more_than_is_kept_is_said():
    many = found(*(f"06 1234{n:04}" for n in range(MAX_PROPOSALS + 1)))
    assert len(many.found) == MAX_PROPOSALS
    assert not many.is_whole


def test_digits_without_end_are_not_all_looked_at():
    many = found(*["1/1/1/" * 160] * 300)
    assert many.found == ()
    assert not many.is_whole


def test_number_that_no_series_has_can_be_dialled():
    lines = [
        "Utrecht, 20-11-2026",
        "Zaak 05/123456-26, IBAN NL91 ABNA 0201 2345 67",
        "Bel 06-98765432",
    ]
    assert [*list_dialled([lines], "NL")] == [("06-98765432", 1, 3)]
    assert forms(lines[2], "phone_number") == []


def test_each_value_stands_as_it_is_written_where_it_is():
    pages = [
        ["Parketnummer 05/123456-26", "De verdachte: J. Jansen"],
        [
            "Klantnummer K-20481, tel. 06-12345678 en 06-12345678",
            "art. 126n Sv, NL-SV-126nd, artikel 55 van de Wiv 2017",
            "IMEI 356938035643809, kenmerk AB-123. Account sip:jan@voip.example.",
            "van 3 juni 2026 tot",
            "en met 5 juni 2026",
            "Utrecht, 20 november 2026",
        ],
    ]
    asked = propose(pages, load_catalogue(), "NL", normalise)
    period = "2026-06-03T00:00:00/2026-06-06T00:00:00"
    assert asked.is_whole
    assert [tuple(getattr(one, name) for name in one.__slots__) for one in asked.found] == [
        ("parketnummer", "05/123456-26", "0512345626", 1, 1),
        ("name", "J. Jansen", None, 1, 2),
        ("customer_number", "K-20481", "K-20481", 2, 1),
        ("phone_number", "06-12345678", NUMBER, 2, 1),
        ("article", "126n", "NL-SV-126n", 2, 2),
        ("article", "artikel 55 van de Wiv", "NL-WIV-55", 2, 2),
        ("article", "NL-SV-126nd", "NL-SV-126nd", 2, 2),
        ("sip_uri", "sip:jan@voip.example", "sip:jan@voip.example", 2, 3),
        ("imei", "356938035643809", "356938035643809", 2, 3),
        ("case_number", "AB-123", "ab123", 2, 3),
        ("period", "van 3 juni 2026 tot en met 5 juni 2026", period, 2, 4),
        ("date", "20 november 2026", "2026-11-20", 2, 6),
    ]


def test_what_is_dialled_has_nine_digits_and_is_no_equipment():
    dialled = [*list_dialled([["020-12345", "020-123456"]], "NL")]
    assert dialled == [("020-123456", 1, 2)]
    abroad = "004915112345678"  # its last digit is the check digit of an IMEI
    assert [one.kind for one in found(abroad).found] == ["phone_number"]


def test_articles_of_a_text_are_told_by_letters_and_paragraph():
    text = "artikelen 126nd, zesde lid, en 126n van het Wetboek"
    assert find_article(text) == ("nd", "6")
    assert list_articles(text) == [("nd", "6"), ("n", None)]
    assert (find_article("artikel 55"), list_articles("artikel 55")) == (None, [])


@pytest.mark.parametrize(
    ("value", "form", "can_be"),
    [
        ("126n", "NL-SV-126n", True),
        ("126na", None, True),  # a basis for each paragraph
        ("126na lid 9", None, False),
        ("126qq", None, False),
        ("artikel 99 van de Wiv", None, False),
    ],
)
def test_demand_is_made_by_a_basis_or_one_of_several(value, form, can_be):
    article = Proposal(ProposalKind.ARTICLE, value, form, 1, 1)
    assert is_of_catalogue(article, load_catalogue()) is can_be
