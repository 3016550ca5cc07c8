"""The words for what people here decide on, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases

KINDS: Phrases = {
    "agency.certificate": ("een certificaat", "a certificate"),
    "agency.contact": ("een contactgegeven", "a contact"),
    "agency.desk": ("een loket van een instantie", "a desk of an agency"),
    "agency.lift": ("het einde van een schorsing", "the end of a suspension"),
    "agency.organisation": ("een instantie", "an agency"),
    "agency.person": ("iemand van een instantie", "a person of an agency"),
    "confirmation.acceptance": (
        "een papier dat een bevel bevestigt of valideert",
        "a paper that confirms or validates an order",
    ),
    "confirmation.authorisation": (
        "dat een mondelinge machtiging op schrift staat",
        "that an oral authorisation is in writing",
    ),
    "delivery.receiver_token": ("een token van een ontvanger", "a token of a receiver"),
    "extraction.plan": ("een plan", "a plan"),
    "extraction.reopening": (
        "een nieuwe toets van een stilgevallen vordering",
        "another review of a demand that halted",
    ),
    "legal.authenticity_policy": ("het beleid voor echtheid", "the authenticity policy"),
    "legal.enforcing_answer": (
        "dat de tenuitvoerleggingsautoriteit een bevel laat gaan",
        "that the enforcing authority lets an order go",
    ),
    "oversight.inquiry": ("een vraag over vorderingen heen", "a question across demands"),
    "oversight.own_identifiers": (
        "de eigen nummers van een medewerker",
        "the own identifiers of somebody here",
    ),
    "oversight.recipient": ("wie waarschuwingen krijgt", "who receives warnings"),
    "oversight.watch": ("waarop wordt gelet", "what is watched over"),
    "preservation.release": ("het einde van een bewaring", "the end of a preservation"),
    "processing.system": (
        "een vermelding in het register van verwerkingen",
        "an entry of the register of processing systems",
    ),
    "retention.ground": (
        "een grond om te verstrekken wat over zijn termijn is",
        "a ground to hand over what is past its term",
    ),
    "retention.rule": ("een bewaartermijn", "a retention rule"),
    "staff.account": ("een medewerker", "somebody who works here"),
    "staff.clearance": ("een vereiste", "a clearance"),
    "staff.delegation": ("een vervanging", "a delegation"),
    "staff.engagement": ("iemand van buiten", "somebody from outside"),
    "staff.key": ("een persoonlijke sleutel", "a personal key"),
    "staff.lift": ("het einde van een schorsing", "the end of a suspension"),
    "staff.roles": ("de rollen van een medewerker", "the roles of somebody here"),
}
"""Each kind of approval: what is decided on."""

OUTCOMES: Phrases = {
    "approved": ("goedgekeurd", "approved"),
    "returned": ("teruggegeven", "returned"),
    "refused": ("geweigerd", "refused"),
}

ROLES: Phrases = {
    "handler": ("behandelaar", "handler"),
    "approver": ("beslisser", "approver"),
    "auditor": ("auditor", "auditor"),
    "overseer": ("intern toezichthouder", "overseer"),
    "engineer": ("beheerder van bronnen", "engineer"),
    "administrator": ("beheerder van toegang", "administrator"),
    "receiver": ("ontvanger", "receiver"),
    "worker": ("de dienst zelf", "the service itself"),
}

ENGAGEMENTS: Phrases = {
    "employee": ("werkt hier", "works here"),
    "outside_counsel": ("advocaat van buiten", "outside counsel"),
    "shared_desk": ("gedeeld loket", "shared desk"),
}

CLEARANCES: Phrases = {
    "screening": ("screening", "screening"),
    "secrecy": ("verklaring van geheimhouding", "declaration of secrecy"),
    "training": ("opleiding", "training"),
    "sealed": ("toegang tot de verzegelde baan", "access to the sealed lane"),
}

REACHES: Phrases = {
    "answered": ("heeft geantwoord", "answered"),
    "asked": ("is gevraagd", "was asked"),
    "not_asked": ("is nog niet gevraagd", "was not asked yet"),
    "absent": ("is afwezig", "is absent"),
    "overdue": ("heeft niet op tijd geantwoord", "did not answer in time"),
    "without_role": ("heeft geen rol die nu geldt", "has no role that counts now"),
}
"""How it stands with an approver."""
