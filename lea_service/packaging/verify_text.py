"""Two plain texts in each package: how to verify it, and what its record files look like."""

from __future__ import annotations

from collections.abc import Sequence

from lea_service.kernel.phrases import LANGUAGES
from lea_service.packaging.commands import (
    LOG,
    PROVIDER_CERTIFICATE,
    SIGNED,
    SUMS,
    colon_hex,
    fingerprint_command,
    fingerprints_command,
    verify_command,
    verifying_commands,
)
from lea_service.records.kinds import RecordLayout


def how_to_verify(package_id: str, signer: str) -> bytes:
    """Return HOW-TO-VERIFY.txt; ``signer`` is the fingerprint of the signing certificate."""
    commands = "\n".join(verifying_commands(package_id))
    return f"""HOE U DIT PAKKET CONTROLEERT / HOW TO VERIFY THIS PACKAGE

NL  1. Neem het certificaat van de aanbieder ({PROVIDER_CERTIFICATE}) van een andere weg dan dit
       pakket, en vergelijk de vingerafdruk met die op papier:
EN  1. Take the provider's certificate ({PROVIDER_CERTIFICATE}) from a way other than this package,
       and compare its fingerprint with the one on paper:

{fingerprint_command()}
    {colon_hex(signer)}

NL     Hebt u er meer dan een, omdat de aanbieder van sleutel wisselde, zoek dan in hun map degene
       met die vingerafdruk. Alleen die tekende dit pakket: noem een kopie {PROVIDER_CERTIFICATE}.
EN     Where you hold more than one, since the provider changed its key, look in their folder for
       the one with this fingerprint. It alone signed this package: name a copy
       {PROVIDER_CERTIFICATE}.

{fingerprints_command()}

NL  2. Voer deze opdrachten uit in de map waarin het pakket is geopend. Elke opdracht moet slagen:
       "CAdES Verification successful", tweemaal 1, en OK achter elk bestand.
EN  2. Run these commands in the folder in which the package was opened. Each must succeed:
       "CAdES Verification successful", twice 1, and OK after each file.

{commands}

NL  Wat dit bewijst: de handtekening staat op {SIGNED}, dat de SHA-256 van elk bestand noemt,
    ook van {SUMS} en manifest.json. manifest.json zegt welk plan en besluit dit pakket dragen.
    decision.json bevat de handtekeningen van beide personen. In custody/ staat het uittreksel van
    het logboek met bewijzen; het bewijs van het versleutelde pakket zelf reist ernaast als
    {package_id}.tlog-proof.
EN  What this proves: the signature is over {SIGNED}, which names the SHA-256 of each file, of
    {SUMS} and manifest.json as well. manifest.json says which plan and decision this package rests
    on. decision.json holds the signatures of both people. custody/ holds the excerpt of the log
    with its proofs; the proof of the encrypted package itself travels beside it as
    {package_id}.tlog-proof.

NL  Alles in een keer, ook de inhoud van elke registratie, controleert het programma
EN  All of it at once, each record's content too, is checked by the program

    {verify_command(package_id)}

NL  In de map DIR mogen alle certificaten van de aanbieder staan, elk als *.cert.pem; het programma
    zegt welk daarvan tekende.
EN  The folder DIR may hold every certificate of the provider, each as *.cert.pem; the program says
    which of them signed.

NL  Wat dit pakket alleen niet toont: of van de twee beslissers, of van wie hen toeliet, een
    schorsing, een ingetrokken rol of een andere sleutel is weggelaten; en of een ander plan of een
    intrekking het werk ongedaan maakte voor de overdracht. Dat toont het hele logboek: vraag het
    de aanbieder, of een auditor die het heeft, en voer uit
EN  What this package alone does not show: whether a suspension, a role taken away or another key
    of the two who decided, or of those who let them in, was left out; and whether another plan or a
    withdrawal undid the work before it was handed over. The whole log shows it: ask the provider,
    or an auditor who holds it, and run

    {verify_command(package_id, LOG)}
""".encode()


def legend(layouts: Sequence[RecordLayout]) -> bytes:
    """Return LEGEND.txt: the rules of both renderings and the columns of each record kind."""
    parts = [
        """REGISTRATIES / RECORDS

NL  *.jsonl is het origineel: een JSON-object per regel, kolommen in vaste volgorde, gesorteerd.
    *.csv is ervan afgeleid (RFC 4180, UTF-8, komma, kopregel) en bevat dezelfde waarden:
    - begint een cel met een backslash (\\), haal die ene backslash weg. Hij staat voor teksten die
      een rekenblad als formule zou kunnen lezen (zoals nummers met een plus);
    - een lege cel is "geen waarde" (null). In een kolom die altijd een waarde heeft, is hij een
      lege tekst; elders is een losse backslash een lege tekst.
    Kies bij het inlezen in een rekenblad UTF-8 en voor elke kolom het type tekst.
EN  *.jsonl is the original: one JSON object a line, columns in fixed order, sorted.
    *.csv is derived from it (RFC 4180, UTF-8, comma, header line) and holds the same values:
    - where a cell starts with a backslash (\\), take that one backslash away. It stands before
      texts that a spreadsheet could read as a formula (such as numbers with a plus);
    - an empty cell is "no value" (null). In a column that always has a value it is an empty text;
      elsewhere a lone backslash is an empty text.
    When you read it into a spreadsheet choose UTF-8, and type text for each column.
"""
    ]
    parts += [_describe(layout) for layout in layouts]
    return "\n".join(parts).encode()


def _describe(layout: RecordLayout) -> str:
    lines = [f"{layout.stem}: sorted by {', '.join(layout.order)}"]
    for column in layout.columns:
        perhaps = ", may be null" if column.nullable else ""
        lines.append(f"  {column.name:<20} {column.type}{perhaps}")
        lines += [
            f"      {language.upper()}  {words}"
            for language, words in zip(LANGUAGES, column.about, strict=True)
        ]
    return "\n".join(lines) + "\n"
