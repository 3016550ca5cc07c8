"""What was typed against what the order says; every difference has to be typed again.

Findings hold codes, counts and places. The values that differ go beside them and rest sealed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from lea_service.demands.concerned import Normalise
from lea_service.demands.demand import (
    OF_EQUIPMENT,
    Demand,
    Item,
    Period,
    Target,
    TargetKind,
)
from lea_service.kernel.canonical import Json
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.order_dates import find_dates
from lea_service.legal.order_names import is_named, is_same_person, is_surely_name, plain_name
from lea_service.legal.order_text import OrderText
from lea_service.legal.order_words import load_order_words
from lea_service.legal.proposals import (
    Proposal,
    ProposalKind,
    Proposals,
    is_of_catalogue,
    list_articles,
    plain_reference,
    propose,
    reference_form,
)
from lea_service.legal.written_order import (
    AS_WRITTEN,
    WrittenOrder,
    ends_of,
    is_of_basis,
    is_period,
)

NO_DOCUMENT = "no_document"
MORE_THAN_KEPT = "more_than_kept"
PERIOD = "period"
MOMENT = "moment"
ORDER_DATE = "order_date"
LEGAL_BASIS = "legal_basis"
AUTHORISATION = "authorisation"
AUTHORISED_ON = "authorised_on"
DIFFERS = {
    ORDER_DATE: "order.date_differs",
    LEGAL_BASIS: "order.basis_differs",
    AUTHORISATION: "order.authorisation_differs",
    AUTHORISED_ON: "order.authorisation_differs",
}
ASKED = (
    ProposalKind.PHONE_NUMBER, ProposalKind.SIP_URI, ProposalKind.EMAIL, ProposalKind.IP_ADDRESS,
    ProposalKind.CUSTOMER_NUMBER, ProposalKind.IMEI, ProposalKind.IMSI, ProposalKind.ICCID,
    ProposalKind.MAC_ADDRESS,
)  # fmt: skip
"""Kinds that an order names to ask about them, save those of who sent it."""
REFERENCES = (
    ProposalKind.PARKETNUMMER, ProposalKind.CASE_NUMBER, ProposalKind.MAGISTRATE_NUMBER,
)  # fmt: skip
MAX_PLACES = 20
_USER = re.compile(r"sips?:([^@;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Typed:
    """A value that somebody typed: of a kind of target or reference, or as one kind below."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found, and for each reference of a finding the values it is about."""

    findings: tuple[Finding, ...]
    values: Mapping[str, tuple[Typed, ...]]


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """Reads orders and compares demands with them.

    ``read`` returns the text of a document, ``normalise`` the form in which targets are compared,
    ``region`` is where numbers without a country code are dialled.
    """

    catalogue: Catalogue
    read: Callable[[bytes], OrderText]
    normalise: Normalise
    region: str

    def propose(self, text: OrderText) -> Proposals:
        """Return what the text of an order seems to ask."""
        return propose(text.pages, self.catalogue, self.region, self.normalise)

    def compare(
        self,
        demand: Demand,
        text: OrderText | None,
        senders: Collection[str] = (),
        issuers: Collection[str] = (),
        validator: str | None = None,
    ) -> Comparison:
        """Compare a demand with the text of its order; None is no document.

        ``senders`` are the numbers and mail addresses of who sent it that we found ourselves,
        ``issuers`` the names of who issued and who validated it, by the register where it has them,
        ``validator`` that of whom the text has to name.
        """
        if text is None or not text.has_text:
            seen = [NO_DOCUMENT] if text is None else [str(one) for one in text.observations]
            unread = _unread(demand, "order.not_readable", seen)
            return _comparison([*_listed(unread), *_of_validator(validator, text)])
        proposals = self.propose(text)
        order = WrittenOrder(text.pages, proposals, self.normalise)
        found = [
            *_of_order(demand, order, self.catalogue),
            *_differences(demand, order, senders),
            *_not_typed(demand, order, self.catalogue),
            *_of_names(demand, order, issuers),
            *_of_categories(demand, order),
            *_of_validator(validator, text),
        ]
        doubts = [str(one) for one in text.doubts]
        if not proposals.is_whole:
            doubts.append(MORE_THAN_KEPT)
        if doubts:
            unread = _unread(demand, "order.partly_readable", doubts)
            found += _listed(unread)
        if not found:
            seen_count: dict[str, Json] = {"items": len(demand.items)}
            return Comparison((make_finding("order.compared", seen=seen_count),), {})
        return _comparison(found)


Found = tuple[Finding, tuple[Typed, ...]]


def typed_target(target: Target) -> Typed:
    """Return a target as a value that can be typed again."""
    return Typed(target.kind.value, target.value)


