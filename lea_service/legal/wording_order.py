"""The words of findings on what an order states, whom it addresses, whom it is about."""

from __future__ import annotations

from collections.abc import Mapping

from lea_service.legal.word import COUNSEL, Word, ask, clarify, defect, passed, repeated

_TELL = (
    "Tell the authority first what you know, and write down its answer with your acceptance; "
    "nothing is given before."
)
_COMPARE = (
    "Compare the demands. If it is the same order, withdraw or close one of them; if it is another "
    "one, as an order to hand over what an order to preserve kept, write down which, or why the "
    "same is asked again."
)

ORDER_WORDING: Mapping[str, Word] = {
    # whom it addresses
    "addressee.right": passed("The order addresses us in a capacity in which we can be asked."),
    "addressee.not_material": passed(
        "As what the order addresses us is not recorded; for these data it does not matter."
    ),
    "addressee.unknown": ask(
        "As what the order addresses us is not recorded: such data are often held for a customer.",
        "Find out whether we are provider, controller, processor or reseller of these data, and "
        "record it by a correction; or write it down with your acceptance.",
        "wrong_addressee",
    ),
    "addressee.controller_unclear": ask(
        "A European order goes to the controller first; that we are provider does not say so.",
        "Find out whether we decide about these data ourselves; record controller or processor.",
        "wrong_addressee",
    ),
    "addressee.controller_first": clarify(
        "wrong_addressee",
        "A European order goes to the controller, and to a processor only where the controller "
        "cannot be found or to address it may harm the investigation. The order says neither.",
        "Which of the two it is, by Annex III; or the order to the controller.",
    ),
    "addressee.processor_stated": passed(
        "The order says why it addresses a processor. The processor tells the controller, unless "
        "the order asks it not to."
    ),
    "addressee.processor": ask(
        "We hold these data for a customer, who is the usual addressee.",
        "Decide, with counsel where needed, whether the order can be answered by us, and say so to "
        "the authority; or name the controller to it.",
        "wrong_addressee",
    ),
    "addressee.reseller": ask(
        "We resell the service; who runs it holds data too.",
        "Answer with what we hold ourselves, and name the other holder to the authority.",
        "wrong_addressee",
    ),
    # the suspect
    "suspect.not_addressed": passed("The order is not addressed to the suspect."),
    "suspect.not_material": passed(
        "Whether the order addresses the suspect is not recorded; the basis has no rule about it."
    ),
    "suspect.unknown": ask(
        "An order on this basis is not given to the suspect; whether one of us is, is open.",
        "Make sure that neither the provider nor one of its people is suspected, and record it.",
    ),
    "suspect.addressed": defect(
        "manifest_error",
        "The order is addressed to the suspect, to whom an order on this basis is not given.",
        "Stop, and counsel. An order to somebody else who holds the data.",
        ours=True,
    ),
    "suspect.addressed_unsettled": ask(
        "The order is addressed to the suspect; whether that is allowed here is not settled.",
        "Stop, and counsel: whoever is suspected takes no part in answering it.",
        "wrong_addressee",
    ),
    # whom it is about
    "protection.not_flagged": passed("Nobody said that the person has a privilege or immunity."),
    "protection.named": ask(
        "Words of the demand or its order name somebody who may be protected by a privilege, an "
        "immunity or the freedom of the press, and not each item says who that is.",
        "Look whom it is about. Say for each item as what they are protected, or that they are "
        "not (`protection`, `none`), by a correction of the demand; or give your reason why the "
        "words are about somebody else. Where a journalist or a source is named, `none` needs that "
        "reason as well.",
    ),
    "protection.taken_back": Word(
        "ask_human",
        "An earlier record of the demand, or of the same order as another demand, named a "
        "protection that the newest one does not, or there are more of them than are read.",
        "Correct the demand where somebody is protected all the same. Else somebody who neither "
        "recorded nor assessed it reads the order, and writes down why nobody is.",
        "protected_person",
        second=True,
        ours=True,
    ),
    "protection.none": passed("As far as is known the person has no privilege or immunity."),
    "protection.source": clarify(
        "protected_person",
        "The data may concern a journalist or a source, for which a judge authorises beforehand.",
        "Ask the authority for the reference and date of that authorisation (`lea legal ask`), and "
        "record its answer; only then can you accept this. Until then nothing is produced.",
        ours=True,
        asked=True,
    ),
    "protection.privilege": ask(
        "The data concern somebody with a privilege. They can be asked for; the authority filters "
        "them.",
        _TELL,
        "protected_person",
    ),
    "protection.european": clarify(
        "protected_person",
        "The order may touch an immunity, a privilege or the freedom of the press.",
        "Tell the issuing and the enforcing authority, by Annex III; the latter decides.",
        ours=True,
    ),
    "protection.other": ask(
        "The data concern somebody with an immunity or another protection.",
        f"Counsel. {_TELL}",
        "protected_person",
    ),
    # what it states
    "contents.stated": passed("The order states what the basis wants it to."),
    "contents.missing": clarify(
        "content_missing",
        "The order does not state something that the basis wants it to; it is named.",
        "The order with what is missing, or that in writing from whoever issued it.",
    ),
    "contents.not_read": ask(
        "What the order states was not ticked; what the basis wants is named.",
        "Read the order, and record under `states` what it states by a correction; or write down "
        "with your acceptance that it states all of it.",
        "content_missing",
    ),
    "contents.unknown": ask("It is not known what such an order has to state.", COUNSEL),
    # an order that came before
    "duplicate.none": passed("Neither this order nor its document was recorded before."),
    "duplicate.order": repeated(
        "The same agency asked the same under the same references before; the demands are named.",
        _COMPARE,
    ),
    "duplicate.document": repeated(
        "The very same document was recorded as the order of other demands; they are named.",
        f"Make sure that the document is about this demand. {_COMPARE}",
        "sender_not_authenticated",
    ),
    # one target, or many
    "target.broad": Word(
        "clarify",
        "The target is a pattern, a range, a cell or everybody; the basis is about one or a few.",
        "Each number or person by itself; or an order on a basis for whole data sets.",
        "target_unclear",
        broad=True,
    ),
    "target.listed": Word(
        "clarify",
        "The order asks about a row of ten or more one after the other, or about fifty or more, "
        "each by itself. That may be more than it means; no law gives a figure.",
        "That the order means each of them, and what makes them so many; or which of them it "
        "means.",
    ),
    "target.short": Word(
        "ask_human",
        "The number is too short for a subscriber: a prefix would mean many, a service number one.",
        "Find out which of the two it is; of a prefix, ask for each number by itself.",
        "target_unclear",
        ours=True,
        broad=True,
    ),
    "target.bulk": Word(
        "ask_human",
        "The basis is about a data set, or about all who were at some places at some times. How "
        "precise that has to be the law does not say in figures.",
        "Counsel: how the data set, or the times and places, are bounded, and who is left out.",
        "target_unclear",
        ours=True,
        broad=True,
    ),
    "target.too_few_places": clarify(
        "target_unclear",
        "The basis needs two or more times and places, and fewer are asked about.",
        "The other times and places.",
    ),
    # the emergency lane: policy of the provider
    "emergency.reason": ask(
        "The demand claims an emergency. Urgency is a sign to look twice, not less.",
        "Read why, and who says so; write down with your acceptance why it is one. If it is none, "
        "correct the demand.",
    ),
    "emergency.taken_back": Word(
        "ask_human",
        "An earlier record of the demand, or another demand of the same order or document, claims "
        "an emergency, and this one does not. What the emergency lane asks goes on.",
        "Correct the demand where it is one all the same. Else somebody who neither recorded nor "
        "assessed it calls the agency, and writes down why it is none.",
        second=True,
        ours=True,
        private=True,
    ),
    "emergency.smallest_first": passed("The demand asks only who a subscriber is."),
    "emergency.unconfirmed": ask(
        "The demand asks for more than who a subscriber is, or about many at once, and was not "
        "confirmed independently by two of us.",
        "Two of us each call back a number of the register (`lea legal call-back`); then assess "
        "again. Meanwhile record what says who one subscriber is as a demand of its own, and give "
        "that first.",
        holds=True,
    ),
    "emergency.confirmed": passed("Two of us confirmed the demand independently."),
    "emergency.never": ask(
        "Stored content is not given in the emergency lane.",
        "An order for the content by itself that claims no emergency.",
        holds=True,
    ),
}
