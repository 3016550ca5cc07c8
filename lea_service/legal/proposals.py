"""What the text of an order seems to ask: each value with the place where it stands.

Nothing is guessed: a value is found by its form, or after fixed words, or not at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate, islice

import phonenumbers

from lea_service.demands.concerned import Normalise
from lea_service.demands.demand import TargetKind
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.order_dates import find_dates, find_periods
from lea_service.legal.order_names import find_names
from lea_service.legal.order_numbers import (
    EQUIPMENT,
    cover,
    find_customers,
    find_equipment,
)

MAX_PROPOSALS = 500
SHORTEST_DIALLED = 9
"""Digits of a number with its trunk or country code; a date has eight."""
MAX_DIGITS = 20_000
"""So many digits of an order are looked at, which bounds the time it takes."""
Page = Sequence[str]
Read = tuple[str, tuple[int, int]]
"""A value, and from where to where it stands in its line."""

_EDGES = "()[]{}<>\"'“”‘’„,;:"
_SIP = re.compile(r"\bsips?:[^\s<>\"]{1,254}", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.@:+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?=:\d{1,5}(?![\w:.]))"
    r"|(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:]))",
    re.IGNORECASE,
)
_BY_FORM = {
    TargetKind.SIP_URI: _SIP,
    TargetKind.EMAIL: _EMAIL,
    TargetKind.IP_ADDRESS: _ADDRESS,
}
_ARTICLE = re.compile(
    r"\b126(?P<letters>[a-z]{1,3})\b(?:,?\s{0,2}(?:(?P<ordinal>eerste|tweede|derde|vierde|vijfde"
    r"|zesde|zevende)\s{1,2}lid|lid\s{1,2}(?P<lid>\d)))?"
)
_WIV = re.compile(r"\bart(?:ikel|\.)\s{0,2}(\d{2})\b[^.;]{0,40}?\bWiv\b")
_BASIS_ID = re.compile(r"\b(?:NL|EU|DE|UK|US)-[A-Za-z]{2,4}-?[A-Za-z0-9-]{0,20}[A-Za-z0-9]")
_ORDINALS = ("eerste", "tweede", "derde", "vierde", "vijfde", "zesde", "zevende")
_PARKET = re.compile(r"(?<![\w/-])\d{2}[/.-]\d{6}[-/]\d{2}(?![\w/-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[ .]?[A-Z]{4}(?:[ .]?\d){10}\b")
_BSN = re.compile(
    r"\b(?:BSN|burgerservicenummer)\b(?:[ :.]|nummer|is|van|nr){0,6}"
    r"(?!0[ .-]?\d(?:[ .-]?\d){8}\b)\d(?:[ .-]?\d){7,8}\b",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"\b(?P<word>parketnummer|zaaknummer|dossiernummer|registratienummer|kenmerk|case number"
    r"|case no\.?|reference|rc-nummer)\s{0,3}:?\s{1,3}(?P<value>"
    r"(?:[a-z]{0,6}\d[a-z0-9./-]{0,40}\s{1,2})?(?-i:(?!RC\b)[A-Z][A-Za-z.]{0,6})\s{1,2}"
    r"\d{1,7}/\d{2,6}(?![\w/-])"
    r"|(?:rc\s{1,2})?[A-Za-z0-9][A-Za-z0-9./-]{2,60})",
    re.IGNORECASE,
)
"""One word, or a number as courts write it with the sign of its register: 501 Gs 77/26."""
_OF_JUDGE = re.compile(r"^\W*rc\W*(?:nummer|nr|no)?\W*(?=\d)", re.IGNORECASE)


class ProposalKind(StrEnum):
    """What a value in an order seems to be."""

    PHONE_NUMBER = "phone_number"
    SIP_URI = "sip_uri"
    EMAIL = "email"
    IP_ADDRESS = "ip_address"
    CUSTOMER_NUMBER = "customer_number"
    IMEI = "imei"
    IMSI = "imsi"
    ICCID = "iccid"
    MAC_ADDRESS = "mac_address"
    PERIOD = "period"
    DATE = "date"
    ARTICLE = "article"
    PARKETNUMMER = "parketnummer"
    CASE_NUMBER = "case_number"
    MAGISTRATE_NUMBER = "magistrate_number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value as an order writes it, the form in which it is compared, and where it stands.

    ``form`` of an article is its id in the catalogue, None where several could be meant. Pages and
    lines count from 1.
    """

    kind: ProposalKind
    value: str
    form: str | None
    page: int
    line: int


@dataclass(frozen=True, slots=True)
class Proposals:
    """Everything that was found; ``is_whole`` is False where there was more than is kept."""

    found: tuple[Proposal, ...]
    is_whole: bool

    def of(self, kind: ProposalKind | str) -> tuple[Proposal, ...]:
        """Return those of one kind."""
        return tuple(one for one in self.found if one.kind == kind)


