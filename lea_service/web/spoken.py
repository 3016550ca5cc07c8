"""What commands print in Dutch or English: the names of fields, yes and no, and sentences of ours.

In English a field is called as the answer of the service calls it; in Dutch by the table below,
whatever command shows it. Codes stay as they are where no words are given for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lea_service.kernel.phrases import DUTCH, LANGUAGES, VALUES, Phrases, phrase
from lea_service.kernel.printable import list_members
from lea_service.web.output import facts, table

NAMES: Mapping[str, str] = {
    "account": "account",
    "addressee": "geadresseerde",
    "agency": "instantie",
    "agreed in": "afgesproken in",
    "answer": "antwoord",
    "approval": "voorstel",
    "asked about": "gevraagd",
    "assessed_at": "beoordeeld op",
    "assessed_by": "beoordeeld door",
    "assessment": "beoordeling",
    "capacity": "hoedanigheid",
    "categories": "gegevens",
    "bytes": "bytes",
    "cause": "oorzaak",
    "certificate": "certificaat",
    "paper": "papier",
    "channel": "kanaal",
    "claimed by": "ingeroepen door",
    "claimed_by": "ingeroepen door",
    "code": "code",
    "columns": "kolommen",
    "compared with": "vergeleken met",
    "compiled under": "gemaakt onder",
    "contact": "contactpersoon",
    "country": "land",
    "current": "geldt",
    "cutoff": "grens",
    "days": "dagen",
    "demand": "vordering",
    "destroyed": "vernietigd",
    "digest": "digest",
    "due_at": "gewenst voor",
    "elapsed_minutes": "minuten sinds de ontvangst",
    "email": "e-mail",
    "emergency": "noodgeval",
    "enforcing_authority": "tenuitvoerleggingsautoriteit",
    "explanation": "toelichting",
    "file": "bestand",
    "fingerprint": "vingerafdruk",
    "form": "vorm",
    "found_by_way": "gevonden langs",
    "from": "vanaf",
    "function": "functie",
    "given on": "gegeven op",
    "ground": "grond",
    "halted because": "stilgevallen omdat",
    "has_produced": "al verstrekt",
    "held by": "gehouden door",
    "holder": "houder",
    "holders of": "houders van onderdeel",
    "holds": "tegengehouden door",
    "id": "id",
    "in words": "in woorden",
    "is suspect": "gericht aan de verdachte",
    "is_current": "geldt",
    "is_late": "kwam te laat",
    "is_replay": "was er al",
    "is_suspended": "geschorst",
    "issuing_person": "uitvaardigende persoon",
    "issuing_role": "rol",
    "job": "taak",
    "judicial_authorisation": "machtiging",
    "kind": "soort",
    "lane": "baan",
    "late": "te laat",
    "legal_basis": "grondslag",
    "looked at": "bekeken",
    "mailbox": "postbus",
    "manifest_digest": "digest van het manifest",
    "members": "leden",
    "n": "nr",
    "name": "naam",
    "no": "nee",
    "needs a new decision": "vraagt een nieuw besluit",
    "none": "geen",
    "not given": "niet verstrekt",
    "not held": "niet aanwezig",
    "not searched": "niet doorzocht",
    "not_after": "geldt tot",
    "not_before": "geldt vanaf",
    "not_compared": "niet vergeleken",
    "note": "notitie",
    "number": "nummer",
    "objections": "bezwaren",
    "of": "van de",
    "offence": "strafbaar feit",
    "officer": "functionaris",
    "opened_at": "geopend op",
    "order": "document",
    "order_date": "datum van de vordering",
    "other parties": "andere partijen",
    "other_holders": "andere houders",
    "outcome": "uitkomst",
    "oversees": "houdt toezicht",
    "past term": "over de termijn",
    "past their term, still held": "over de termijn en er nog",
    "past_term": "over de termijn",
    "plan": "plan",
    "preservation": "bewaring",
    "processor ground": "waarom de verwerker",
    "proposed_at": "voorgesteld op",
    "proposed_by": "voorgesteld door",
    "prosecution": "openbaar ministerie",
    "protection": "bescherming",
    "reason": "reden",
    "reasons": "redenen",
    "receivers": "ontvangers",
    "received_at": "ontvangen op",
    "recorded_at": "vastgelegd op",
    "ref": "id",
    "reference": "kenmerk",
    "references": "kenmerken",
    "report_by": "uiterlijk te melden",
    "reviewed_on": "nagezien op",
    "revocation_ground": "grond van de intrekking",
    "revoked_at": "ingetrokken op",
    "roles": "rollen",
    "rows_each": "registraties per deel hoogstens",
    "rows_together": "registraties samen hoogstens",
    "rows": "registraties",
    "rows a second": "registraties per seconde",
    "rows done": "registraties gedaan",
    "rows in the result": "registraties in het resultaat",
    "rule": "regel",
    "run": "uitvoering",
    "sealed_at": "verzegeld op",
    "sha256": "sha256",
    "since": "sinds",
    "size": "grootte",
    "source": "bron",
    "state": "stand",
    "states": "vermeldt",
    "subject": "over",
    "system": "systeem",
    "target": "doelwit",
    "until just before": "tot vlak voor",
    "validating_authority": "validerende autoriteit",
    "value": "waarde",
    "version": "versie",
    "wanted_by": "gewenst voor",
    "which means": "dat wil zeggen",
    "why": "waarom",
    "yes": "ja",
    "your key": "uw sleutel",
    "category": "gegevens",
    "keep_from": "verstrekt vanaf",
    "keep_until": "verstrekt tot",
    "clarification": "vraag aan de autoriteit",
    "findings": "bevindingen",
    "settled": "afgedaan",
    "narrowed_by": "beperkt door",
    "narrowed_at": "beperkt op",
    "told_at": "verteld op",
    "item": "onderdeel",
    "to": "verwezen naar",
    "referred_by": "verwezen door",
    "referred_at": "verwezen op",
    "reach": "bereikbaar",
    "asked_at": "gevraagd op",
    "answer by": "antwoord voor",
    "answered_at": "geantwoord op",
    "away_from": "afwezig vanaf",
    "away_until": "afwezig tot",
    "count": "aantal",
    "raised_at": "gewaarschuwd op",
    "settled_at": "afgedaan op",
    "settled_by": "afgedaan door",
    "clock": "termijn",
    "due": "uiterlijk",
    "seconds_left": "seconden over",
    "called_by": "gebeld door",
    "called_at": "gebeld op",
    "spoke_to": "gesproken met",
    "code_word": "codewoord",
    "approved_by": "goedgekeurd door",
    "record_version": "versie van de vordering",
    "require": "altijd nodig",
    "any of": "een van deze",
    "hold on": "houdt tegen",
    "anchors": "uitgevers die tellen",
    "valid_until": "geldt tot en met",
    "bases": "grondslagen",
    "incomplete": "onvolledig",
    "own": "eigen grondslagen",
    "needs_deciders": "beslissers nodig",
    "endorsed_by": "ingestemd door",
    "decided_by": "besloten door",
    "decided_at": "besloten op",
    "beneficiary": "ten gunste van",
    "told": "toelichting op het besluit",
    "standing": "stand",
    "package": "pakket",
    "pick_up_by": "ophalen voor",
    "receipt_at": "ontvangstbewijs op",
    "is_open": "op te halen",
    "available_at": "klaargelegd op",
    "fetched": "keer opgehaald",
    "person": "persoon",
    "granted_at": "toegekend op",
    "expires_at": "verloopt op",
    "claimed_at": "geclaimd op",
    "is_accepted": "aanvaard",
    "is_repeat": "was er al",
    "receipt": "ontvangstbewijs",
    "erased_at": "gewist op",
    "token": "token",
    "key_ended": "sleutel beëindigd",
    "login": "inlognaam",
    "counts": "telt nu",
    "cleared_until": "gescreend tot en met",
    "key": "sleutel",
    "engaged as": "werkt hier als",
    "until": "tot",
    "label": "naam van het token",
    "created_at": "gemaakt op",
    "zone": "tijdzone",
    "region": "land",
    "declared_by": "aangemeld door",
    "declared_at": "aangemeld op",
    "started_at": "begonnen op",
    "started_by": "begonnen door",
    "begun_at": "begonnen op",
    "finished_at": "klaar op",
    "lines": "regels",
    "added": "toegevoegd",
    "known": "al bekend",
    "rejected": "opzij gelegd",
    "field": "veld",
    "line": "regel",
    "text": "tekst",
    "completed": "aangevuld",
    "left_out": "weggelaten",
    "flagged": "gemerkt",
    "column": "kolom",
    "type": "type",
    "length": "lengte",
    "pattern": "patroon",
    "detail": "toelichting",
    "first": "eerste",
    "last": "laatste",
    "watermark": "gelezen tot",
    "watermark_from": "gelezen vanaf",
    "watermark_to": "gelezen tot",
    "read_at": "gelezen op",
    "batches": "delen",
    "part": "deel",
    "place": "plaats",
    "can_be_pulled": "kan worden gelezen",
    "can_write": "mag schrijven",
    "is_whole": "geheel",
}
"""What each field is called in Dutch."""

NAMED = "_name"
"""Behind who did something in an answer: what they are called."""


def name_people(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a thing in which whoever did something stands by name, where the answer has it."""
    return {
        name: found.get(f"{name}{NAMED}") or value
        for name, value in found.items()
        if not name.endswith(f"_by{NAMED}")
    }


