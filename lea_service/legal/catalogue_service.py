"""What the catalogue in use is, and what a provider's own rows change of the one that ships."""

from __future__ import annotations

from dataclasses import dataclass

from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.legal.catalogue import Catalogue, load_catalogue
from lea_service.legal.comparison import Difference, compare, describe_difference


@dataclass(frozen=True, slots=True)
class CatalogueView:
    """A catalogue that was found sound: how much it holds, and ids of bases.

    ``incomplete`` are those with fields that are not known, ``own`` those of a provider's own.
    """

    version: str
    digest: str
    bases: int
    incomplete: tuple[str, ...]
    own: tuple[str, ...]

    @classmethod
    def of(cls, catalogue: Catalogue) -> CatalogueView:
        """Return a catalogue as it is shown; none that is not sound can be opened."""
        return cls(
            version=catalogue.version,
            digest=catalogue.digest,
            bases=len(catalogue.bases),
            incomplete=tuple(basis.id for basis in catalogue.bases if basis.unknown),
            own=tuple(basis.id for basis in catalogue.bases if basis.reviewed),
        )


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """What differs in the catalogue in use from the one that ships, and that in words."""

    found: Difference
    in_words: str


class CatalogueService:
    """Shows the catalogue in use to who may read the law; files are for who is on the server."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def get(self, actor: Actor) -> CatalogueView:
        """Return what the catalogue in use holds; it was found sound when the service started."""
        permit(actor, Permission.LEGAL_READ)
        return CatalogueView.of(self._catalogue)

    def compare(self, actor: Actor, language: str) -> DifferenceView:
        """Return what the catalogue in use changes of the one that ships, in ``language`` too."""
        permit(actor, Permission.LEGAL_READ)
        shipped = load_catalogue()
        found = compare(shipped, self._catalogue)
        return DifferenceView(found, describe_difference(found, shipped, self._catalogue, language))
