"""The words of letters, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases

OUTCOMES: Phrases = {
    "delivered": (
        "Verstrekt: {rows} registraties in dit pakket.",
        "Delivered: {rows} records in this package.",
    ),
    "nothing_found": (
        "Niets aangetroffen. In de doorzochte bronnen is daarover geen registratie.",
        "Nothing found. The sources that were searched hold no record of it.",
    ),
    "not_searched": (
        "Niet doorzocht. Op zo'n gegeven kan in geen bron worden gezocht.",
        "Not searched. No source can be searched for such a target.",
    ),
    "other_instalment": (
        "Niet in dit deel. Wat hierover wordt gevraagd, ligt in een andere tijd dan dit deel.",
        "Not in this instalment. What is asked of it lies in another time than this one.",
    ),
    "destroyed": (
        "Vernietigd. Daarvan is niets meer aanwezig.",
        "Destroyed. Nothing is left of it.",
    ),
    "not_held": (
        "Niet aanwezig. Gegevens van deze soort worden niet vastgelegd, of niet bij zo'n gegeven.",
        "Not held. Data of this kind are not recorded, or not with such a target.",
    ),
    "not_held_there": (
        "Niet aanwezig in bron {source}. Andere bronnen zijn niet bevraagd.",
        "Not held in source {source}. No other source was asked.",
    ),
}

LETTER: Phrases = {
    "subject": ("Antwoord op uw vordering", "Answer to your demand"),
    "from": ("Van", "From"),
    "to": ("Aan", "To"),
    "date": ("Datum", "Date"),
    "reference": ("Uw kenmerk", "Your reference"),
    "ours": ("Ons kenmerk", "Our reference"),
    "kept": ("Bewaard onder", "Kept under"),
    "package": ("Pakket", "Package"),
    "basis": ("Grondslag", "Legal basis"),
    "order": (
        "Vordering van {date}, {role}; ontvangen {received}",
        "Demand of {date}, {role}; received {received}",
    ),
    "instalment": ("Dit deel", "This instalment"),
    "instalment_is": (
        "Deel {n} van {of}: van {start} tot {end}.",
        "Instalment {n} of {of}: from {start} until {end}.",
    ),
    "instalment_twice": (
        "Een gesprek staat in het deel waarin het begon. Een sessie of abonnement dat over meer "
        "delen loopt, staat in elk daarvan onder dezelfde bron en hetzelfde nummer (row_id): tel "
        "het eenmaal.",
        "A call is in the instalment in which it began. A session or subscription that spans "
        "several is in each of them under the same source and row_id: count it once.",
    ),
    "asked": ("Gevraagd en geantwoord", "Asked and answered"),
    "item": ("Onderdeel {n}", "Item {n}"),
    "not_given": ("Gevraagd en niet verstrekt", "Asked and not given"),
    "without": ("Niet verstrekt: {names}.", "Not given: {names}."),
    "without_all": ("Niet verstrekt: dit onderdeel.", "Not given: this item."),
    "without_before": (
        "Niet verstrekt: wat voor {moment} ligt.",
        "Not given: what lies before {moment}.",
    ),
    "without_from": (
        "Niet verstrekt: wat op of na {moment} ligt.",
        "Not given: what lies at or after {moment}.",
    ),
    "of_source": ("{target} van bron {source}", "{target} of source {source}"),
    "with_port": ("{target}, poort {port}", "{target}, port {port}"),
    "moment": ("op {at} ({zone})", "at {at} ({zone})"),
    "period": ("van {start} tot {end} ({zone})", "from {start} until {end} ({zone})"),
    "held": (
        "Dit was in de periode niet steeds van een en dezelfde. Per houder:",
        "This was not in one hand throughout the period. Per holder:",
    ),
    "held_there": (
        "van onderdeel {n} achtereenvolgens per houder: {rows}",
        "of item {n}, per holder one after the other: {rows}",
    ),
    "held_by": (
        "van {start} tot {end}, {who}: {rows} registraties",
        "from {start} until {end}, {who}: {rows} records",
    ),
    "not_held": (
        "Niet aanwezig: {names}. Dat wordt niet vastgelegd, of niet bij zo'n gegeven.",
        "Not held: {names}. That is not recorded, or not with such a target.",
    ),
    "not_searched": (
        "Niet doorzocht: {sources}. Wat daar van het gevraagde is, is niet bekend, want op zo'n "
        "gegeven kan daar niet worden gezocht.",
        "Not searched: {sources}. What is there of it is not known, since it cannot be searched "
        "for such a target.",
    ),
    "not_searched_there": (
        "Niet doorzocht voor onderdeel {items}: op zo'n gegeven kan in deze bron niet worden "
        "gezocht.",
        "Not searched for item {items}: this source cannot be searched for such a target.",
    ),
    "not_held_there": (
        "Niet aanwezig in bron {source}: {names}.",
        "Not held in source {source}: {names}.",
    ),
    "destroyed": (
        "In bron {source} zijn registraties van voor {until} na het einde van hun bewaartermijn "
        "vernietigd of anoniem gemaakt op grond van regel {rule}.",
        "In source {source} records from before {until} were destroyed or made anonymous under "
        "rule {rule} when their term had ended.",
    ),
    "lost": (
        "Of daar over dit gegeven iets bij was, valt niet meer te zeggen.",
        "Whether any of those were of this target can no longer be said.",
    ),
    "term": (
        "bewaartermijn (regel {rule}): voorbij voor wat begon voor {moment}",
        "term (rule {rule}): over for what began before {moment}",
    ),
    "term_ended": (
        "bewaartermijn (regel {rule}): voorbij voor wat eindigde voor {moment}",
        "term (rule {rule}): over for what ended before {moment}",
    ),
    "holding": ("Bronnen die zeggen wie wat had", "Sources that tell who held what"),
    "holders_of": ("van onderdeel {items}", "of item {items}"),
    "holders_lost": (
        "Wie in die tijd de houder was, is in die bron niet meer te zien.",
        "Who was the holder at that time can no longer be seen in that source.",
    ),
    "coverage": ("Dekking per bron", "Coverage of each source"),
    "covers": ("bevat {start} tot {end}", "holds {start} until {end}"),
    "counts": (
        "gelezen {read}, verstrekt {delivered}, weggelaten {withheld}",
        "read {read}, delivered {delivered}, withheld {withheld}",
    ),
    "clock": (
        "klok van de databaseserver: {ms} ms voor (negatief: achter), op {to_ms} ms na, op "
        "{moment}",
        "clock of the database's server: {ms} ms ahead (negative: behind), to {to_ms} ms, at "
        "{moment}",
    ),
    "clock_most": (
        "grootste afwijking: {ms} ms, op {to_ms} ms na, op {moment}",
        "largest deviation: {ms} ms, to {to_ms} ms, at {moment}",
    ),
    "clock_how": (
        "gemeten bij elke lezing, tussen twee aflezingen van onze klok",
        "measured with each reading, between two readings of our clock",
    ),
    "clock_unknown": (
        "afwijking van de klok: niet gemeten",
        "deviation of the clock: not measured",
    ),
    "gap": (
        "wat is geschreven tussen {start} en {end} kan ontbreken",
        "what was written between {start} and {end} may be missing",
    ),
    "withheld": ("weggelaten onder regel {rule}: {count}", "withheld under rule {rule}: {count}"),
    "past_term": (
        "{rows} registraties zijn verstrekt hoewel hun bewaartermijn voorbij was en zij nog niet "
        "waren vernietigd. Twee personen hebben daartoe besloten op de grond: {ground}.",
        "{rows} records were handed over although their term had ended and they had not been "
        "destroyed yet. Two people decided so on the ground: {ground}.",
    ),
    "none": ("geen", "none"),
    "unknown": ("onbekend", "unknown"),
    "files": ("Bestanden met registraties", "Files with records"),
    "rows": ("{rows} registraties", "{rows} records"),
    "receivers": ("Versleuteld voor", "Encrypted to"),
    "open": ("Openen", "To open"),
    "verify": ("Controleren", "To verify"),
    "exact": (
        "Dit pakket bevat precies wat is gevorderd en besloten, niet meer. Het besluit met beide "
        "handtekeningen staat in decision.json, het plan in plan.json.",
        "This package holds exactly what was demanded and decided, not more. The decision with "
        "both signatures is in decision.json, the plan in plan.json.",
    ),
    "alone": (
        "Dit pakket alleen toont niet of van de twee beslissers een schorsing, een ingetrokken rol "
        "of een andere sleutel is weggelaten, en niet of een ander plan of een intrekking het werk "
        "ongedaan maakte voor de overdracht. Dat toont het hele logboek: vraag het ons, of een "
        "auditor die het heeft, en voer uit:",
        "This package alone does not show whether a suspension, a role taken away or another key "
        "of the two who decided was left out, nor whether another plan or a withdrawal undid the "
        "work before it was handed over. The whole log shows it: ask us, or an auditor who holds "
        "it, and run:",
    ),
    "receipt": (
        "Wilt u de code in RECEIPT.txt als ontvangstbevestiging insturen, met uw eigen token in "
        "LEA_TOKEN en het adres waar u het pakket ophaalde in LEA_URL: met de eerste opdracht, of "
        "zonder ons programma met de tweede.",
        "Please send the code in RECEIPT.txt as your receipt, with your own token in LEA_TOKEN and "
        "the address where you fetched the package in LEA_URL: by the first command, or without "
        "our program by the second.",
    ),
    "contact": ("Vragen", "Questions"),
}

VERIFIED: Phrases = {
    "good": ("GOED", "GOOD"),
    "damaged": ("BESCHADIGD", "DAMAGED"),
    "cannot tell": ("NIET TE ZEGGEN", "CANNOT TELL"),
    "package": ("pakket", "package"),
    "unknown": ("onbekend", "unknown"),
    "row": ("registratie", "row"),
    "rows": ("registraties", "rows"),
    "problem": ("probleem", "problem"),
    "doubt": ("twijfel", "doubt"),
    "open": ("open", "open"),
    "ok": ("in orde", "ok"),
}
"""What a verification says of a package."""
