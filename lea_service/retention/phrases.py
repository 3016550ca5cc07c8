"""The words for what becomes of records past their term, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases

ACTIONS: Phrases = {
    "destroy": ("vernietigen", "destroy"),
    "anonymise": ("anoniem maken", "make anonymous"),
}
