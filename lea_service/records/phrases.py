"""The words for the columns of records, Dutch and English: what each means, and its unit."""

from __future__ import annotations

from collections.abc import Mapping

from lea_service.kernel.phrases import Phrases

_EVERY: Phrases = {
    "source": ("systeem waaruit de registratie komt", "system the record comes from"),
    "row_id": ("naam van de registratie in haar bron", "name of the record in its source"),
    "flags": (
        "wat opviel aan wat is getoond en zo bewaard; woorden met een spatie ertussen",
        "what looked odd in what is shown and was kept; words split by spaces",
    ),
}

_CALL: Phrases = {
    "started_at": ("begin van het gesprek, tijdstip in UTC", "when the call began, in UTC"),
    "answered_at": ("tijdstip van aannemen, in UTC", "when it was answered, in UTC"),
    "ended_at": ("tijdstip van het einde, in UTC", "when it ended, in UTC"),
    "duration_s": ("seconden van begin tot einde", "seconds from begin to end"),
    "talk_s": ("seconden van aannemen tot einde", "seconds from answer to end"),
    "direction": (
        "inkomend, uitgaand of intern, als de bron dat zegt",
        "inbound, outbound or internal, if the source says so",
    ),
    "caller": ("bellend nummer, E.164", "calling number, E.164"),
    "caller_raw": ("bellende partij zoals de bron die heeft", "calling party as the source has it"),
    "caller_uri": (
        "SIP-adres van de bellende partij, in één schrijfwijze",
        "SIP address of the calling party, normalised",
    ),
    "callee": ("gebeld nummer, E.164", "called number, E.164"),
    "callee_raw": ("gebelde partij zoals de bron die heeft", "called party as the source has it"),
    "callee_uri": (
        "SIP-adres van de gebelde partij, in één schrijfwijze",
        "SIP address of the called party, normalised",
    ),
    "forwarded_to": (
        "nummer waarnaar het laatst is doorgeschakeld of doorverbonden, E.164",
        "number the call was last forwarded or transferred to, E.164",
    ),
    "forwarded_to_raw": (
        "partij waarnaar het laatst is doorgeschakeld zoals de bron die heeft",
        "party the call was last forwarded to as the source has it",
    ),
    "forwarded_to_uri": (
        "SIP-adres waarnaar het laatst is doorgeschakeld, in één schrijfwijze",
        "SIP address the call was last forwarded to, normalised",
    ),
    "transfer_chain": (
        "alle nummers waar het gesprek langs ging, in volgorde, E.164 met een spatie ertussen; "
        "geen waarde waar gebeld nummer en laatste doorschakeling alles zeggen",
        "every number the call went to, in order, E.164 split by spaces; no value where the called "
        "number and the last forwarding say it all",
    ),
    "transfer_chain_raw": (
        "dezelfde partijen zoals de bron ze heeft; een spatie of procentteken in een partij is %20 "
        "of %25",
        "the same parties as the source has them; a space or percent sign in one is %20 or %25",
    ),
    "transfer_chain_uri": (
        "de SIP-adressen onder deze partijen, in één schrijfwijze",
        "the SIP addresses among these parties, normalised",
    ),
    "account": (
        "klant of account die de bron noemt",
        "customer or account the source names",
    ),
    "agent": (
        "medewerker die het gesprek uit een wachtrij aannam, zoals de bron die noemt",
        "agent who took the call out of a queue, as the source names them",
    ),
    "queue": ("wachtrij waarin het gesprek was", "queue the call was in"),
    "trunk": (
        "trunk of gateway waarover het gesprek ging",
        "trunk or gateway the call went over",
    ),
    "channel_in": (
        "signaleringskanaal van de bellende kant",
        "signalling channel of the calling side",
    ),
    "channel_out": (
        "signaleringskanaal van de gebelde kant",
        "signalling channel of the called side",
    ),
    "signalling_in": (
        "IP-adres waarvan de signalering van de bellende kant kwam",
        "IP address the signalling of the calling side came from",
    ),
    "signalling_out": (
        "IP-adres waarheen de signalering van de gebelde kant ging",
        "IP address the signalling of the called side went to",
    ),
    "caller_device": (
        "toestel van de bellende kant zoals de bron het noemt",
        "equipment of the calling side as the source names it",
    ),
    "caller_mac": (
        "MAC-adres van het toestel van de bellende kant",
        "MAC address of the equipment of the calling side",
    ),
    "caller_imei": ("IMEI van het bellende toestel", "IMEI of the calling telephone"),
    "caller_imsi": ("IMSI van de bellende kant", "IMSI of the calling side"),
    "callee_device": (
        "toestel van de gebelde kant zoals de bron het noemt",
        "equipment of the called side as the source names it",
    ),
    "callee_mac": (
        "MAC-adres van het toestel van de gebelde kant",
        "MAC address of the equipment of the called side",
    ),
    "callee_imei": ("IMEI van het gebelde toestel", "IMEI of the called telephone"),
    "callee_imsi": ("IMSI van de gebelde kant", "IMSI of the called side"),
    "cell": ("cel of locatie die de bron noemt", "cell or site the source names"),
    "result": (
        "hoe het gesprek afliep, in de woorden van de bron",
        "how the call ended, in the words of the source",
    ),
    "cause": (
        "oorzaakcode van het einde (van Q.850 of SIP) zoals de bron die heeft",
        "code of the cause of its end (of Q.850 or SIP) as the source has it",
    ),
}