def propose(
    pages: Sequence[Page], catalogue: Catalogue, region: str, normalise: Normalise
) -> Proposals:
    """Return what the text of an order seems to ask, by page, line and place."""
    near = within_reach(pages)
    all_of_them = (
        one
        for n, page in enumerate(near, 1)
        for one in _of_page(n, page, catalogue, region, normalise)
    )
    found = tuple(islice(all_of_them, MAX_PROPOSALS + 1))
    is_whole = len(found) <= MAX_PROPOSALS and sum(map(len, near)) == sum(map(len, pages))
    return Proposals(found[:MAX_PROPOSALS], is_whole)


def within_reach(pages: Sequence[Page]) -> list[list[str]]:
    """Return the lines of an order up to the digits that are looked at."""
    left = MAX_DIGITS
    near: list[list[str]] = []
    for page in pages:
        lines: list[str] = []
        for line in page:
            left -= sum(sign.isdigit() for sign in line)
            if left < 0:
                return [*near, lines]
            lines.append(line)
        near.append(lines)
    return near


def _of_page(
    number: int, page: Page, catalogue: Catalogue, region: str, normalise: Normalise
) -> Iterator[Proposal]:
    for n, line in enumerate(page, 1):
        seen = set()
        for kind, value, form in _of_line(line, catalogue, region, normalise):
            if (kind, form or value) not in seen:
                yield Proposal(kind, value, form, number, n)
            seen.add((kind, form or value))
    for one in find_names(page):
        yield Proposal(ProposalKind.NAME, one.name, None, number, one.line)
    yield from _times(number, page)


def _of_line(
    line: str, catalogue: Catalogue, region: str, normalise: Normalise
) -> Iterator[tuple[ProposalKind, str, str | None]]:
    customers = list(find_customers(line))
    for one in customers:
        form = normalise(TargetKind.CUSTOMER_NUMBER, one[0])
        yield ProposalKind.CUSTOMER_NUMBER, one[0], form
    rest = cover(line, (one.span() for one in customers))
    for value, _ in _phones(rest, region):
        if form := normalise(TargetKind.PHONE_NUMBER, value):
            yield ProposalKind.PHONE_NUMBER, value, form
    for kind, found, form in _by_form(rest, normalise):
        yield ProposalKind(kind.value), found[0], form
    if EQUIPMENT.search(rest):
        for kind, value, form in find_equipment(_unread(rest, region, normalise), normalise):
            yield ProposalKind(kind.value), value, form
    yield from _articles(line, catalogue)
    yield from _references(line)


def _by_form(line: str, normalise: Normalise) -> Iterator[tuple[TargetKind, Read, str]]:
    for kind, pattern in _BY_FORM.items():
        for match in pattern.finditer(line):
            value = match[0].strip(_EDGES).rstrip(".")
            if form := normalise(kind, value):
                start = match.start() + match[0].index(value)
                yield kind, (value, (start, start + len(value))), form


def _unread(line: str, region: str, normalise: Normalise) -> str:
    """Return a line without its dates, references and addresses, and what is dialled with a 0."""
    times = [(one.place, one.until) for one in find_periods(line)]
    times += [(one.place, one.until) for one in find_dates(line)]
    labelled = [one.span("value") for one in _LABELLED.finditer(line) if _has_digit(one["value"])]
    plain = without_references(cover(line, [*times, *labelled]))
    read = [found for _, found, _ in _by_form(plain, normalise)]
    read += [one for one in _phones(plain, region) if one[0].startswith(("0", "+", "("))]
    for _, (start, end) in read:
        plain = plain[:start] + " " * (end - start) + plain[end:]
    return plain


def _phones(line: str, region: str) -> Iterator[Read]:
    if sum(sign.isdigit() for sign in line) < 3:
        return
    for match in phonenumbers.PhoneNumberMatcher(without_references(line), region):
        yield match.raw_string, (match.start, match.end)


def list_dialled(pages: Sequence[Page], region: str) -> Iterator[tuple[str, int, int]]:
    """Yield what somebody may dial, with page and line, also where no series has such a number.

    Numbers that nobody was given are no target, but may lead to whoever wrote them.
    """
    for page, lines in enumerate(within_reach(pages), 1):
        for n, line in enumerate(lines, 1):
            if sum(sign.isdigit() for sign in line) < SHORTEST_DIALLED:
                continue
            found = phonenumbers.PhoneNumberMatcher(
                without_references(line), region, leniency=phonenumbers.Leniency.POSSIBLE
            )
            for match in found:
                size = sum(sign.isdigit() for sign in match.raw_string)
                if match.raw_string.startswith(("+", "0", "(")) and size >= SHORTEST_DIALLED:
                    yield match.raw_string, page, n