def typed_period(period: Period) -> Typed:
    """Return a period as it can be typed again: both instants by the clock of its zone."""
    zone = ZoneInfo(period.zone)
    ends = (one.astimezone(zone).isoformat() for one in (period.start, period.end))
    return Typed(PERIOD, "/".join(ends))


def typed_moment(target: Target, zone: str) -> Typed:
    """Return the moment of an address as it can be typed again: instant, slash, port if any."""
    at = "" if target.at is None else target.at.astimezone(ZoneInfo(zone)).isoformat()
    return Typed(MOMENT, f"{at}/{'' if target.port is None else target.port}")


def typed_order(demand: Demand) -> Iterator[Typed]:
    """Yield what was typed of the order itself: its date, its basis, the judge's authorisation."""
    yield Typed(ORDER_DATE, demand.order_date.isoformat())
    yield Typed(LEGAL_BASIS, demand.legal_basis)
    if given := demand.judicial_authorisation:
        if given.reference is not None:
            yield Typed(AUTHORISATION, given.reference)
        if given.given_on is not None:
            yield Typed(AUTHORISED_ON, given.given_on.isoformat())


def is_in_order(typed: Typed, demand: Demand, order: WrittenOrder, catalogue: Catalogue) -> bool:
    """Say whether what was typed of the order itself stands in it."""
    if typed.kind == LEGAL_BASIS:
        basis = catalogue.find_basis(typed.value, demand.order_date)
        return basis is not None and order.names_basis(basis)
    if typed.kind == AUTHORISATION:
        return order.has_reference(ProposalKind.MAGISTRATE_NUMBER, typed.value)
    return order.has_date(date.fromisoformat(typed.value))


def is_same(typed: Typed, again: str, normalise: Normalise) -> bool:
    """Say whether ``again`` is the value that was typed."""
    if typed.kind == PERIOD:
        halves, given = typed.value.split("/"), again.strip().split("/")
        return len(given) == 2 and all(map(_is_same_instant, halves, given))
    if typed.kind == MOMENT:
        at, _, port = typed.value.partition("/")
        at_again, _, port_again = again.partition("/")
        return _is_same_instant(at, at_again.strip()) and port == port_again.strip()
    if typed.kind in {ORDER_DATE, AUTHORISED_ON}:
        return [one.day for one in find_dates(again)] == [date.fromisoformat(typed.value)]
    if typed.kind in set(TargetKind):
        kind = TargetKind(typed.kind)
        form = normalise(kind, again.strip())
        return form is not None and form == normalise(kind, typed.value)
    if typed.kind == ProposalKind.NAME:
        return plain_name(typed.value) == plain_name(again)
    return _is_same_reference(typed, again)


def _is_same_reference(typed: Typed, again: str) -> bool:
    """Say so of a number or an article; what was read to a part only may be typed to its end."""
    if typed.kind in REFERENCES:
        form = reference_form(typed.kind, typed.value)
        return form in {reference_form(typed.kind, one) for one in (*_beginnings(again), again)}
    return plain_reference(typed.value) == plain_reference(again) or (
        typed.kind == ProposalKind.ARTICLE and _is_same_article(typed.value, again)
    )


def _is_same_article(typed: str, again: str) -> bool:
    """Say whether both write one article, whatever stands around it; an id is not an article."""
    wanted, given = list_articles(typed), list_articles(again)
    return bool(wanted) and wanted == given and "SV-" not in typed


def _of_order(demand: Demand, order: WrittenOrder, catalogue: Catalogue) -> Iterator[Found]:
    missing: dict[str, list[Typed]] = {}
    for one in typed_order(demand):
        if not is_in_order(one, demand, order, catalogue):
            missing.setdefault(DIFFERS[one.kind], []).append(one)
    if not _is_known(demand, catalogue):  # nothing says what it is called
        missing.pop(DIFFERS[LEGAL_BASIS])
    for code, values in missing.items():
        yield _found(code, values, seen={"stated": _count(order, code)})
    if demand.judicial_authorisation is None and order.says(load_order_words().authorisation):
        yield _found("order.authorisation_not_typed", [])


def _count(order: WrittenOrder, code: str) -> int:
    kind = ProposalKind.ARTICLE if code == DIFFERS[LEGAL_BASIS] else ProposalKind.DATE
    return len({one.form or one.value for one in order.proposals.of(kind)})


