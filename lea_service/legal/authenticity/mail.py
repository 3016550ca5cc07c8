"""What the headers of a mail come to: our own results, keys that were looked up, the register."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lea_service.kernel.canonical import Json
from lea_service.legal.authenticity.domains import (
    find_look_alike,
    is_aligned,
    is_sibling,
    is_within,
)
from lea_service.legal.authenticity.mail_reader import (
    FAILED,
    HEAD_OPEN,
    PASSED,
    TOO_MANY,
    DkimFacts,
    MailFacts,
    Records,
    ResultFacts,
)
from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.register import Sender

MAX_LOOKUPS = 12
DMARC = "v=dmarc1"
BAD = frozenset({"fail", "permerror"})
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that a document shows; ``detail`` may name somebody."""

    sight: Sight
    seen: dict[str, Json]
    detail: str | None = None


def list_lookups(facts: MailFacts) -> list[str]:
    """Return the names whose records tell more about a mail, no more than a few."""
    names = [one.lookup for one in facts.dkim if one.lookup]
    for domain in facts.senders[:1]:
        names += [f"_dmarc.{one}" for one in _upwards(domain)]
    return list(dict.fromkeys(names))[:MAX_LOOKUPS]


def observe_mail(
    facts: MailFacts, sender: Sender, servers: Collection[str], records: Records | None
) -> Iterator[Seen]:
    """Yield what a mail shows. ``servers`` are the names under which our own note results."""
    if facts.repeated:
        yield Seen(Sight.MAIL_HEADERS_FORGED, {"headers": [*facts.repeated]})
    domain = facts.senders[0] if facts.senders else ""
    ours = _find_ours(facts.results, servers)
    yield from _observe_results(facts.results, ours, servers)
    keyed = _Dkim(domain, facts.dkim, ours)
    yield keyed.seen
    spf = _said(ours, "spf")
    yield _observe_spf(spf)
    yield _observe_dmarc(domain, keyed, spf, ours, records)
    yield from _observe_domains(facts, domain, sender)
    if facts.nested:
        yield Seen(Sight.MAIL_NESTED, {"count": facts.nested})


def _find_ours(results: list[ResultFacts], servers: Collection[str]) -> ResultFacts | None:
    """Return the topmost results, where they are of a server of ours; no others count."""
    topmost = results[0] if results else None
    return topmost if topmost is not None and topmost.server in servers else None


def _observe_results(
    results: list[ResultFacts], ours: ResultFacts | None, servers: Collection[str]
) -> Iterator[Seen]:
    rest = results if ours is None else results[1:]
    top = 0 if ours is None else ours.below
    if any(one.server in servers and one.below > top for one in rest):
        yield Seen(Sight.MAIL_RESULTS_FORGED, {"count": len(rest)})
    elif rest:
        yield Seen(Sight.MAIL_RESULTS_FOREIGN, {"count": len(rest)})


class _Dkim:
    """What DKIM comes to for the domain of the sender, by keys and by our own server."""

    def __init__(self, domain: str, facts: list[DkimFacts], ours: ResultFacts | None) -> None:
        self._domain = domain
        self._facts = facts
        self._said = [one for one in ours.said if one[0] == "dkim"] if ours else []

    @property
    def passed(self) -> list[str]:
        """Return the domains for which a signature verifies.

        What our own server let pass counts, unless we know better or did not look.
        """
        if any(one.reason == TOO_MANY for one in self._facts):
            return []
        found = [one.domain for one in self._facts if one.verdict == PASSED]
        is_open = {one.domain for one in self._facts if one.reason == HEAD_OPEN} - set(found)
        passed = {where for _, result, where in self._said if result == "pass"}
        return found + sorted(passed - is_open)

    @property
    def is_aligned(self) -> bool:
        """Say whether one of them is that of the sender."""
        return any(is_aligned(one, self._domain) for one in self.passed)

    @property
    def has_failed(self) -> bool:
        """Say whether a signature does not verify and none for the sender does.

        Where our server and the keys differ, whichever failed counts.
        """
        failed = any(one.verdict == FAILED for one in self._facts)
        said = any(result in BAD for _, result, _ in self._said)
        by_keys = any(
            one.verdict == PASSED and is_aligned(one.domain, self._domain) for one in self._facts
        )
        by_server = any(
            result == "pass" and is_aligned(where, self._domain) for _, result, where in self._said
        )
        return (failed and not by_keys) or (said and not by_server)

    @property
    def seen(self) -> Seen:
        """Return the observation."""
        reasons: list[Json] = [one.reason for one in self._facts]
        seen: dict[str, Json] = {"signatures": len(self._facts), "reasons": reasons}
        seen["by_our_server"] = [result for _, result, _ in self._said]
        domains = ", ".join(sorted({one.domain for one in self._facts if one.domain})) or None
        return Seen(self._sight, seen, domains)

    @property
    def _sight(self) -> Sight:
        if self.has_failed:
            return Sight.MAIL_DKIM_FAILED
        if self.is_aligned:
            return Sight.MAIL_DKIM_PASSED
        if self.passed:
            return Sight.MAIL_DKIM_OTHER
        return Sight.MAIL_DKIM_UNKNOWN if self._facts else Sight.MAIL_DKIM_NONE


