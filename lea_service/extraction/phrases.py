"""The words for what a plan and its answer hold, Dutch and English."""

from __future__ import annotations

from collections.abc import Sequence

from lea_service.kernel.phrases import Phrases, phrase

DOUBTS: Phrases = {
    "set-aside": (
        "niet vergeleken: {count} regels van deze bron die niet leesbaar zijn en apart bewaard",
        "not compared: {count} lines of this source that cannot be read and are kept aside",
    ),
    "lost-lines": (
        "niet vergeleken: {count} regels van deze bron die verloren gingen toen een oudere kopie "
        "van de opslag werd teruggezet, en nog niet opnieuw zijn ingelezen",
        "not compared: {count} lines of this source that were lost when an older copy of the store "
        "was put back, and were not brought in again yet",
    ),
    "unread-gap": (
        "niet bekend: {count} maal sloot de tabel van deze bron niet aan op wat eruit gelezen was; "
        "regels die intussen zijn geschreven, kunnen ontbreken",
        "not known: {count} times the table of this source did not go on from what had been read "
        "of it; lines that were written in between may be missing",
    ),
    "changed-lines": (
        "in twijfel: {count} regels zijn in deze bron gewijzigd of verwijderd nadat zij waren "
        "gelezen; van een gewijzigde kunnen beide lezingen zijn verstrekt",
        "in doubt: {count} lines of this source were changed or taken out after they had been "
        "read; of one that was changed both versions may be delivered",
    ),
    "unmarked-rows": (
        "niet gelezen: {count} regels van deze bron hebben geen waarde in de kolom waarlangs zij "
        "gelezen wordt",
        "not read: {count} lines of this source have no value in the column by which it is read",
    ),
    "came-late": (
        "misschien niet verstrekt: {count} registraties uit de tijd van eerdere delen, die "
        "binnenkwamen of veranderden toen die werden opgehaald, of daarna",
        "maybe not delivered: {count} records from the time of earlier instalments, which came in "
        "or changed when those were extracted, or afterwards",
    ),
    "not-e164": (
        "niet vergeleken: {count} registraties in de periode met een partij die geen "
        "telefoonnummer is, zoals een intern toestel",
        "not compared: {count} records in the period with a party that is no telephone number, "
        "such as an extension",
    ),
    "odd-sip-uri": (
        "niet vergeleken: {count} registraties in de periode met een onleesbaar SIP-adres",
        "not compared: {count} records in the period with a SIP address that cannot be read",
    ),
    "other-port": (
        "niet verstrekt: {count} registraties in de periode van dezelfde gebruiker en host als het "
        "gevraagde SIP-adres, maar op een andere poort",
        "not delivered: {count} records in the period of the same user and host as the SIP address "
        "asked for, but on another port",
    ),
    "other-extension": (
        "niet verstrekt: {count} registraties in de periode van hetzelfde nummer en dezelfde host "
        "als het gevraagde SIP-adres, maar met een doorkiesnummer of subadres dat daarin niet "
        "staat, of zonder dat wat er wel in staat",
        "not delivered: {count} records in the period of the same number and host as the SIP "
        "address asked for, but with an extension or subaddress that it does not have, or without "
        "the one that it has",
    ),
    "no-host": (
        "niet vergeleken: {count} gesprekken in de periode met een partij waarvan deze bron geen "
        "host vermeldt; zij is met geen SIP-adres te vergelijken",
        "not compared: {count} calls in the period with a party whose host this source does not "
        "tell; it cannot be compared with a SIP address",
    ),
    "odd-email": (
        "niet vergeleken: {count} registraties in de periode met een onleesbaar e-mailadres",
        "not compared: {count} records in the period with an e-mail address that cannot be read",
    ),
    "odd-address": (
        "niet vergeleken: {count} registraties in de periode met een onleesbaar IP-adres",
        "not compared: {count} records in the period with an IP address that cannot be read",
    ),
    "odd-imei": (
        "niet vergeleken: {count} registraties in de periode met een IMEI waarvan het "
        "controlecijfer niet klopt",
        "not compared: {count} records in the period with an IMEI whose check digit does not fit",
    ),
    "odd-imsi": (
        "niet vergeleken: {count} registraties in de periode met een onleesbare IMSI",
        "not compared: {count} records in the period with an IMSI that cannot be read",
    ),
    "odd-iccid": (
        "niet vergeleken: {count} registraties in de periode met een simkaartnummer waarvan het "
        "controlecijfer niet klopt",
        "not compared: {count} records in the period with the number of a SIM card whose check "
        "digit does not fit",
    ),
    "odd-mac": (
        "niet vergeleken: {count} registraties in de periode met een onleesbaar MAC-adres",
        "not compared: {count} records in the period with a MAC address that cannot be read",
    ),
    "odd-port": (
        "niet vergeleken: {count} sessies in de periode van het gevraagde IP-adres met een "
        "poortnummer dat niet bestaat",
        "not compared: {count} sessions in the period of the IP address asked for with a port "
        "number that does not exist",
    ),
    "ambiguous-time-given": (
        "verstrekt, met twijfel: {count} registraties uit het uur dat de klok tweemaal aanwees; "
        "gelezen als het eerste, en als het tweede liggen zij na de gevraagde periode (kenmerk "
        "ambiguous-time)",
        "delivered, in doubt: {count} records of the hour that the clock showed twice; read as the "
        "first one, and by the second one they lie after the period asked for (flag "
        "ambiguous-time)",
    ),
    "ambiguous-holder": (
        "verstrekt, met twijfel over de houder: {count} registraties uit het uur dat de klok "
        "tweemaal aanwees; gelezen als het eerste, en als het tweede liggen zij na de wisseling "
        "van houder (kenmerk ambiguous-time)",
        "delivered, in doubt of the holder: {count} records of the hour that the clock showed "
        "twice; read as the first one, and by the second one they lie after the change of holder "
        "(flag ambiguous-time)",
    ),
    "ambiguous-change": (
        "in twijfel: {count} registraties van een houder die beginnen of eindigen in het uur dat "
        "de klok tweemaal aanwees; gelezen als het eerste, en de wisseling kan een uur later zijn "
        "geweest",
        "in doubt: {count} records of a holder that begin or end in the hour that the clock showed "
        "twice; read as the first one, and the change may have been an hour later",
    ),
    "end-before-begin": (
        "in twijfel: {count} registraties van een houder die eindigen voor zij beginnen; geteld "
        "alsof zij niet eindigen",
        "in doubt: {count} records of a holder that end before they begin; counted as if they did "
        "not end",
    ),
    "open-beyond-source": (
        "in twijfel: {count} registraties zonder einde, uit een bron die niets vermeldt van zo "
        "laat als het einde van wat is gevraagd; of zij daarvoor eindigden is niet bekend",
        "in doubt: {count} records without an end, of a source that tells of nothing as late as "
        "the end of what is asked; whether they ended before it is not known",
    ),
    "past-term-used": (
        "over hun bewaartermijn en nog niet vernietigd: {count} registraties van een houder, "
        "alleen gebruikt op de grond in plan.json",
        "past their term and not destroyed yet: {count} records of a holder, used on the ground in "
        "plan.json alone",
    ),
    "other-since": (
        "in twijfel: {count} sessies zonder einde van een IP-adres dat na hun begin, en voor het "
        "gevraagde, een ander had; waarschijnlijk is hun einde niet vastgelegd",
        "in doubt: {count} sessions without an end of an IP address that somebody else had after "
        "they began and before what is asked; most likely their end was not recorded",
    ),
    "several-at-instant": (
        "in twijfel: {count} sessies van een IP-adres dat op het gevraagde moment volgens de "
        "bronnen verschillende klanten hadden",
        "in doubt: {count} sessions of an IP address that by the sources several customers had at "
        "the moment asked for",
    ),
    "edge-second": (
        "niet verstrekt: {count} sessies van het gevraagde IP-adres die eindigen of beginnen in de "
        "gevraagde seconde zelf; wie het op dat moment had, kan ook een van die klanten zijn",
        "not delivered: {count} sessions of the IP address asked for that end or begin in the very "
        "second asked for; who had it at that moment may be one of those customers",
    ),
    "port-not-kept": (
        "in twijfel: {count} sessies van het gevraagde IP-adres, waarvan de poort niet is "
        "vergeleken: deze bron houdt geen poorten bij",
        "in doubt: {count} sessions of the IP address asked for of which the port was not "
        "compared: this source keeps no ports",
    ),
    "ambiguous-time": (
        "niet verstrekt: {count} registraties uit het uur dat de klok tweemaal aanwees; "
        "gelezen als het eerste, vallen zij vlak voor de periode",
        "not delivered: {count} records of the hour that the clock showed twice; read as the first "
        "one, they lie just before the period",
    ),
}
"""Why something that may belong to an answer was not compared with the demand."""