class Spoken:
    """Says in ``language`` (``nl`` or ``en``): fields by their names, ``sayings`` by their keys.

    ``codes`` has by field the words for its codes, which a Dutch answer has in place of them.
    """

    def __init__(
        self,
        language: str,
        sayings: Phrases | None = None,
        codes: Mapping[str, Phrases] | None = None,
    ) -> None:
        self.language = language
        self._sayings = sayings or {}
        self._codes = codes or {}

    def say(self, key: str, /, **values: object) -> str:
        """Return a sentence of ours."""
        return phrase(self._sayings, key, self.language, **values)

    def name(self, field: str) -> str:
        """Return what a field is called."""
        return NAMES.get(field, field) if self.language == DUTCH else field

    def facts(self, value: Mapping[str, Any]) -> str:
        """Lay out one thing as ``name  value`` lines."""
        told = name_people(value)
        return facts({self.name(name): self.value(name, inner) for name, inner in told.items()})

    def told(self, value: Mapping[str, Any], coded: str) -> str:
        """Lay out one thing that says in both languages what its code under ``coded`` means."""
        plain = {name: inner for name, inner in value.items() if name not in LANGUAGES}
        return self.facts({**plain, coded: value[self.language]})

    def table(
        self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, is_whole: bool = False
    ) -> str:
        """Lay out rows under the named columns."""
        named = {self.name(one): one for one in columns}
        said = [
            {shown: self.value(name, row.get(name)) for shown, name in named.items()}
            for row in map(name_people, rows)
        ]
        return table(said, [*named], is_whole=is_whole)

    def value(self, field: str, value: Any) -> Any:
        """Return a value of a field, its code in words and yes and no as the language has them."""
        if self.language != DUTCH:
            return value
        if isinstance(value, bool):
            return phrase(VALUES, str(value), DUTCH)
        if isinstance(value, list):
            return [self.value(field, one) for one in value]
        known = self._codes.get(field, {})
        return phrase(known, value, DUTCH) if isinstance(value, str) else value

    def named(self, value: Any) -> Iterator[tuple[str, str]]:
        """Yield each plain value within one, and what it is called."""
        return list_members(value, call=self._member)

    def _member(self, name: str) -> str:
        spaced = name.replace("_", " ")
        return NAMES.get(name, self.name(spaced)) if self.language == DUTCH else spaced