_USAGE: Phrases = {
    "started_at": ("begin van de sessie, tijdstip in UTC", "when the session began, in UTC"),
    "ended_at": (
        "einde van de sessie, in UTC; geen waarde zolang zij open is",
        "when it ended, in UTC; no value while it is open",
    ),
    "duration_s": ("seconden, zoals de bron ze telt", "seconds, as the source counts them"),
    "account": ("account dat werd gebruikt", "account that was used"),
    "address": ("IP-adres van de sessie", "IP address of the session"),
    "address6": (
        "IPv6-adres van de sessie, als zij er een heeft naast het andere",
        "IPv6 address of the session where it has one beside the other",
    ),
    "prefix6": ("IPv6-prefix van de aansluiting", "IPv6 prefix of the access line"),
    "delegated6": (
        "IPv6-prefix die aan het netwerk van de klant is gegeven",
        "IPv6 prefix delegated to the network of the customer",
    ),
    "port": ("poort van de sessie", "port of the session"),
    "server": ("toegangsserver", "access server"),
    "session": ("naam van de sessie in de bron", "session id of the source"),
    "mac": ("MAC-adres van het randapparaat", "MAC address of the equipment"),
    "imei": ("IMEI van het toestel", "IMEI of the telephone or modem"),
    "imsi": ("IMSI van de aansluiting", "IMSI of the subscription"),
    "octets_in": (
        "bytes van de gebruiker naar het netwerk",
        "bytes from the user towards the network",
    ),
    "octets_out": (
        "bytes van het netwerk naar de gebruiker",
        "bytes from the network towards the user",
    ),
    "cause": ("waarom de sessie eindigde", "why the session ended"),
}

_SUBSCRIBER: Phrases = {
    "valid_from": ("tijdstip vanaf wanneer dit geldt, in UTC", "from when this holds, in UTC"),
    "valid_to": (
        "tijdstip tot wanneer dit gold, in UTC; geen waarde zolang het geldt",
        "until when it held, in UTC; no value while it holds",
    ),
    "customer_number": ("klantnummer van de houder", "customer number of the holder"),
    "name": ("naam van de houder", "name of the holder"),
    "address": ("straat en huisnummer", "street and house number"),
    "postcode": ("postcode", "postcode"),
    "city": ("woonplaats", "city"),
    "country": ("land", "country"),
    "number": ("telefoonnummer, E.164", "telephone number, E.164"),
    "number_raw": (
        "telefoonnummer zoals de bron het heeft",
        "telephone number as the source has it",
    ),
    "sip_uri": ("SIP-adres, in één schrijfwijze", "SIP address, normalised"),
    "email": ("e-mailadres", "e-mail address"),
    "service": ("soort dienst", "kind of service"),
    "payer_name": ("naam van wie betaalt", "name of who pays"),
    "payer_number": ("klantnummer van wie betaalt", "customer number of who pays"),
    "payer_account": (
        "bankrekening waarvan wordt betaald, zoals de bron die heeft",
        "bank account that is paid from, as the source has it",
    ),
    "device": (
        "toestel of randapparaat zoals de bron het noemt",
        "telephone or other equipment as the source names it",
    ),
    "mac": ("MAC-adres van het randapparaat", "MAC address of the equipment"),
    "imei": ("IMEI van het toestel", "IMEI of the telephone or modem"),
    "imsi": ("IMSI van de aansluiting", "IMSI of the subscription"),
    "iccid": ("nummer van de simkaart (ICCID)", "number of the SIM card (ICCID)"),
}

COLUMNS: Mapping[str, Phrases] = {
    "call": {**_EVERY, **_CALL},
    "usage": {**_EVERY, **_USAGE},
    "subscriber": {**_EVERY, **_SUBSCRIBER},
}
"""By record kind the words for each of its columns."""
