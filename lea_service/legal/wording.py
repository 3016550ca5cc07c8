"""The words of each finding: what it says, what follows, what would cure it, on which ground."""

from __future__ import annotations

from collections.abc import Mapping

from lea_service.legal.authenticity.wording import AUTHENTICITY_WORDING
from lea_service.legal.word import COUNSEL as _COUNSEL
from lea_service.legal.word import Word
from lea_service.legal.word import ask as _ask
from lea_service.legal.word import clarify as _clarify
from lea_service.legal.word import defect as _defect
from lea_service.legal.word import differs as _differs
from lea_service.legal.word import observed as _observed
from lea_service.legal.word import passed as _passed
from lea_service.legal.wording_judge import JUDGE_WORDING
from lea_service.legal.wording_order import ORDER_WORDING

_REGISTER = "Enter what is right in the register, which takes two people; then assess again."
_RETYPE = (
    "Read the order yourself and type its date and each target again, from the order, not from the "
    "demand."
)
_OF_RECEIPT = (
    "Or somebody who neither recorded nor assessed the demand looks at its mail, letter or stamp, "
    "and writes down by what it is known to have come then."
)

WORDING: Mapping[str, Word] = {
    **AUTHENTICITY_WORDING,
    **ORDER_WORDING,
    **JUDGE_WORDING,
    "checks.none": _ask("No check was made.", _COUNSEL, holds=True),
    "checks.silent": _ask("A check came to no result.", _COUNSEL, holds=True),
    # the basis
    "basis.known": _passed("The basis is in the catalogue."),
    "basis.unknown": _clarify(
        "basis_unknown",
        "The basis is not in the catalogue, so nothing can be checked against it.",
        "The article the order rests on, or a row for it in the catalogue.",
        holds=True,
        ours=True,
    ),
    "basis.not_stored_data": _defect(
        "not_a_demand_for_stored_data",
        "This power is not one to demand stored data from a provider.",
        "An order on the article for stored data; interception goes to the desk for it.",
    ),
    "basis.in_force": _passed("The basis was in force on the date of the order."),
    "basis.not_in_force": _defect(
        "basis_not_in_force",
        "The basis was not in force on the date of the order.",
        "An order on the article that was in force on its date.",
    ),
    "basis.in_force_unknown": _ask("It is not known since when the basis is in force.", _COUNSEL),
    "basis.complete": _passed("Everything the catalogue should say of the basis is there."),
    "basis.incomplete": _ask(
        "The catalogue does not know everything about this basis; the fields are named.", _COUNSEL
    ),
    "basis.enforceable": _passed("The basis binds an establishment in the Netherlands."),
    "basis.foreign": _defect(
        "foreign_direct_order",
        "A foreign order does not bind an establishment in the Netherlands; another way applies.",
        "{way}",
    ),
    "basis.enforceable_unknown": _ask(
        "It is not known whether the basis binds an establishment in the Netherlands.", _COUNSEL
    ),
    # the instrument
    "instrument.production": _passed("The instrument makes a provider hand over stored data."),
    "instrument.to_come": _ask(
        "The instrument reaches data to come, which are handed over in instalments.",
        "Read how often the order wants them, and by which right: at once or by turns may need a "
        "judge's authorisation, and only at the end does not.",
    ),
    "instrument.bulk": _ask(
        "The instrument reaches whole data sets; that is always for counsel.", _COUNSEL
    ),
    "instrument.preservation": _ask(
        "The order makes us keep data and hand over none: it comes to no plan.",
        "Keep them with `lea preservation keep`; handing over takes another order.",
        holds=True,
    ),
    "instrument.assistance": _ask(
        "The order asks for help, not for data; this service has none to give.",
        "Take it to counsel with the order that it goes with.",
        holds=True,
    ),
    "instrument.voluntary": _defect(
        "foreign_direct_order",
        "This is a permission to the provider, not an order.",
        "An order; in danger of life the way is the Dutch police.",
    ),
    "instrument.european": _ask(
        "A European order: data are frozen from receipt, and where the enforcing authority was "
        "notified, nothing leaves before the end of day 10. The purge spares what it names.",
        "Find out whether it was notified and record it with `lea legal enforcing`; unclear counts "
        "as notified. Answer defects with Annex III.",
    ),
    "instrument.european_at_once": _ask(
        "A European order: data are frozen from receipt. On this basis no enforcing authority is "
        "notified, so that nothing waits for one. The purge spares what it names.",
        "Answer defects with Annex III. Write down with your acceptance that it is taken up.",
    ),
    "instrument.chain": _passed(
        "The order makes us say which other providers had a part: that much is handed over."
    ),
    "instrument.chain_unknown": _ask(
        "It is not known whether this order makes us say which other providers had a part.",
        _COUNSEL,
    ),
    "preserved.covers": _passed("What is asked is kept on an earlier order of this authority."),
    "preserved.unknown": _ask(
        "The demand follows a preservation that this authority has not, or has no more.",
        "Correct the demand, or accept that it is answered from what there is.",
    ),
    "preserved.not_covered": _ask(
        "Some items ask for more than the earlier order made us keep; they are named.",
        "Accept that those are answered from what there is, or ask the authority.",
    ),
    "instrument.intelligence": _ask(
        "Orders of the intelligence services are for cleared people only, and this demand is not "
        "in the sealed lane.",
        "Stop, and have a person who is cleared for it record the order in the sealed lane.",
        holds=True,
    ),
    "instrument.sealed": _passed("The order is in the sealed lane, for cleared people only."),
    "instrument.unknown": _ask("It is not known what this instrument makes us do.", _COUNSEL),
    # who issues it
    "role.allowed": _passed("The issuing role has this power."),
    "role.not_allowed": _defect(
        "role_not_competent",
        "The issuing role does not have this power.",
        "An order by a role that has it; the roles are named.",
    ),
    "role.not_validated": _defect(
        "european_order_defect",
        "This role needs the validation of a judge or another authority, and none is named.",
        "The validating authority, by Annex III.",
    ),
    "role.validation_owed": Word(
        "clarify",
        "This role needs the validation of a judge or another authority, and it has not come yet. "
        "It may follow in an emergency as the law defines it, where it cannot be had in time and "
        "the authority could issue the order in a comparable case of its own State without one "
        "first. It is sought without undue delay, and is owed from now on.",
        "Proof of who validated the order, as soon as somebody has; from the end of the term on "
        "nothing more is given without. Where it is not granted the authority withdraws the order "
        "at once.",
    ),
    "role.validator_unknown": _ask(
        "This role needs the validation of another. The register knows nobody named on the order "
        "as another person with a role that may validate it: a name or a reference proves nothing.",
        "Who validated it, entered in the register by two people and named by a correction; or "
        "find it out independently, and write down how with your acceptance.",
        "european_order_defect",
    ),
    "role.validator_suspended": _ask(
        "Who validated the order is suspended.", _REGISTER, holds=True
    ),
    "role.validator_of_other_state": _ask(
        "According to the register, who validated the order is of another State than the agency.",
        "A validation in the issuing State, by Annex III; or, if the register is wrong, its "
        "correction by two people.",
        "european_order_defect",
    ),
    "role.validator_not_competent": _defect(
        "european_order_defect",
        "According to the register, who validated the order holds no role that may do so.",
        "A validation by one of the roles that are named, by Annex III; or, if the register is "
        "wrong, its correction by two people.",
        ours=True,
    ),
    "role.unknown": _ask("It is not known who may issue this.", _COUNSEL),
    "agency.known": _passed("The agency is in the register."),
    "agency.unknown": _ask("The agency is not in the register.", _REGISTER, holds=True),
    "agency.suspended": _ask("The agency is suspended.", _REGISTER, holds=True),
    "agency.competent": _passed("The agency is of the State whose law this is."),
    "agency.other_state": _defect(
        "foreign_direct_order",
        "The agency is of a State that cannot use this basis towards us.",
        "{way}",
    ),
    "agency.own_state": _defect(
        "european_order_defect",
        "A European order comes from another Member State than that of our establishment.",
        "{way}",
    ),
    "agency.role_held": _passed("The register has this role for the agency."),
    "agency.role_not_held": _defect(
        "role_not_competent",
        "According to the register, nobody of this agency holds the role.",
        "The right role on the order; or, if the register is wrong, its correction by two people.",
        ours=True,
    ),
    "person.known": _passed("The issuing person is in the register."),
    "person.unknown": _ask("The issuing person is not in the register.", _REGISTER, holds=True),
    "person.suspended": _ask("The issuing person is suspended.", _REGISTER, holds=True),
    "person.other_agency": _ask(
        "The issuing person belongs to another agency.", _REGISTER, holds=True
    ),
    "person.role_held": _passed("The register has this role for the issuing person."),
    "person.role_not_held": _defect(
        "role_not_competent",
        "According to the register, the issuing person does not hold the role.",
        "The right role on the order; or, if the register is wrong, its correction by two people.",
        ours=True,
    ),
    "own.officer": Word(
        "ask_human",
        "One of those who ask has an identifier that is asked about. That person is told nothing "
        "of this demand, and no answer goes to them.",
        "Call the agency back, somebody else there, at a number of the register; name others to "
        "receive the answer. Somebody else than who recorded and assessed the demand accepts this.",
        second=True,
        ours=True,
        private=True,
    ),
    # the form
    "form.written": _passed("The order is in writing and in the file."),
    "form.order_missing": _clarify(
        "signature_missing",
        "The order is said to be in writing, but the document is not in the file.",
        "The signed order.",
        holds=True,
    ),
    "form.oral_allowed": _clarify(
        "form_not_allowed",
        "The order was given orally, which is allowed; it is still to be put in writing.",
        "The written confirmation by its term, or the document where there is one.",
    ),
    "form.oral_urgent": _clarify(
        "form_not_allowed",
        "The order was given orally, which is allowed in urgency only, and then put in writing.",
        "Why it was urgent, and the written confirmation by its term.",
    ),
    "form.oral_by_analogy": _ask(
        "The order was given orally; the statute is silent, practice allows it by analogy.",
        "Decide whether to wait for the written order; ask for it in any case.",
        "form_not_allowed",
    ),
    "form.oral_not_allowed": _defect(
        "form_not_allowed",
        "The order was given orally, and this instrument is in writing only.",
        "The written order.",
    ),
    "form.oral_unknown": _ask(
        "The order was given orally; whether that is allowed is not known.",
        _COUNSEL,
        "form_not_allowed",
    ),
    # dates
    "dates.plausible": _passed("The order was dated before it reached us."),
    "dates.in_future": _defect(
        "content_missing", "The order is dated in the future.", "The right date of the order."
    ),
    "dates.after_receipt": _clarify(
        "content_missing",
        "The order is dated after the day it reached us.",
        "The right date of the order, or of its receipt.",
    ),
    "dates.received_otherwise": Word(
        "ask_human",
        "An earlier record of the demand states another receipt. Until this is let pass, what "
        "waits from the receipt on counts from the latest that was stated, and what is due from "
        "the earliest.",
        f"Look when it really came. {_OF_RECEIPT}",
        second=True,
        ours=True,
    ),
    "dates.sent_otherwise": _ask(
        "The mail says of itself that it was sent after it is said to have come, or more than a "
        "day before.",
        "Look when it came into your mailbox, and correct the receipt; or write down why it came "
        "then.",
    ),
    "dates.ordered_otherwise": Word(
        "ask_human",
        "An earlier record of the demand states another date of the order. Until this is let pass, "
        "what its authority owes counts from the earliest that was stated, and what is kept is "
        "kept by the latest.",
        "Look what date the order bears, or on what day it was given, and correct the demand. Or "
        "somebody who neither recorded nor assessed the demand looks, and writes down by what it "
        "is known.",
        second=True,
        ours=True,
    ),
    "dates.recorded_late": Word(
        "ask_human",
        "The demand was recorded later than on the first working day after it is said to have "
        "come, and on this basis the receipt says from when its answer may leave.",
        f"Look when it really came, and correct the receipt. {_OF_RECEIPT}",
        second=True,
        ours=True,
    ),
    "validity.lasts": _passed("The order has not expired."),
    "validity.expired": _defect(
        "basis_not_in_force", "The order has expired.", "A new order, or its renewal."
    ),
    "validity.unknown": _ask("It is not known how long such an order lasts.", _COUNSEL),
    # what is asked
    "items.none": _clarify(
        "target_unclear", "The demand asks for nothing.", "At least one target.", holds=True
    ),
    "category.inside": _passed("The basis reaches this category."),
    "category.excluded": _defect(
        "category_outside_basis",
        "The basis does not reach this category; it belongs under another.",
        "An order on {homes}.",
    ),
    "category.outside": _defect(
        "category_outside_basis",
        "The basis does not name this category.",
        "An order on {homes}.",
    ),
    "category.unsettled": _ask(
        "It is not settled whether the basis reaches this category.",
        "An order on {homes}; or accept it with your reason.",
        "category_outside_basis",
    ),
    "category.unknown": _ask(
        "It is not known which categories this basis reaches.", _COUNSEL, "category_outside_basis"
    ),
    "target.precise": _passed("The target fits the basis."),
    "target.kind": _clarify(
        "target_unclear",
        "The basis is not about targets of this kind.",
        "Whom or what it concerns, in a form that the basis knows.",
    ),
    "target.instant_missing": _clarify(
        "target_unclear",
        "An IP address may be shared and may change hands; no instant is given.",
        "The instant at which the address was in use, and the port.",
    ),
    "target.address_missing": _clarify(
        "target_unclear",
        "It is asked who used an IP address, and no address is given; the sessions of somebody "
        "over a period are traffic data.",
        "The address and the instant at which it was in use, and the port; or an order for the "
        "sessions, on an article that reaches traffic data.",
    ),
    "target.unknown": _ask("It is not known what this basis may be about.", _COUNSEL),
    "period.inside": _passed("The period lies inside what the basis reaches."),
    "period.elapsed": _passed(
        "Part of the period lies after the order, inside what the basis reaches, and has elapsed."
    ),
    "period.reversed": _clarify(
        "period_wrong",
        "The period does not end after it begins, and the order itself states it so.",
        "The right period, in writing from whoever issued the order.",
        holds=True,
    ),
    "period.too_far_back": _clarify(
        "period_wrong",
        "The period begins earlier than the basis reaches.",
        "A period that begins on {day} or later.",
    ),
    "period.before_order": _clarify(
        "period_wrong",
        "The basis reaches data to come only, and the period begins earlier.",
        "A period that begins on {day} or later; for the earlier part an order for stored data.",
    ),
    "period.look_back_unknown": _ask("It is not known how far back this basis reaches.", _COUNSEL),
    "period.to_come": _ask(
        "Part of the period is still to come: it is handed over in instalments.",
        "Read how often the order wants them until {day} is over, and choose that with the plan "
        "(`lea plan compile --every`).",
    ),
    "period.too_far_ahead": _clarify(
        "period_wrong",
        "The period reaches further ahead than the basis allows.",
        "A period that ends with {day}, or an extension.",
    ),
    "period.nothing_to_come": _clarify(
        "period_wrong",
        "The basis reaches stored data only, and part of the period is later.",
        "A period that ends with {day}, or an order for data to come.",
    ),
    "period.after_receipt": _clarify(
        "period_wrong",
        "The order reaches what was stored when we received it, and part of the period is later.",
        "A period that ends at {day} at the latest, when the order was received.",
    ),
    "period.look_forward_unknown": _ask(
        "Part of the period is later than the order; whether the basis reaches that is not known.",
        _COUNSEL,
    ),
    # the order against what was typed
    "order.compared": _passed(
        "The date, the article, the authorisation and every target, period and reference that was "
        "typed stands in the order, and the order names no other number or address, reference, "
        "article to demand by, or issuing person."
    ),
    "order.date_differs": _differs(
        "The date of the order that was typed does not stand in it; by that date the law is chosen "
        "that applies.",
        "A correction of the demand; or, if the order does bear it, the date typed again.",
    ),
    "order.basis_differs": _differs(
        "The order does not cite the article of the basis that was typed.",
        "A correction of the demand; or, if the order does rest on it, the id of the basis typed "
        "again.",
    ),
    "order.authorisation_differs": _differs(
        "The authorisation of a judge that was typed, or its date, does not stand in the order.",
        "A correction of the demand; or, if the order does name it, what differs typed again.",
    ),
    "order.authorisation_not_typed": _ask(
        "The order speaks of an authorisation, and none was typed.",
        "A correction of the demand with its reference and date; or your reason why it has none.",
    ),
    "order.category_not_typed": _observed(
        "The order has words for a category of data that the demand does not ask for.",
        "If the order only names its target by such a word (a telephone by its IMEI): accept this, "
        "with that as your reason. If it asks for these data: a correction of the demand. If that "
        "is not clear: a question to the authority.",
    ),
    "order.category_not_named": _observed(
        "The demand asks for a category of data for which the order has none of the usual words.",
        "A correction of the demand, or a question to the authority; or your reason.",
    ),
    "order.not_readable": _differs(
        "Nothing could be compared: there is no document, or no text in it.", _RETYPE
    ),
    "order.partly_readable": _differs(
        "Something of the order was not read, or may not be what a person sees.", _RETYPE
    ),
    "order.target_differs": _differs(
        "What was typed as target does not stand in the order.",
        "A correction of the demand; or, if the order does name it, its value typed again.",
    ),
    "order.target_not_asked": _differs(
        "The order names numbers or addresses that the demand does not ask about.",
        "A correction of the demand; or, if it must not ask about them, each of them typed again.",
    ),
    "order.period_differs": _differs(
        "The period that was typed is not stated in the order; `tot` leaves the last day out, "
        "`tot en met` takes it in.",
        "A correction of the demand; or, if the order does state it, the period typed again.",
    ),
    "order.period_not_typed": _differs(
        "The order states a period that nobody typed: it may ask for more.",
        "A correction of the demand; or, if nothing is asked in it, each of them typed again.",
    ),
    "order.period_of_another": _differs(
        "On the line of a target the order has a period that was typed for other targets only.",
        "A correction of the demand; or, if it is not asked of that target, each of them typed "
        "again.",
    ),
    "order.moment_not_compared": _differs(
        "The order is not searched for the moment and port of an address.",
        "Read them in the order and type them again: the instant with its offset, a slash, and the "
        "port where there is one.",
    ),
    "order.reference_differs": _differs(
        "A reference that was typed does not stand in the order.",
        "A correction of the demand; or, if the order does have it, its value typed again.",
    ),
    "order.reference_not_typed": _differs(
        "The order has references that nobody typed: it may be another order, or about more.",
        "A correction of the demand; or, if they are of something else, each of them typed again.",
    ),
    "order.article_not_typed": _differs(
        "The order cites further articles by which data can be demanded; each has rules of its "
        "own.",
        "A correction of the demand, or a demand of its own for what rests on another article; or, "
        "if nothing is asked by them, each of them typed again.",
    ),
    "order.name_differs": _differs(
        "The order names somebody else as who issues it than the demand does.",
        "A correction of the demand; or, if that person only plays another part in it, each name "
        "typed again.",
    ),
    "order.validator_not_named": Word(
        "clarify",
        "The paper does not have the name of who is said to have validated the order, or not in a "
        "way that is read.",
        "A paper that says who validated the order; or, if it does, that somebody else reads it "
        "there and lets this pass.",
        second=True,
    ),
    "threshold.not_judged": _passed(
        "Form and competence are checked here. Whether the offence is grave enough, and whether "
        "the demand is necessary and proportionate, is for the authority and the judge. If it "
        "seems too broad, ask them; it is no ground to give less or to refuse."
    ),
}
