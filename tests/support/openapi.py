"""Writes schemas/openapi.json from the routes alone: no keys, no databases. `make openapi`."""

import json
from pathlib import Path
from types import SimpleNamespace

from lea_service.app import api_of, create_app
from lea_service.kernel.clock import SystemClock
from lea_service.settings import load_settings

FILE = Path(__file__).parents[2] / "schemas" / "openapi.json"


def dump_document():
    """Return the OpenAPI document of this code as text."""
    document = api_of(build_hollow()).document()
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def build_hollow():
    """Return the application with nothing behind its routes."""
    settings = load_settings({})
    access = SimpleNamespace(record_denied=None, record_strangers=None)
    clock = SimpleNamespace(clock=SystemClock())
    parts = SimpleNamespace(
        settings=settings, transactions=clock, authenticate=None, access=access, pings={}
    )
    return create_app(settings, parts)


if __name__ == "__main__":
    FILE.write_text(dump_document(), encoding="utf-8")
