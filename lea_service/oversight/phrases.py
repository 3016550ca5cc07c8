"""The words for what people outside the flow are warned of, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases

QUESTIONS: Phrases = {
    "subject": ("over een abonnee", "about a subscriber"),
    "retention_rule": ("volgens een bewaarregel", "by a retention rule"),
    "mapping": ("gelezen met een mapping", "read by a mapping"),
    "catalogue": ("getoetst met een catalogus", "checked by a catalogue"),
}

WARNINGS: Phrases = {
    "target.asked_by_others": (
        "Functionarissen die niets met elkaar te maken hebben, vragen naar dezelfde abonnee; "
        "aantal: vorderingen van anderen binnen 90 dagen.",
        "Officers who have nothing to do with each other ask about the same subscriber; count: "
        "demands of others within 90 days.",
    ),
    "target.watched": (
        "Een vordering gaat over een gegeven op de lijst waarop wordt gelet.",
        "A demand asks about an identifier on the list that is watched over.",
    ),
    "officer.own_identifier": (
        "Een van wie vorderen, heeft een gegeven waarover de vordering gaat.",
        "One of those who ask has an identifier that the demand asks about.",
    ),
    "officer.refused_again": (
        "Vorderingen van dezelfde functionaris werden telkens geweigerd, met bijlage III "
        "beëindigd of door de instantie ontkend; aantal: zulke vorderingen binnen 90 dagen.",
        "Demands of the same officer were refused, ended by Annex III or denied by their agency "
        "again and again; count: such demands within 90 days.",
    ),
    "agency.volume": (
        "Een instantie vordert tien keer zo vaak als gewoonlijk; aantal: vorderingen binnen "
        "30 dagen.",
        "An agency sends ten times what it usually does; count: demands within 30 days.",
    ),
}