def without_references(line: str) -> str:
    """Return a line with spaces for what looks like a telephone number and is none.

    That is a parketnummer, the number of a bank account (ISO 13616), a burgerservicenummer.
    """
    for pattern in (_PARKET, _IBAN, _BSN):
        line = pattern.sub(lambda found: " " * len(found[0]), line)
    return line


def _articles(line: str, catalogue: Catalogue) -> Iterator[tuple[ProposalKind, str, str | None]]:
    for match in _ARTICLE.finditer(line):
        form = _basis(catalogue, f"NL-SV-126{match['letters']}", _paragraph(match))
        if not line[: match.start()].endswith("SV-"):
            yield ProposalKind.ARTICLE, match[0], form
    for match in _WIV.finditer(line):
        yield ProposalKind.ARTICLE, match[0], _basis(catalogue, f"NL-WIV-{match[1]}", None)
    for match in _BASIS_ID.finditer(line):
        if known := _known(catalogue, match[0]):
            yield ProposalKind.ARTICLE, match[0], known


def _paragraph(match: re.Match[str]) -> str | None:
    return str(_ORDINALS.index(match["ordinal"]) + 1) if match["ordinal"] else match["lid"]


def find_article(text: str) -> tuple[str, str | None] | None:
    """Return the letters and the paragraph of the first article on demands that a text names."""
    match = _ARTICLE.search(text)
    return None if match is None else (match["letters"], _paragraph(match))


def list_articles(text: str) -> list[tuple[str, str | None]]:
    """Return the letters and the paragraph of each article on demands that a text names."""
    return [(match["letters"], _paragraph(match)) for match in _ARTICLE.finditer(text)]


def is_of_catalogue(article: Proposal, catalogue: Catalogue) -> bool:
    """Say whether somebody can demand by an article: it is a basis, or one of several."""
    if article.form is not None:
        return True
    found = find_article(article.value)
    return (
        found is not None and found[1] is None and bool(_meant(catalogue, f"NL-SV-126{found[0]}"))
    )


def _known(catalogue: Catalogue, basis_id: str) -> str | None:
    """Return an id as the catalogue has it."""
    return catalogue.get_editions(basis_id)[0].id if catalogue.has_basis(basis_id) else None


def _basis(catalogue: Catalogue, stem: str, paragraph: str | None) -> str | None:
    """Return the one basis that an article can mean."""
    if paragraph and (known := _known(catalogue, f"{stem}-{paragraph}")):
        return known
    meant = _meant(catalogue, stem)
    if paragraph:
        return stem if stem in meant else None
    return meant[0] if len(meant) == 1 else None


def _meant(catalogue: Catalogue, stem: str) -> list[str]:
    """Return the bases that an article without a paragraph may be."""
    ids = dict.fromkeys(one.id for one in catalogue.bases)
    return [one for one in ids if one == stem or one.startswith(f"{stem}-")]


def _references(line: str) -> Iterator[tuple[ProposalKind, str, str | None]]:
    for match in _PARKET.finditer(line):
        yield ProposalKind.PARKETNUMMER, match[0], plain_reference(match[0])
    for match in _LABELLED.finditer(line):
        value = match["value"].rstrip(".-/")
        if not _has_digit(value):
            continue
        word = match["word"].lower()
        kind = ProposalKind.CASE_NUMBER
        if word == "parketnummer":
            kind = ProposalKind.PARKETNUMMER
        elif word == "rc-nummer":
            kind = ProposalKind.MAGISTRATE_NUMBER
        yield kind, value, reference_form(kind, value)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def plain_reference(text: str) -> str:
    """Return a reference as it is compared: its letters and digits, small."""
    return re.sub(r"[^0-9a-z]", "", text.casefold())


def reference_form(kind: str, text: str) -> str:
    """Return a reference of a kind as it is compared, without what says of which judge it is.

    ``RC 26/4711``, ``RC-nummer 26/4711`` and ``26/4711`` are one number.
    """
    is_of_judge = kind == ProposalKind.MAGISTRATE_NUMBER
    return plain_reference(_OF_JUDGE.sub("", text) if is_of_judge else text)


def _times(number: int, page: Page) -> Iterator[Proposal]:
    """Yield each period, and each date that is no part of one."""
    text = "\n".join(page)
    starts = [0, *accumulate(len(line) + 1 for line in page)]
    periods = list(find_periods(text))
    for one in periods:
        form = f"{_say(one.start)}/{_say(one.end)}"
        at = bisect_right(starts, one.place)
        yield Proposal(ProposalKind.PERIOD, one.text, form, number, at)
    for found in find_dates(text):
        is_part = any(one.place < found.until <= one.until for one in periods)
        if found.day is not None and not is_part:
            at = bisect_right(starts, found.place)
            yield Proposal(ProposalKind.DATE, found.text, found.day.isoformat(), number, at)


def _say(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