def _not_typed(demand: Demand, order: WrittenOrder, catalogue: Catalogue) -> Iterator[Found]:
    """Yield the references and the articles that the order has and nobody typed.

    Of articles only those count by which somebody can demand data from us: bases of the catalogue,
    and an article without its paragraph that may be one. So the article of the offence, or one on
    notification, is no difference. One that the order mentions in its reasoning only cannot be told
    from one that it rests on as well; a person reads that.
    """
    typed = set(_typed_references(demand, order))
    further: dict[str, dict[str, Proposal]] = {}
    for kind in REFERENCES:
        for one in order.proposals.of(kind):
            if one.form is not None and one.form not in typed:  # under one kind, the first
                typed.add(one.form)
                further.setdefault(kind, {})[one.form] = one
    for name, found in further.items():
        yield _places("order.reference_not_typed", ProposalKind(name), found.values(), subject=name)
    editions = catalogue.get_editions(demand.legal_basis) if _is_known(demand, catalogue) else ()
    cited = {
        one.form or one.value: one
        for one in order.proposals.of(ProposalKind.ARTICLE)
        if is_of_catalogue(one, catalogue) and not any(is_of_basis(one, each) for each in editions)
    }
    if cited:
        yield _places("order.article_not_typed", ProposalKind.ARTICLE, cited.values())


def _typed_references(demand: Demand, order: WrittenOrder) -> Iterator[str]:
    """Yield the forms of the numbers that were typed.

    The order may have read one to a part only: so of one that stands in it also each beginning that
    ends with a word.
    """
    typed = [(one.kind, one.value) for one in demand.references]
    given = demand.judicial_authorisation
    if given is not None and given.reference is not None:
        typed.append((ProposalKind.MAGISTRATE_NUMBER.value, given.reference))
    for kind, value in typed:
        for form in (kind, ProposalKind.MAGISTRATE_NUMBER):
            yield reference_form(form, value)
        if order.has_reference(kind, value):
            yield from (reference_form(kind, one) for one in _beginnings(value))


def _beginnings(text: str) -> Iterator[str]:
    words = text.split()
    return (" ".join(words[:n]) for n in range(1, len(words)))


def _of_names(demand: Demand, order: WrittenOrder, issuers: Collection[str]) -> Iterator[Found]:
    """Yield who follows the words for the role of the issuing person and is another.

    Only what a title or initials show to be a name: in the head of an honest order a place, an
    office or a verb may follow these words. Whoever retypes for nothing learns not to look.
    Names of others are not compared: what a demand asks is by number or address, and who leads an
    investigation or authorises an order is named in honest orders without being typed.
    """
    words = load_order_words().issuers.get(demand.issuing_role, ())
    others = {
        one.name: (page, one.line)
        for page, one in order.named
        if one.words in words
        and is_surely_name(one.name)
        and not any(is_same_person(one.name, known) for known in issuers)
    }
    if others:
        places = [_say_place(*at) for at in others.values()]
        seen: dict[str, Json] = {"places": [*places[:MAX_PLACES]]}
        values = [Typed(ProposalKind.NAME.value, name) for name in others]
        yield _found("order.name_differs", values, seen=seen)


def _of_validator(name: str | None, text: OrderText | None) -> Iterator[Found]:
    """Yield that the text does not have the name of who is said to have validated the order."""
    if name is not None and (text is None or not is_named(name, text.pages)):
        yield _found("order.validator_not_named", ())


def _listed(found: Comparison) -> list[Found]:
    return [(one, found.values[one.ref]) for one in found.findings]


def _comparison(found: Sequence[Found]) -> Comparison:
    return Comparison(
        tuple(finding for finding, _ in found),
        {finding.ref: values for finding, values in found},
    )


def _places(
    code: str, kind: ProposalKind, found: Iterable[Proposal], *, subject: str | None = None
) -> Found:
    each = tuple(found)
    seen: dict[str, Json] = {"places": [_place(one) for one in each[:MAX_PLACES]]}
    values = [Typed(kind.value, one.value) for one in each]
    return _found(code, values, subject=subject, seen=seen)


def _is_known(demand: Demand, catalogue: Catalogue) -> bool:
    """Say whether the catalogue has the basis that was typed, and so what it is called."""
    return catalogue.has_basis(demand.legal_basis)


def _of_categories(demand: Demand, order: WrittenOrder) -> Iterator[Found]:
    """Yield what the words of an order and the categories that were typed do not share."""
    asked = {code for item in demand.items for code in item.categories}
    for code, words in load_order_words().categories.items():
        if order.says(words) is not (code in asked):
            name = "order.category_not_named" if code in asked else "order.category_not_typed"
            yield _found(name, [], subject=code)


def _differences(demand: Demand, order: WrittenOrder, senders: Collection[str]) -> Iterator[Found]:
    for item in demand.items:
        yield from _of_item(item, order)
    missing: dict[str, list[Typed]] = {}
    for one in demand.references:
        if not order.has_reference(one.kind, one.value):
            missing.setdefault(one.kind, []).append(Typed(one.kind, one.value))
    for kind, values in missing.items():
        yield _found("order.reference_differs", values, subject=kind)
    yield from _not_asked(demand, order, senders)
    yield from _further_periods(demand, order)


