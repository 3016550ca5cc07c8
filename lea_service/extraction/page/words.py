"""The words of the page for an approver, Dutch and English, and who says them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from lea_service.extraction.page.content import join
from lea_service.kernel.clock import HOME_ZONE
from lea_service.kernel.phrases import LANGUAGES, Phrases, phrase
from lea_service.legal.authenticity.observations import SYSTEM
from lea_service.legal.citations import say_citation
from lea_service.legal.explanation import Language, say_instant

NAMES = {"nl": "Nederlands", "en": "English"}
"""What each language is called by those who speak it."""

HEADINGS: Phrases = {
    "title": ("Besluit over {what}", "Decision on {what}"),
    "title_plan": (
        "Besluit over een plan voor vordering {demand}",
        "Decision on a plan for demand {demand}",
    ),
    "decided": ("Waarover wordt besloten", "What is decided"),
    "proposed": ("Wat wordt voorgesteld", "What is proposed"),
    "doubts": ("Open twijfels", "Open doubts"),
    "clocks": ("Termijnen", "Clocks"),
    "who": ("Wie vordert", "Who asks"),
    "known": ("Hoe wij dat weten", "How we know"),
    "ground": ("Grondslag", "Ground"),
    "asked": ("Wat wordt gevorderd", "What is asked"),
    "given": ("Wat zou worden verstrekt", "What would be given"),
    "amounts": ("Hoeveel", "How much"),
    "receivers": ("Wie het ontvangt", "Who receives it"),
    "reasons": ("Redenen van wie het behandelden", "Reasons of those who handled it"),
    "decide": ("Hoe u besluit", "How to decide"),
    "care": ("lees dit zorgvuldig", "read with care"),
}

LABELS: Phrases = {
    "approval": ("Besluit", "Approval"),
    "kind": ("Soort", "Kind"),
    "about": ("Over", "About"),
    "for": ("Voor", "For"),
    "proposed_by": ("Voorgesteld door", "Proposed by"),
    "proposed_at": ("Voorgesteld op", "Proposed at"),
    "deciders": ("Mensen die ermee moeten instemmen", "People who have to agree"),
    "one_more": ("Waarom meer dan één", "Why more than one"),
    "agreed": ("Heeft al ingestemd", "Agreed so far"),
    "outcome": ("Uitkomst", "Outcome"),
    "because": ("Omdat", "Because"),
    "in_words": ("In woorden", "In words"),
    "looked_at": ("Bekeken", "Looked at"),
    "decided_by": ("Besloten door", "Decided by"),
    "agency": ("Instantie", "Agency"),
    "issued_by": ("Uitgevaardigd door", "Issued by"),
    "function": ("Functie", "Function"),
    "role": ("Treedt op als", "Acts as"),
    "validated_by": ("Gevalideerd door", "Validated by"),
    "enforcing": ("Tenuitvoerleggingsautoriteit", "Enforcing authority"),
    "references": ("Kenmerken", "References"),
    "order": ("Vordering", "Order"),
    "received": ("Ontvangen", "Received"),
    "emergency": ("Noodgeval, volgens wie dat stelt", "Emergency claimed"),
    "claimed": ("In de woorden van wie dat stelt", "In the words of who claims it"),
    "minutes": ("Minuten sinds binnenkomst", "Minutes since it arrived"),
    "spoke_to": ("Gesproken met", "Spoke to"),
    "policy": ("Volgens het beleid", "By the policy"),
    "basis": ("Grondslag", "Legal basis"),
    "article": ("Artikel", "Article"),
    "in_dutch": ("In het Nederlands", "In Dutch"),
    "in_english": ("In het Engels", "In English"),
    "catalogue": ("In de catalogus als", "In the catalogue as"),
    "sureness": ("Hoe zeker de catalogus is", "How sure the catalogue is"),
    "judge": ("Machtiging van een rechter", "Authorised by a judge"),
    "judge_oral": ("Mondeling gegeven", "Given orally"),
    "threshold": ("Het feit dat het artikel verlangt", "Offence that the article needs"),
    "offence": ("Het feit, volgens de vordering", "Offence, as the order states it"),
    "item": ("Onderdeel {n}", "Item {n}"),
    "item_from": ("Onderdeel {n} uit {source}", "Item {n} from {source}"),
    "item_not_held": ("Onderdeel {n}, niet aanwezig", "Item {n}, not held"),
    "item_not_searched": ("Onderdeel {n}, niet doorzocht", "Item {n}, not searched"),
    "rows": ("Registraties", "Rows"),
    "rows_then": ("Registraties bij het voorstel", "Rows when it was proposed"),
    "rows_most": ("Hoogstens te verstrekken registraties", "Most rows that may leave"),
    "rows_each": ("Hoogstens in een deel", "At most in one instalment"),
    "days": ("Dagen met registraties", "Days with rows"),
    "others": ("Andere mensen daarin", "Other people in them"),
    "past_term": ("Over hun termijn, nog aanwezig", "Past their term, still held"),
    "counted_at": ("Geteld op", "Counted at"),
    "rows_item": ("Registraties voor onderdeel {n}", "Rows for item {n}"),
    "rows_source": ("Registraties uit {source}", "Rows from {source}"),
    "accepted": ("{who} nam {findings} voor zijn rekening", "{who} accepted {findings}"),
    "answered": (
        "Vraag {id}; {who} legde het antwoord vast",
        "Question {id}; {who} recorded the answer",
    ),
    "narrowed": ("{who} beperkte onderdeel {n}", "{who} narrowed item {n}"),
    "note": ("Notitie bij de vordering", "Note with the demand"),
    "digest": ("Digest van wat wordt ondertekend", "Digest of what is signed"),
    "agree": ("Instemmen", "Agree"),
    "you_looked": ("U bekeek ({code})", "You looked at ({code})"),
    "send_back": ("Teruggeven", "Send back"),
    "refuse": ("Weigeren", "Refuse"),
    "reason_code": ("Reden ({code})", "Reason ({code})"),
}

_MEMBERS = {
    "accepted": "aanvaard",
    "account": "account",
    "action": "handeling",
    "agency": "instantie",
    "anchors": "uitgevers",
    "any_of": "een van",
    "article": "artikel",
    "brought_by": "gebracht door",
    "came": "gekomen op",
    "clearances": "vereisten",
    "code": "code",
    "company": "bedrijf",
    "contact": "contactgegevens",
    "country": "land",
    "days": "dagen",
    "delegation": "vervanging",
    "demand": "vordering",
    "differences": "verschillen",
    "email": "e-mailadres",
    "format": "vorm",
    "found_by_way": "gevonden langs",
    "from": "vanaf",
    "function": "functie",
    "generation": "volgnummer",
    "ground": "grond",
    "hold_on": "tegenhouden bij",
    "holder": "houder",
    "id": "id",
    "identifiers": "aanduidingen",
    "is_allowed": "is toegestaan",
    "is_listed": "staat op de lijst",
    "key": "sleutel",
    "kind": "soort",
    "legal_ground": "rechtsgrond",
    "login": "aanmeldnaam",
    "mailbox": "postbus",
    "members": "leden",
    "name": "naam",
    "none": "geen",
    "no": "nee",
    "note": "notitie",
    "of": "van",
    "paper": "papier",
    "pays": "voldoet",
    "pem": "certificaat (PEM)",
    "person": "persoon",
    "personnel_number": "personeelsnummer",
    "phone": "telefoon",
    "policy": "beleid",
    "prosecution": "openbaar ministerie",
    "purpose": "doel",
    "reason": "reden",
    "record_version": "versie van de vastlegging",
    "ref": "aanduiding",
    "reference": "kenmerk",
    "require": "vereist",
    "roles": "rollen",
    "run": "uitvoering",
    "says": "luidt",
    "says_en": "in het Engels",
    "says_nl": "in het Nederlands",
    "sha256": "SHA-256",
    "source": "bron",
    "subject": "over wie",
    "suspension": "schorsing",
    "term": "termijn",
    "token": "token",
    "unit": "eenheid",
    "until": "tot",
    "validated_by": "gevalideerd door",
    "value": "waarde",
    "version": "versie",
    "written_on": "op schrift sinds",
    "yes": "ja",
}
MEMBERS: Phrases = {name: (dutch, name.replace("_", " ")) for name, dutch in _MEMBERS.items()}
"""What is proposed, member by member, and what a member says that is none, or yes or no."""

SAYINGS: Phrases = {
    "divided": (
        "Er komt nog meer bij. Dit besluit geldt voor deel {first} tot en met {last}, {rhythm}, "
        "van {start} tot {end}; het eerste loopt tot {until}. Elk deel wordt vanzelf verstrekt "
        "zodra het voorbij is. De autoriteit kan haar vordering eerder laten eindigen, niet later.",
        "More is still to come. This decision is for instalments {first} to {last}, {rhythm}, from "
        "{start} until {end}; the first goes until {until}. Each is handed over by itself once it "
        "is past. The authority may end its order earlier, not later.",
    ),
    "order": (
        "{form}, van {day}, kanaal: {channel}",
        "{form}, of {day}, channel: {channel}",
    ),
    "seen": ("{says} ({by})", "{says} ({by})"),
    "register": ("register", "register"),
    "service": ("de dienst", "the service"),
    "policy_allows": ("Er staat niets van in de weg.", "Nothing of it stands in the way."),
    "policy_holds": ("Dit volstaat niet.", "It does not suffice."),
    "basis_unknown": (
        "{basis}: de catalogus kent die niet",
        "{basis}: the catalogue does not know it",
    ),
    "no_reference": ("zonder kenmerk", "no reference"),
    "given_orally": (
        "door {by}, {at}; op schrift gesteld: {written}",
        "by {by}, {at}; put in writing: {written}",
    ),
    "not_written": ("voor zover vastgelegd niet", "not as far as was recorded"),
    "threshold_unknown": ("niet bekend", "not known"),
    "offence_unrecorded": ("niet vastgelegd", "not recorded"),
    "not_judged": (
        "Of het feit zwaar genoeg is, beoordelen de autoriteit en de rechter; wij niet.",
        "Whether the offence is grave enough is for the authority and the judge; not for us.",
    ),
    "asked": ("{categories} van {target}, {span}", "{categories} of {target}, {span}"),
    "span": (
        "van {start} tot vlak voor {end} ({zone})",
        "from {start} until just before {end} ({zone})",
    ),
    "of_source": ("{target} van {source}", "{target} of {source}"),
    "with_port": ("{target} poort {port}", "{target} port {port}"),
    "at": ("{target} op {at}", "{target} at {at}"),
    "columns": ("{kind}: {columns}", "{kind}: {columns}"),
    "cut": (
        "Niet verstrekt van onderdeel {n}: {what}. {why}",
        "Not given of item {n}: {what}. {why}",
    ),
    "cut_before": ("voor {at}", "before {at}"),
    "cut_from": ("vanaf {at}", "from {at}"),
    "cut_whole": ("het geheel", "the whole of it"),
    "past_term": (
        "Registraties over hun termijn, op grond {ground}.",
        "Rows past their term, on {ground}.",
    ),
    "all": (
        "Alles wat is gevorderd, voor zover wij het hebben, en niets anders.",
        "All that is asked, as far as we hold it, and nothing else.",
    ),
    "uncounted": ("Niemand heeft het nog geteld.", "Nobody counted it yet."),
    "key": ("sleutel {key}", "key {key}"),
    "key_lapsed": (
        "sleutel {key} (deze sleutel geldt nu niet)",
        "key {key} (this key does not count now)",
    ),
    "no_reason": ("geen reden", "no reason"),
    "none_needed": ("Die waren niet nodig.", "None were needed."),
    "none": ("Geen.", "None."),
    "none_known": ("Er is er geen bekend.", "None is known."),
    "held": ("Tegengehouden: {hold}.", "On hold: {hold}."),
    "answer": ("Gevraagd: {question} Geantwoord: {answer}", "Asked: {question} Answered: {answer}"),
    "unanswered": (
        "De autoriteit heeft niet geantwoord: {question}",
        "The authority has not answered: {question}",
    ),
    "replaced": ("Een ander plan kwam hiervoor in de plaats.", "Another plan replaced this one."),
    "corrected_since_plan": (
        "De vordering is verbeterd nadat dit plan werd gemaakt.",
        "The demand was corrected since this plan was made.",
    ),
    "receiver_lapsed": (
        "Een sleutel van een ontvanger geldt nu niet.",
        "A key of a receiver does not count now.",
    ),
    "told_otherwise": (
        "Onze brief van {at} zegt de autoriteit dat niet wordt verstrekt wat dit plan verstrekt, "
        "of om een andere reden: zij moet dat opnieuw horen (`lea demands letter --about "
        "narrowing`).",
        "Our letter of {at} tells the authority that something is not given which this plan gives, "
        "or on another ground: it has to be told anew (`lea demands letter --about narrowing`).",
    ),
    "less": ("Er wordt minder verstrekt dan gevorderd.", "Less is given than was asked."),
    "few": (
        "Sinds {at} zijn te weinig beslissers te bereiken; dat houdt niets tegen.",
        "Too few approvers can be reached since {at}; this stops nothing.",
    ),
    "unassessed": ("Niemand heeft de vordering getoetst.", "Nobody assessed the demand."),
    "corrected_since_assessed": (
        "De vordering is verbeterd nadat zij werd getoetst.",
        "The demand was corrected since it was assessed.",
    ),
    "origin": ("Waar zij vandaan komt: {why}", "Where it comes from: {why}"),
    "open": ("open", "open"),
    "settled": ("afgedaan door een mens", "settled by a person"),
    "finding": ("{says}{article} ({ref}, {state})", "{says}{article} ({ref}, {state})"),
    "doubt": ("{source}: {doubt}.", "{source}: {doubt}."),
    "holders_destroyed": (
        "{source}: registraties van voor {until} die zeiden wie wat had, zijn vernietigd op grond "
        "van regel {rule}.",
        "{source}: records from before {until} that told who held what were destroyed under rule "
        "{rule}.",
    ),
    "hands": (
        "Wat onderdeel {n} noemt was in de periode niet steeds van een en dezelfde.",
        "What item {n} names was not in one hand throughout the period.",
    ),
    "hand": ("Onderdeel {n}, {span}: {who}.", "Item {n}, {span}: {who}."),
    "not_before": ("niet voor {at}", "not before {at}"),
    "due": ("uiterlijk {at}", "due {at}"),
    "late": ("te laat vanaf {at}", "late from {at}"),
    "was_decided": ("Hierover is besloten.", "This was decided."),
    "own_key": (
        "Met uw eigen sleutel, op uw eigen machine; niets op deze bladzijde besluit.",
        "With your own key, on your own machine; nothing on this page decides.",
    ),
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language, ``nl`` or ``en``."""

    language: str

    def __call__(self, table: Phrases, key: str, /, **values: object) -> str:
        """Return the words for ``key``; a key that is in no table stands for itself."""
        return phrase(table, key, self.language, **values)

    def code(self, table: Phrases, code: object) -> str:
        """Return the words for a code; empty for none, and its own words for an unknown one."""
        known = str(code) in table
        text = "" if code is None else phrase(table, str(code), self.language)
        return text if known else text.replace("_", " ")

    def codes(self, table: Phrases, codes: Iterable[object]) -> str:
        """Return the words for several codes, with commas between."""
        return join(self.code(table, one) for one in codes)

    def one_of(self, words: tuple[str, str]) -> str:
        """Return that of two texts, Dutch and English, that is in this language."""
        return words[LANGUAGES.index(self.language)]

    def citation(self, text: str) -> str:
        """Return an article as this language cites it."""
        return say_citation(text, cast(Language, self.language))

    def seen_by(self, by: Iterable[str]) -> str:
        """Return who saw something: people, a part of the service, or the register alone."""
        named = [self(SAYINGS, "service") if one.startswith(SYSTEM) else one for one in by]
        return join(named) or self(SAYINGS, "register")

    def moment(self, at: datetime) -> str:
        """Write out when something happened, to the second."""
        return self.instant(at.replace(microsecond=0))

    def instant(self, at: datetime, zone: str = HOME_ZONE.key) -> str:
        """Write an instant that is asked about out, exactly, as the clocks of a zone show it."""
        return say_instant(at.astimezone(ZoneInfo(zone)), cast(Language, self.language))
