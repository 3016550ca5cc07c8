"""The list of what can be entered holds nothing that nobody enters."""

import ast
from pathlib import Path

import lea_service
from lea_service.custody import events
from lea_service.custody.events import EVENTS

KEPT = {"demand.checked": "a published known answer of the format is about it"}
TOP = Path(lea_service.__file__).parent


def list_texts():
    """Return every text that stands in the code, but for the list itself."""
    return {
        node.value
        for path in TOP.rglob("*.py")
        if path != Path(events.__file__)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_event_is_entered_somewhere():
    assert EVENTS - list_texts() == set(KEPT)


def test_events_are_dotted_words_in_order():
    lines = Path(events.__file__).read_text().splitlines()
    listed = [line.strip(' ",') for line in lines if line.startswith(" " * 8)]
    assert listed == sorted(EVENTS)
    assert all(event.replace("_", "").replace(".", "", 1).isalpha() for event in EVENTS)
