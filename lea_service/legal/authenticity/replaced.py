"""What may come behind a signature: nothing that stands in for what was signed.

The rules of pyHanko let some references through wherever they lead: what a new signature field
names as its parameters may be the content of a page. So what the signed catalogue leads to is
passed only where a rule looked at the place at which it is used, or where nothing of it is other
than that a page has the widget of a new signature field as well. By its number: not all readers
look at generations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, Reference, StreamObject
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    FieldComparisonContext,
    FieldMDPRule,
    FormUpdate,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    QualifiedWhitelistRule,
    ReferenceUpdate,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.commons import compare_dicts
from pyhanko.sign.diff_analysis.rules_api import ApprovalType
from pyhanko.sign.fields import enumerate_sig_fields

CATALOG, FORM, PAGE, ANNOTATIONS = "/Root", "/AcroForm", "/Page", "/Annots"
RESOURCES, FIELDS, KIDS, SIGNATURE = "/DR", "/Fields", "/Kids", "/Sig"
Update = TypeVar("Update", bound=ReferenceUpdate)


class _Kept(QualifiedWhitelistRule):
    """A rule that lets nothing stand in for what was signed."""

    def __init__(self, rule: QualifiedWhitelistRule) -> None:
        self._rule = rule

    def apply_qualified(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, ReferenceUpdate]]:
        """Yield what the rule lets through. Raises SuspiciousModification."""
        return _keep(old, new, self._rule.apply_qualified(old, new))


class _KeptForm(FormUpdatingRule):
    """The rule for the form, so that it lets nothing stand in for what was signed."""

    def apply(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        """Yield what the rule lets through. Raises SuspiciousModification."""
        return _keep(old, new, super().apply(old, new))


class _ShownAlike(FieldMDPRule):
    """By what fields that were signed are drawn is as it was: in another font a 1 may be a 9."""

    def apply(
        self, context: FieldComparisonContext
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        """Yield nothing. Raises SuspiciousModification."""
        if all(one.field_type == SIGNATURE for one in context.field_specs.values()):
            return ()
        old, new = context.old.root[FORM], context.new.root[FORM]
        compare_dicts(old, new, frozenset({FIELDS, RESOURCES}))
        if RESOURCES in old or RESOURCES in new:
            compare_dicts(old[RESOURCES], new[RESOURCES])
        return ()


def _keep(
    old: HistoricalResolver,
    new: HistoricalResolver,
    updates: Iterable[tuple[ModificationLevel, Update]],
) -> Iterator[tuple[ModificationLevel, Update]]:
    signed: set[int] | None = None
    for level, update in updates:
        if update.approval_type is ApprovalType.BLANKET_APPROVE:
            signed = _list_signed(old) if signed is None else signed
            if update.updated_ref.idnum in signed:
                _check_kept(old, new, update.updated_ref)
        yield level, update


def _list_signed(old: HistoricalResolver) -> set[int]:
    """Return the numbers of all that the catalogue leads to, also of what is not there."""
    root = old.trailer_view.raw_get(CATALOG)
    return {one.idnum for one in old.collect_dependencies(root)}


def _check_kept(old: HistoricalResolver, new: HistoricalResolver, ref: Reference) -> None:
    """Let the catalogue through, which has a rule, and a page with new signature fields."""
    if ref == new.root_ref:
        return
    was, now = old(ref), new(ref)
    is_page = isinstance(was, DictionaryObject) and not isinstance(was, StreamObject)
    if not is_page or was.get("/Type") != PAGE:
        raise SuspiciousModification(f"{ref!r} stands in for what was signed")
    compare_dicts(was, now, frozenset({ANNOTATIONS}))
    before, after = (_list_in(one, ANNOTATIONS) for one in (was, now))
    widgets = {one for one in _list_widgets(new) if old.is_ref_unassignable(one)}
    added = {getattr(one, "reference", None) for one in after[len(before) :]}
    if after[: len(before)] != before or not added <= widgets:
        raise SuspiciousModification(f"{ref!r} has annotations that are no signature fields")


def _list_widgets(new: HistoricalResolver) -> Iterator[Reference]:
    """Yield what signature fields stand on pages by: a field itself, or each of its kids.

    The rules look at these only where a field is new, and not where one is filled that was there.
    """
    for _, _, field in enumerate_sig_fields(new):
        yield field.reference
        yield from (one.reference for one in _list_in(field.get_object(), KIDS))


def _list_in(held: DictionaryObject, key: str) -> list[Any]:
    """Return what a list of a page or field has, which may stand in an object of its own."""
    found = held[key] if key in held else ArrayObject()
    if not isinstance(found, ArrayObject):
        raise SuspiciousModification(f"{key} is no list")
    return list(found)


CHANGES = StandardDiffPolicy(
    [_Kept(one) for one in DEFAULT_DIFF_POLICY.global_rules],
    _KeptForm(
        [
            SigFieldCreationRule(),  # type: ignore[no-untyped-call]
            SigFieldModificationRule(),
            GenericFieldModificationRule(always_modifiable=frozenset({"/Type"})),
            _ShownAlike(),
        ]
    ),
    ignore_orphaned_objects=False,
)
"""What may come after a signature. An object that nothing leads to is not harmless: which one that
is hangs on the sizes that the tables state, and those are the writer's."""
