"""The words for what becomes of records past their term, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases

ACTIONS: Phrases = {
    "destroy": ("vernietigen", "destroy"),
    "anonymise": ("anoniem maken", "make anonymous"),
}

KINDS: Phrases = {
    "call": ("oproepgegevens", "call records"),
    "usage": ("gebruiksgegevens", "usage records"),
    "subscriber": ("abonneegegevens", "subscriber records"),
}

UNITS: Phrases = {"months": ("maanden", "months"), "days": ("dagen", "days")}

CERTIFICATE: Phrases = {
    "title": ("Verklaring van vernietiging {id}", "Certificate of destruction {id}"),
    "records": ("Gegevens: {kind} van bron {source}.", "Records: {kind} of source {source}."),
    "rule": (
        "Bewaarregel {code}: {term} {unit}, voor {purpose}.",
        "Retention rule {code}: {term} {unit}, for {purpose}.",
    ),
    "ground": ("Grond: {ground} ({article}).", "Ground: {ground} ({article})."),
    "taken": (
        "Records waarvan de termijn afliep voor wat van {reach} is: {rows} ({action}).",
        "Records whose term ended before that of {reach}: {rows} ({action}).",
    ),
    "rejects": (
        "Regels die niet gelezen konden worden en even lang bewaard zijn: {rejects}, vernietigd.",
        "Lines that could not be read and were kept as long: {rejects}, destroyed.",
    ),
    "late": (
        "Toen zij begon waren er meer dan zeven dagen te laat: {late}. Dat is als incident "
        "vastgelegd.",
        "When it began more than seven days late were: {late}. That is entered as an incident.",
    ),
    "kept": (
        "Voor elk deel is nagegaan wat een bewaringsbevel of een goedgekeurd plan nodig had. "
        "Daarom bleven staan: {kept}.",
        "Before each part it was looked up what an order to preserve or an approved plan needed. "
        "For these stayed: {kept}.",
    ),
    "none_kept": (
        "Voor elk deel is nagegaan wat een bewaringsbevel of een goedgekeurd plan nodig had. Van "
        "voor dat ogenblik bleef niets staan; wat van later is bleef buiten deze vernietiging.",
        "Before each part it was looked up what an order to preserve or an approved plan needed. "
        "Of before that instant nothing stayed; what is later was no part of this destruction.",
    ),
    "when": ("Begonnen {begun}, klaar {done}.", "Begun {begun}, done {done}."),
    "copies": (
        "Reservekopieën van ervoor bevatten ze nog, uiterlijk tot {until}.",
        "Backups of before still hold them, until {until} at the latest.",
    ),
    "no_copies": (
        "Geen reservekopie van deze dienst bevat ze nog.",
        "No backup of this service holds them any more.",
    ),
    "log": (
        "In het logboek {origin} staat dit in de posten {places}; het bewijs is een tlog-proof.",
        "In the log {origin} this stands in the entries {places}; the proof is a tlog-proof.",
    ),
    "beyond": (
        "Dit gaat over wat deze dienst had. Over het systeem waar de gegevens vandaan kwamen, en "
        "over wat aan anderen is gegeven, zegt het niets.",
        "This is about what this service had. Of the system that the records came from, and of "
        "what was given to others, it says nothing.",
    ),
}
