"""What the edge gets from outside: the use cases by name, and its own few hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from flask import current_app

from lea_service.kernel.actors import Actor
from lea_service.kernel.clock import Clock
from lea_service.web.refusals import Refusals

SERVICES = "lea"
EDGE = "lea.edge"
Part = TypeVar("Part")
MIB = 1 << 20


def _nothing(*_: object) -> None:
    return None


@dataclass(frozen=True)
class Edge:
    """Everything the web layer needs of the layers to its right, handed in when it is built.

    ``authenticate`` turns a token into its actor or raises NotAuthenticated. ``record_denied``
    enters (actor, permission, route rule); ``record_strangers`` enters a count once a minute.
    ``refusals`` has the words of refusals in Dutch.
    """

    clock: Clock
    authenticate: Callable[[str], Actor]
    record_denied: Callable[[Actor, str, str], None] = _nothing
    record_strangers: Callable[[int], None] = _nothing
    pings: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    max_body_bytes: int = MIB
    body_limits: Mapping[str, int] = field(default_factory=dict)
    stranger_limit: int = 30
    trusted_proxies: int = 0
    version: str = "0"
    refusals: Refusals = field(default_factory=Refusals)


def edge() -> Edge:
    """Return the edge of the current application."""
    return cast(Edge, current_app.extensions[EDGE])


def part(name: str, kind: type[Part]) -> Part:
    """Return the service ``name``, which must be a ``kind``: a wiring fault shows at once."""
    services: Any = current_app.extensions[SERVICES]
    found = services[name] if isinstance(services, Mapping) else getattr(services, name)
    if not isinstance(found, kind):
        raise TypeError(f"the part {name} is a {type(found).__name__}, not a {kind.__name__}")
    return found