HANDS: Phrases = {
    "nobody": ("bij niemand bekend", "nobody known to hold it"),
    "one": ("houder {numbers}", "holder {numbers}"),
    "several": ("houders {numbers} tegelijk", "holders {numbers} at once"),
}
"""Who held something in a part of a period, without names."""


def say_holders(holders: Sequence[int], language: str) -> str:
    """Return who held something, by their numbers."""
    key = "nobody" if not holders else "one" if len(holders) == 1 else "several"
    return phrase(HANDS, key, language, numbers=", ".join(map(str, holders)))


ONE_MORE: Phrases = {
    "bulk": ("de vordering raakt velen tegelijk", "the demand is about many at once"),
    "unconfirmed_before": (
        "een eerdere opdracht van deze functionaris is niet op tijd bevestigd",
        "an earlier order of this officer was not confirmed in time",
    ),
    "young_key": (
        "een sleutel van een ontvanger is hier nog geen 24 uur bekend",
        "a key of a receiver has been known here for less than 24 hours",
    ),
    "quota": (
        "er kwamen vandaag meer noodgevallen dan gewoon is",
        "more emergencies came today than is usual",
    ),
}
"""Why one more person has to agree to a plan."""

RECORD_KINDS: Phrases = {
    "call": ("gesprek", "call"),
    "usage": ("gebruikssessie", "usage session"),
    "subscriber": ("abonnee", "subscriber"),
}

