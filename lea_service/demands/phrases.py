"""The words for what a demand holds, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases

CATEGORIES: Phrases = {
    "subscriber_identity": ("naam en adres van de gebruiker", "name and address of the user"),
    "number_and_service": ("nummer en soort dienst", "number and kind of service"),
    "traffic_call_records": ("verkeersgegevens van gesprekken", "call records"),
    "usage_sessions": ("gebruikssessies", "usage sessions"),
    "ip_identification": ("gebruiker van een IP-adres", "user of an IP address"),
    "location": ("locatie (cel)", "location (cell)"),
    "device_identifiers": ("toestelgegevens", "device identifiers"),
    "billing_payment": ("facturering en betaling", "billing and payment"),
    "content_stored": ("opgeslagen inhoud", "stored content"),
    "identifying_admin": ("identificerende administratie", "identifying administration"),
    "sensitive": ("gevoelige gegevens", "sensitive data"),
    "bulk_dataset": ("gegevensbestand", "bulk data set"),
    "decryption_assistance": ("hulp bij ontsleutelen", "help with decryption"),
    "provider_chain": ("keten van aanbieders", "chain of providers"),
}

TARGETS: Phrases = {
    "phone_number": ("telefoonnummer", "telephone number"),
    "sip_uri": ("SIP-adres", "SIP address"),
    "email": ("e-mailadres", "e-mail address"),
    "customer_number": ("klantnummer", "customer number"),
    "ip_address": ("IP-adres", "IP address"),
    "time_and_place": ("tijd en plaats", "time and place"),
    "phone_id": ("toestelaanduiding", "telephone identifier"),
    "imei": ("IMEI-nummer", "IMEI"),
    "imsi": ("IMSI-nummer", "IMSI"),
    "iccid": ("simkaartnummer (ICCID)", "number of the SIM card (ICCID)"),
    "mac_address": ("MAC-adres", "MAC address"),
}

REFERENCES: Phrases = {
    "case_number": ("zaaknummer", "case number"),
    "parketnummer": ("parketnummer", "number of the prosecution service"),
    "magistrate_number": ("nummer rechter-commissaris", "number of the investigating judge"),
}

FORMS: Phrases = {
    "written": ("schriftelijk", "written"),
    "oral": ("mondeling", "oral"),
}

CHANNELS: Phrases = {
    "portal": ("portaal", "portal"),
    "email": ("e-mail", "e-mail"),
    "post": ("post", "post"),
    "phone": ("telefoon", "telephone"),
    "in_person": ("persoonlijk", "in person"),
}

EMERGENCIES: Phrases = {
    "threat_to_life": ("levensgevaar", "threat to life"),
    "physical_integrity": (
        "gevaar voor de lichamelijke integriteit",
        "threat to physical integrity",
    ),
    "safety_of_persons": ("veiligheid van personen", "safety of persons"),
    "critical_infrastructure": ("kritieke infrastructuur", "critical infrastructure"),
}

_STANDING: Phrases = {
    "agency": ("de instantie", "the agency"),
    "person": ("de uitvaardigende persoon", "the issuing person"),
    "receiver": ("een ontvanger", "a receiver"),
    "validating_authority": ("de validerende autoriteit", "the validating authority"),
    "enforcing_authority": ("de tenuitvoerleggingsautoriteit", "the enforcing authority"),
    "contact": ("de contactpersoon", "the contact"),
}

HOLDS: Phrases = {
    **{
        f"{who}_unknown": (f"{nl} staat niet in het register", f"{en} is not in the register")
        for who, (nl, en) in _STANDING.items()
    },
    **{
        f"{who}_suspended": (f"{nl} is geschorst", f"{en} is suspended")
        for who, (nl, en) in _STANDING.items()
    },
    **{
        f"{who}_of_other_agency": (
            f"{nl} hoort bij een andere instantie",
            f"{en} belongs to another agency",
        )
        for who, (nl, en) in _STANDING.items()
        if who not in {"agency", "validating_authority", "enforcing_authority"}
    },
    "receiver_without_certificate": (
        "een ontvanger heeft geen certificaat dat nu geldt",
        "a receiver has no certificate that counts now",
    ),
    "receiver_shut_out": (
        "een ontvanger mag van deze vordering niet weten",
        "a receiver may not know of this demand",
    ),
    "cleared_people_missing": (
        "er zijn te weinig gescreende mensen voor de verzegelde baan",
        "there are too few cleared people for the sealed lane",
    ),
    "subscribers_unread": (
        "de opslag van gegevens antwoordde niet: of de vordering over een collega gaat is niet "
        "bekend",
        "the record store did not answer: whether the demand is about a colleague is not known",
    ),
    "basis_unknown": (
        "de grondslag staat niet in de catalogus",
        "the legal basis is not in the catalogue",
    ),
    "call_back_denied": (
        "de instantie ontkende bij terugbellen dat de vordering van haar is",
        "the agency denied at a call-back that the demand is its own",
    ),
    "confirmation_overdue": (
        "de schriftelijke bevestiging kwam niet op tijd",
        "the confirmation in writing did not come in time",
    ),
    "validation_awaited": (
        "de vordering is nog niet aantoonbaar gevalideerd: vraag de autoriteit om bewijs",
        "that the order was validated is not proven yet: ask the authority for proof",
    ),
    "authorisation_unwritten": (
        "de machtiging is mondeling gegeven en niet op tijd op schrift gesteld, voor zover bekend",
        "the authorisation was given orally and, as far as is known, not written down in time",
    ),
    "not_proven": (
        "waar de vordering vandaan komt, is nog door niets bewezen",
        "where the demand comes from is proven by nothing yet",
    ),
    "enforcing_authority_refused": (
        "de tenuitvoerleggingsautoriteit heeft een weigeringsgrond aangevoerd",
        "the enforcing authority raised a ground for refusal",
    ),
}
"""Why a demand may not go on for now."""

STATES: Phrases = {
    "received": ("niemand heeft haar nog beoordeeld", "nobody reviewed it yet"),
    "under_review": ("zij wordt beoordeeld", "it is under review"),
    "clarification": (
        "een vraag aan de autoriteit staat open",
        "a question to its authority is open",
    ),
    "preserved": ("er worden gegevens voor bewaard", "data are kept on it"),
    "extended": (
        "er worden gegevens voor bewaard, langer dan de vordering zei",
        "data are kept on it, longer than the order said",
    ),
    "released": (
        "wat ervoor werd bewaard, is losgelaten",
        "the data that were kept on it are let go",
    ),
    "produced": (
        "wat ervoor werd bewaard, is op een andere vordering verstrekt",
        "what was kept on it was handed over on another demand",
    ),
    "approved": (
        "twee mensen stemden in met het plan, en het ophalen begint",
        "two people agreed to its plan, and the worker is about to extract",
    ),
    "refused": ("zij is geweigerd", "it was refused"),
    "replied": (
        "de autoriteit kreeg bericht dat niets wordt verstrekt",
        "its authority was told that nothing is handed over",
    ),
    "withdrawn": ("de autoriteit trok haar in", "its authority took it back"),
    "extracting": ("de gegevens worden opgehaald", "the worker extracts"),
    "sealing": ("het pakket wordt verzegeld", "the worker seals"),
    "halted": ("het werk eraan staat stil", "the work on it halted"),
    "ready": (
        "het pakket is verzegeld en wordt beschikbaar gesteld",
        "its package is sealed, and the worker is about to make it available",
    ),
    "continuing": (
        "een deel is beschikbaar gesteld, en er komt nog meer",
        "an instalment was made available, and more is still to come",
    ),
    "delivered": (
        "het pakket is beschikbaar gesteld aan de ontvangers",
        "its package was made available to the receivers",
    ),
    "acknowledged": (
        "het pakket is ontvangen, met ontvangstbevestiging",
        "its package was received, with a receipt",
    ),
    "closed": ("zij is gesloten", "it is closed"),
    "erased": ("zij is gewist", "it is erased"),
}
"""Where a demand stands."""

LANES: Phrases = {
    "ordinary": ("gewone baan", "ordinary lane"),
    "sealed": ("verzegelde baan", "sealed lane"),
}
