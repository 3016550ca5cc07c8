"""What an authority is told of findings whose own words are for a person here.

What was typed here, and how somebody here settles it, is no matter of the authority; what it can
make clear is. Nothing here says whether data exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lea_service.legal.word import Said


@dataclass(frozen=True, slots=True)
class Outward:
    """One finding as an authority reads it, with what it can do about it, in both languages."""

    nl: Said
    en: Said


_READABLE = (
    "De vordering als een document waarvan de tekst te lezen is.",
    "The order as a document whose text can be read.",
)
_AUTHORISATION = (
    "Het kenmerk en de datum van de machtiging; of dat er geen is.",
    "The reference and date of the authorisation; or that there is none.",
)
_DATA = ("Welke gegevens u vordert.", "Which data you demand.")

_TOLD: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "order.date_differs": (
        (
            "Uit het document blijkt ons niet van welke datum de vordering is.",
            "The document does not make clear to us of which date the order is.",
        ),
        (
            "De datum van de vordering, en waar die in het document staat.",
            "The date of the order, and where it stands in the document.",
        ),
    ),
    "order.basis_differs": (
        (
            "Uit het document blijkt ons niet op welk artikel de vordering berust.",
            "The document does not make clear to us on which article the order rests.",
        ),
        ("Het artikel, met zijn lid.", "The article, with its paragraph."),
    ),
    "order.authorisation_differs": (
        (
            "Uit het document blijkt ons niet op welke machtiging van een rechter, van welke "
            "datum, de vordering berust.",
            "The document does not make clear to us on which authorisation of a judge, of which "
            "date, the order rests.",
        ),
        _AUTHORISATION,
    ),
    "order.authorisation_not_typed": (
        (
            "Het document spreekt van een machtiging; welke dat is, is ons niet duidelijk.",
            "The document speaks of an authorisation; which one it is, is not clear to us.",
        ),
        _AUTHORISATION,
    ),
    "order.category_not_typed": (
        (
            "Het document heeft woorden voor deze gegevens; of u die vordert, is ons niet "
            "duidelijk.",
            "The document has words for these data; whether you demand them is not clear to us.",
        ),
        _DATA,
    ),
    "order.category_not_named": (
        (
            "Uit het document blijkt ons niet of u deze gegevens vordert.",
            "The document does not make clear to us whether you demand these data.",
        ),
        _DATA,
    ),
    "order.not_readable": (
        (
            "Wij hebben van de vordering geen document waarvan de tekst te lezen is.",
            "We have no document of the order whose text can be read.",
        ),
        _READABLE,
    ),
    "order.partly_readable": (
        (
            "Het document is niet met zekerheid als geheel te lezen.",
            "The document cannot be read as a whole with certainty.",
        ),
        _READABLE,
    ),
    "order.target_differs": (
        (
            "Uit het document blijkt ons niet over welk nummer, adres of ander gegeven het gaat.",
            "The document does not make clear to us about which number, address or other "
            "identifier it is.",
        ),
        (
            "Dat gegeven voluit, zoals het in de vordering staat.",
            "That identifier in full, as it stands in the order.",
        ),
    ),
    "order.target_not_asked": (
        (
            "Het document noemt nummers of adressen waarvan ons niet duidelijk is of u erover "
            "vordert.",
            "The document names numbers or addresses of which it is not clear to us whether you "
            "demand about them.",
        ),
        (
            "Over welke van de genoemde nummers en adressen de vordering gaat.",
            "About which of the numbers and addresses in it the order is.",
        ),
    ),
    "order.period_differs": (
        (
            "Uit het document blijkt ons niet over welke periode het gaat.",
            "The document does not make clear to us about which period it is.",
        ),
        (
            "Het begin en het einde van de periode, en of de laatste dag meetelt.",
            "The begin and the end of the period, and whether the last day is in it.",
        ),
    ),
    "order.period_not_typed": (
        (
            "Het document noemt perioden waarvan ons niet duidelijk is of u erover vordert.",
            "The document states periods of which it is not clear to us whether you demand about "
            "them.",
        ),
        (
            "Over welke van de genoemde perioden de vordering gaat.",
            "About which of the periods in it the order is.",
        ),
    ),
    "order.period_of_another": (
        (
            "Uit het document blijkt ons niet welke periode bij welk nummer, adres of ander "
            "gegeven hoort.",
            "The document does not make clear to us which period goes with which number, address "
            "or other identifier.",
        ),
        (
            "Van elk nummer, adres of ander gegeven de periode waarover u vordert.",
            "Of each number, address or other identifier the period about which you demand.",
        ),
    ),
    "order.moment_not_compared": (
        (
            "Wij willen zeker zijn van het tijdstip waarover u naar het adres vraagt.",
            "We want to be sure of the moment of which you ask about the address.",
        ),
        (
            "Het tijdstip met zijn tijdzone, en de poort als die er is.",
            "The moment with its time zone, and the port where there is one.",
        ),
    ),
    "order.reference_differs": (
        (
            "Uit het document blijkt ons niet wat het kenmerk van de vordering is.",
            "The document does not make clear to us what the reference of the order is.",
        ),
        ("Het kenmerk van de vordering.", "The reference of the order."),
    ),
    "order.reference_not_typed": (
        (
            "Het document heeft kenmerken waarvan ons niet duidelijk is of ze van deze vordering "
            "zijn.",
            "The document has references of which it is not clear to us whether they are of this "
            "order.",
        ),
        (
            "Welke kenmerken van deze vordering zijn, en waarvan de andere zijn.",
            "Which references are of this order, and of what the others are.",
        ),
    ),
    "order.article_not_typed": (
        (
            "Het document noemt meer dan een artikel waarop gegevens kunnen worden gevorderd; elk "
            "heeft eigen regels.",
            "The document cites more than one article by which data can be demanded; each has "
            "rules of its own.",
        ),
        (
            "Op welk artikel u welke gegevens vordert.",
            "On which article you demand which data.",
        ),
    ),
    "order.validator_not_named": (
        (
            "Uit het document blijkt ons niet wie de vordering heeft gevalideerd.",
            "The document does not make clear to us who validated the order.",
        ),
        (
            "De vordering zoals die is gevalideerd, met de naam van wie dat deed.",
            "The order as it was validated, with the name of who did.",
        ),
    ),
    "order.name_differs": (
        (
            "Uit het document blijkt ons niet wie de vordering geeft.",
            "The document does not make clear to us who issues the order.",
        ),
        (
            "De naam en de functie van degene die de vordering geeft.",
            "The name and function of who issues the order.",
        ),
    ),
    "contents.not_read": (
        (
            "Ons is niet duidelijk of de vordering alles vermeldt wat haar grondslag verlangt.",
            "It is not clear to us whether the order states all that its basis wants it to.",
        ),
        (
            "Waar in de vordering staat wat de grondslag verlangt, of dat op schrift.",
            "Where the order states what the basis wants, or that in writing.",
        ),
    ),
    "basis.unknown": (
        (
            "De grondslag van de vordering kennen wij niet.",
            "We do not know the basis of the order.",
        ),
        ("Het artikel waarop de vordering berust.", "The article on which the order rests."),
    ),
    "addressee.unknown": (
        (
            "Ons is niet duidelijk in welke hoedanigheid de vordering aan ons is gericht.",
            "It is not clear to us in which capacity the order addresses us.",
        ),
        ("In welke hoedanigheid.", "In which capacity."),
    ),
    "addressee.reseller": (
        (
            "Ons is niet duidelijk of de vordering ook is gericht aan de aanbieder die een dienst "
            "uitvoert die wordt doorverkocht.",
            "It is not clear to us whether the order also addresses the provider who runs a "
            "service that is resold.",
        ),
        (
            "Of de vordering ook aan die aanbieder is gericht.",
            "Whether the order addresses that provider as well.",
        ),
    ),
    "authenticity.not_proven": (
        (
            "Het is niet bewezen dat de vordering komt van wie zij noemt.",
            "It is not proven that the demand comes from whom it says.",
        ),
        (
            "Een bevestiging door uw organisatie, op een nummer dat wij zelf vinden.",
            "A confirmation by your organisation, on a number that we find ourselves.",
        ),
    ),
    "agency.role_not_held": (
        (
            "Ons is niet duidelijk dat uw organisatie deze bevoegdheid heeft.",
            "It is not clear to us that your organisation has this power.",
        ),
        (
            "Wie de vordering uitvaardigde, en in welke functie.",
            "Who issued the order, and in which function.",
        ),
    ),
    "person.role_not_held": (
        (
            "Ons is niet duidelijk dat wie de vordering uitvaardigde, deze bevoegdheid heeft.",
            "It is not clear to us that whoever issued the order has this power.",
        ),
        (
            "Wie de vordering uitvaardigde, en in welke functie.",
            "Who issued the order, and in which function.",
        ),
    ),
    "role.validator_unknown": (
        (
            "Ons is niet duidelijk wie de vordering heeft gevalideerd.",
            "It is not clear to us who validated the order.",
        ),
        (
            "Wie de vordering valideerde, van welke autoriteit, en in welke functie.",
            "Who validated the order, of which authority, and in which function.",
        ),
    ),
    "role.validator_of_other_state": (
        (
            "Ons is niet duidelijk dat de vordering is gevalideerd in de Staat die haar "
            "uitvaardigde.",
            "It is not clear to us that the order was validated in the State that issued it.",
        ),
        (
            "Wie de vordering valideerde, van welke autoriteit, en in welke functie.",
            "Who validated the order, of which authority, and in which function.",
        ),
    ),
    "role.validator_not_competent": (
        (
            "Ons is niet duidelijk dat wie de vordering valideerde, daartoe bevoegd is.",
            "It is not clear to us that whoever validated the order may do so.",
        ),
        (
            "Wie de vordering valideerde, van welke autoriteit, en in welke functie.",
            "Who validated the order, of which authority, and in which function.",
        ),
    ),
    "judicial.validation_unproven": (
        (
            "Ons is niet duidelijk door wie de vordering is gevalideerd.",
            "It is not clear to us by whom the order was validated.",
        ),
        (
            "Wie de vordering valideerde, van welke autoriteit, en in welke functie.",
            "Who validated the order, of which authority, and in which function.",
        ),
    ),
    "protection.named": (
        (
            "De vordering kan iemand met een verschoningsrecht, een immuniteit of een andere "
            "bescherming betreffen.",
            "The order may be about somebody with a privilege, an immunity or another protection.",
        ),
        (
            "Of dat zo is, en zo ja, dat u de gegevens vordert.",
            "Whether it is, and if so, that you demand the data.",
        ),
    ),
    "protection.taken_back": (
        (
            "De vordering kan iemand met een verschoningsrecht, een immuniteit of een andere "
            "bescherming betreffen.",
            "The order may be about somebody with a privilege, an immunity or another protection.",
        ),
        (
            "Of dat zo is, en zo ja, dat u de gegevens vordert.",
            "Whether it is, and if so, that you demand the data.",
        ),
    ),
    "dates.ordered_otherwise": (
        (
            "Ons is niet duidelijk op welke dag de vordering is gedaan.",
            "It is not clear to us on which day the order was given.",
        ),
        (
            "De dag waarop de vordering is gedaan.",
            "The day on which the order was given.",
        ),
    ),
    **dict.fromkeys(
        ("dates.received_otherwise", "dates.recorded_late", "dates.sent_otherwise"),
        (
            (
                "Ons is niet duidelijk wanneer de vordering ons bereikte.",
                "It is not clear to us when the order reached us.",
            ),
            (
                "Wanneer en hoe de vordering is verzonden.",
                "When and how the order was sent.",
            ),
        ),
    ),
    "protection.privilege": (
        (
            "De vordering kan iemand met een verschoningsrecht betreffen.",
            "The order may be about somebody with a privilege.",
        ),
        (
            "Of u daarvan weet, en dat u de gegevens vordert.",
            "Whether you know of it, and that you demand the data.",
        ),
    ),
    "protection.other": (
        (
            "De vordering kan iemand met een immuniteit of een andere bescherming betreffen.",
            "The order may be about somebody with an immunity or another protection.",
        ),
        (
            "Of u daarvan weet, en dat u de gegevens vordert.",
            "Whether you know of it, and that you demand the data.",
        ),
    ),
    "addressee.processor": (
        (
            "Voor zulke gegevens is meestal een ander de geadresseerde.",
            "For such data somebody else is the usual addressee.",
        ),
        (
            "Of de vordering ook dan aan ons is gericht.",
            "Whether the order addresses us all the same.",
        ),
    ),
}

OUTWARD: Mapping[str, Outward] = {
    code: Outward(Said(says[0], cure[0]), Said(says[1], cure[1]))
    for code, (says, cure) in _TOLD.items()
}
"""By the code of a finding what an authority is told in place of its own words."""