def _said(ours: ResultFacts | None, method: str) -> tuple[str, str] | None:
    """Return result and domain of a method, as our own server has them."""
    for one, result, domain in ours.said if ours else ():
        if one == method:
            return result, domain
    return None


def _observe_spf(spf: tuple[str, str] | None) -> Seen:
    if spf is None:
        return Seen(Sight.MAIL_SPF_UNKNOWN, {})
    result, domain = spf
    sights = {"pass": Sight.MAIL_SPF_PASSED, "fail": Sight.MAIL_SPF_FAILED}
    sight = sights.get(result, Sight.MAIL_SPF_UNKNOWN)
    return Seen(sight, {"result": result[:SHOWN]}, domain or None)


def _observe_dmarc(
    domain: str,
    keyed: _Dkim,
    spf: tuple[str, str] | None,
    ours: ResultFacts | None,
    records: Records | None,
) -> Seen:
    """Return what DMARC comes to: what our server says, and what the record and DKIM say."""
    said = _said(ours, "dmarc")
    seen: dict[str, Json] = {"by_our_server": said[0][:SHOWN] if said else None}
    if said is not None and said[0] in BAD:
        return Seen(Sight.MAIL_DMARC_FAILED, seen, domain)
    record = _find_record(domain, records)
    if record is None:
        passed = said is not None and said[0] == "pass" and is_aligned(said[1], domain)
        return Seen(Sight.MAIL_DMARC_PASSED if passed else Sight.MAIL_DMARC_UNKNOWN, seen, domain)
    if not record:
        return Seen(Sight.MAIL_DMARC_NONE, seen, domain)
    proven = [(one, "adkim=s" in record) for one in keyed.passed]
    if spf is not None and spf[0] == "pass":
        proven.append((spf[1], "aspf=s" in record))
    if any(is_aligned(one, domain, strict=strict) for one, strict in proven):
        return Seen(Sight.MAIL_DMARC_PASSED, seen, domain)
    if any(is_sibling(one, domain) and not strict for one, strict in proven):
        by_us = said is not None and said[0] == "pass" and is_aligned(said[1], domain)
        return Seen(Sight.MAIL_DMARC_PASSED if by_us else Sight.MAIL_DMARC_UNKNOWN, seen, domain)
    told = spf is not None or keyed.has_failed
    return Seen(Sight.MAIL_DMARC_FAILED if told else Sight.MAIL_DMARC_UNKNOWN, seen, domain)


def _find_record(domain: str, records: Records | None) -> str | None:
    """Return the policy that a domain publishes, empty for none, None where nobody could tell."""
    if records is None or not domain:
        return None
    for one in _upwards(domain):
        record = records.get(f"_dmarc.{one}")
        if record is None:
            return None
        plain = record.replace(" ", "").lower()
        if plain.startswith(DMARC):
            return plain
    return ""


def _observe_domains(facts: MailFacts, domain: str, sender: Sender) -> Iterator[Seen]:
    every = (domain, *facts.senders[1:], *facts.replies, *facts.returns)
    known = any(is_within(domain, one) for one in sender.domains)
    yield Seen(Sight.MAIL_DOMAIN_KNOWN if known else Sight.MAIL_DOMAIN_UNKNOWN, {}, domain or None)
    for one in dict.fromkeys(every):
        if one and find_look_alike(one, sender.all_domains):
            yield Seen(Sight.MAIL_LOOK_ALIKE, {}, one)
            break
    for sight, others in (
        (Sight.MAIL_REPLY_ELSEWHERE, facts.replies),
        (Sight.MAIL_RETURN_ELSEWHERE, facts.returns),
    ):
        elsewhere = [one for one in others if not is_aligned(one, domain)]
        if elsewhere:
            yield Seen(sight, {"count": len(elsewhere)}, elsewhere[0])


def _upwards(domain: str) -> list[str]:
    """Return a domain and the one that owns it: its last two labels."""
    owner = ".".join(domain.split(".")[-2:])
    return [one for one in dict.fromkeys((domain, owner)) if one]