INSTALMENTS: Phrases = {
    "given": ("verstrekt", "given"),
    "at_work": ("in bewerking", "at work"),
    "due": ("voorbij, en nog niet verstrekt", "past, and not given yet"),
    "ahead": ("nog niet voorbij", "ahead"),
    "dropped": ("vervallen", "dropped"),
}
"""How far an instalment of what was to come is."""

RHYTHMS: Phrases = {
    "daily": ("elke dag", "every day"),
    "weekly": ("elke week", "every week"),
    "at_the_end": ("aan het einde", "at the end"),
}
"""How often something of what is still to come is handed over."""

HALTS: Phrases = {
    "certificate_changed": (
        "een certificaat van een ontvanger geldt niet meer",
        "a certificate of a receiver counts no longer",
    ),
    "decision_invalid": ("het besluit klopt niet meer", "the decision does not hold any more"),
    "failed": ("het werk mislukte", "the work failed"),
    "holder_changed": (
        "waarnaar wordt gevraagd, was in andere handen dan waarover is besloten",
        "what is asked about was in other hands than was decided on",
    ),
    "on_hold": ("de vordering wordt tegengehouden", "the demand is held"),
    "over_bounds": (
        "er zijn meer registraties dan waarover is besloten",
        "there are more rows than was decided on",
    ),
    "package_damaged": ("het pakket is beschadigd", "the package is damaged"),
    "past_term_held": (
        "er zijn registraties die over hun termijn zijn en er nog staan",
        "rows past their term are still there",
    ),
    "plan_superseded": ("een ander plan kwam ervoor in de plaats", "another plan replaced it"),
    "rules_changed": (
        "het plan is onder andere regels gemaakt",
        "the plan was made under other rules",
    ),
    "scope_violation": (
        "er is iets opgehaald dat niet in het plan staat, of niet alles",
        "something was extracted that the plan does not have, or not all of it",
    ),
    "shortened": (
        "de autoriteit liet haar vordering eerder eindigen",
        "its authority ended the order earlier",
    ),
    "source_behind": (
        "een bron is nog niet zover als het deel loopt",
        "a source has not come as far as the instalment goes",
    ),
    "sources_changed": (
        "sinds het besluit is een bron aangemeld of veranderd",
        "a source was declared or changed since the decision",
    ),
    "stopped": (
        "iemand hield tegen wat klaar lag; twee mensen beslissen hoe het verdergaat",
        "somebody held back what was ready; two people decide how it goes on",
    ),
}
"""Why the work on a demand stopped."""

ITEM_OUTCOMES: Phrases = {
    "delivered": ("verstrekt", "delivered"),
    "nothing_found": ("niets aangetroffen", "nothing found"),
    "destroyed": ("vernietigd", "destroyed"),
    "not_held": ("niet aanwezig", "not held"),
    "not_searched": ("niet doorzocht", "not searched"),
    "other_instalment": ("in een ander deel", "in another instalment"),
}
"""How one item of a demand ended."""