def _of_item(item: Item, order: WrittenOrder) -> Iterator[Found]:
    if not order.names(item.target):
        seen: dict[str, Json] = {"kind": item.target.kind.value}
        yield _found("order.target_differs", [typed_target(item.target)], item=item.n, seen=seen)
    if item.target.at is not None:  # another subscriber may have had the address a second later
        seen = {"port": item.target.port is not None}
        typed = [typed_moment(item.target, item.period.zone)]
        yield _found("order.moment_not_compared", typed, item=item.n, seen=seen)
    if not order.has_period(item.period):
        seen = {"periods": len(order.proposals.of(ProposalKind.PERIOD))}
        yield _found("order.period_differs", [typed_period(item.period)], item=item.n, seen=seen)


def _not_asked(demand: Demand, order: WrittenOrder, senders: Collection[str]) -> Iterator[Found]:
    asked = {form for one in demand.items for form in _asked(one, order)}.union(senders)
    left = [one for one in order.proposals.found if one.kind in ASKED and one.form not in asked]
    if left:
        values = {one.form: Typed(one.kind.value, one.value) for one in left}
        seen: dict[str, Json] = {"places": [_place(one) for one in left[:MAX_PLACES]]}
        yield _found("order.target_not_asked", list(values.values()), seen=seen)


def _asked(item: Item, order: WrittenOrder) -> Iterator[str | None]:
    """Yield the forms of what an item asks; of a SIP address also the number in it.

    Of a number that may be of equipment whatever it may be, since the order need not say.
    """
    target = item.target
    yield order.normalise(target.kind, target.value)
    if target.kind in OF_EQUIPMENT | AS_WRITTEN:
        yield from (order.normalise(one, target.value) for one in OF_EQUIPMENT)
    if user := _USER.match(target.value):
        yield order.normalise(TargetKind.PHONE_NUMBER, user[1])


def _further_periods(demand: Demand, order: WrittenOrder) -> Iterator[Found]:
    """Yield the periods that nobody typed, and those on the line of a target of another item.

    A line with more than one period says of none which target it is about.
    """
    periods = order.proposals.of(ProposalKind.PERIOD)
    further = {
        one.form: one for one in periods if not any(is_period(one, i.period) for i in demand.items)
    }
    if further:
        yield _periods("order.period_not_typed", further.values())
    places = Counter((one.page, one.line) for one in periods)
    alone = [one for one in periods if places[one.page, one.line] == 1 and one.form not in further]
    apart = {one.form: one for one in alone if not _is_paired(one, demand, order)}
    if apart:
        yield _periods("order.period_of_another", apart.values())


def _is_paired(period: Proposal, demand: Demand, order: WrittenOrder) -> bool:
    """Say whether each target that is asked about and stands on the line has the period too."""
    place, asked = (period.page, period.line), [{*_asked(one, order)} for one in demand.items]
    beside = [
        one.form
        for one in order.proposals.found
        if one.kind in ASKED and (one.page, one.line) == place
    ]
    having = [is_period(period, one.period) for one in demand.items]
    for form in beside:
        of_target = [has for has, forms in zip(having, asked, strict=True) if form in forms]
        if of_target and not any(of_target):
            return False
    return True


def _periods(code: str, found: Iterable[Proposal]) -> Found:
    each = tuple(found)
    seen: dict[str, Json] = {"places": [_place(one) for one in each[:MAX_PLACES]]}
    values = [Typed(PERIOD, "/".join(end.isoformat() for end in ends_of(one))) for one in each]
    return _found(code, values, seen=seen)


def _unread(demand: Demand, code: str, observations: list[str]) -> Comparison:
    values = [Typed(ORDER_DATE, demand.order_date.isoformat())]
    values += [typed_target(item.target) for item in demand.items]
    finding, typed = _found(code, values, seen={"observations": [*observations]})
    return Comparison((finding,), {finding.ref: typed})


def _found(
    code: str,
    values: Sequence[Typed],
    *,
    item: int | None = None,
    subject: str | None = None,
    seen: Mapping[str, Json] | None = None,
) -> Found:
    whole: dict[str, Json] = {**(seen or {})} | ({"retype": len(values)} if values else {})
    return make_finding(code, item=item, subject=subject, seen=whole), tuple(values)


def _place(proposal: Proposal) -> str:
    return _say_place(proposal.page, proposal.line)


def _say_place(page: int, line: int) -> str:
    return f"page {page} line {line}"


def _is_same_instant(wanted: str, given: str) -> bool:
    if len(given) == len("2026-11-26"):
        return wanted.startswith(f"{given}T00:00:00")
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        return False
    return instant.tzinfo is not None and instant == datetime.fromisoformat(wanted)
