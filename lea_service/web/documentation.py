"""The documentation page: the OpenAPI document as one plain page, without any script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from lea_service.web.api import ProblemApi
from lea_service.web.problems import PROBLEMS, TYPE_PREFIX

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = "Problem"
Node = Mapping[str, Any]
BRACES = str.maketrans("", "", "{}")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object, or one parameter of a route."""

    name: str
    kind: str
    link: str | None
    is_required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status a route answers with."""

    status: str
    about: str
    kind: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    is_open: bool
    parameters: Sequence[Member]
    bodies: Sequence[tuple[str, str, str | None]]
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Shape:
    """One named schema."""

    name: str
    about: str
    members: Sequence[Member]


def build(api: ProblemApi) -> Blueprint:
    """Return the blueprint that serves the page and its style sheet."""
    blueprint = Blueprint(
        "documentation",
        __name__,
        url_prefix="/api",
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )

    @blueprint.get("/docs")
    def page() -> str:
        """Show every route, every shape and every problem."""
        document = api.document()
        return render_template(
            "documentation.html",
            info=document["info"],
            groups=list(read_groups(document)),
            shapes=list(read_shapes(document)),
            problems=sorted(
                (problem.status, TYPE_PREFIX + family.code, problem.title, problem.exit_code)
                for family, problem in PROBLEMS.items()
            ),
        )

    return blueprint


def read_groups(document: Node) -> Iterator[tuple[str, str, list[Operation]]]:
    """Yield (tag, description, operations) in the order of the document's tags."""
    abouts = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    operations: dict[str, list[Operation]] = {name: [] for name in abouts}
    for path, item in document.get("paths", {}).items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                tag = next(iter(item[method].get("tags", [])), "other")
                found = _read_operation(document, path, method, item[method], shared)
                operations.setdefault(tag, []).append(found)
    for tag, found_here in operations.items():
        if found_here:
            yield tag, abouts.get(tag, ""), found_here


def read_shapes(document: Node) -> Iterator[Shape]:
    """Yield the named schemas by name."""
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        required = schema.get("required", [])
        members = [
            _member(member, inner, is_required=member in required)
            for member, inner in schema.get("properties", {}).items()
        ]
        yield Shape(name, schema.get("description", ""), members)


def _read_operation(
    document: Node, path: str, method: str, node: Node, shared: Sequence[Node]
) -> Operation:
    parameters = [
        _read_parameter(_resolve(document, raw)) for raw in [*shared, *node.get("parameters", [])]
    ]
    body = _resolve(document, node.get("requestBody", {}))
    return Operation(
        anchor=f"{method}-{path.strip('/').replace('/', '-').translate(BRACES)}",
        method=method.upper(),
        path=path,
        summary=node.get("summary", ""),
        about=node.get("description", ""),
        is_open=node.get("security") == [],
        parameters=parameters,
        bodies=[(kind, *_kind(inner.get("schema", {}))) for kind, inner in _content(body)],
        answers=[
            _read_answer(status, _resolve(document, raw))
            for status, raw in sorted(node.get("responses", {}).items())
        ],
    )


def _read_parameter(node: Node) -> Member:
    about = f"{node['in']}. {node.get('description', '')}".strip()
    is_required = bool(node.get("required"))
    return _member(node["name"], node.get("schema", {}), is_required=is_required, about=about)


def _read_answer(status: str, node: Node) -> Answer:
    kind, link = "", None
    for _, inner in _content(node):
        kind, link = _kind(inner.get("schema", {}))
    return Answer(status, node.get("description", ""), kind, link)


def _content(node: Node) -> Sequence[tuple[str, Node]]:
    return list(node.get("content", {}).items())


def _resolve(document: Node, node: Node) -> Node:
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    resolved: Node = found
    return resolved


def _member(name: str, schema: Node, *, is_required: bool, about: str | None = None) -> Member:
    kind, link = _kind(schema)
    text = about if about is not None else schema.get("description", "")
    return Member(name, kind, link, is_required, " ".join([text, *_limits(schema)]).strip())


def _kind(schema: Node) -> tuple[str, str | None]:
    """Word a schema in a few characters, and name the shape it refers to."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return name, name
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            parts = [_kind(inner) for inner in schema[word]]
            link = next((link for _, link in parts if link), None)
            return " or ".join(kind for kind, _ in parts), link
    if schema.get("type") == "array":
        kind, link = _kind(schema.get("items", {}))
        return f"list of {kind}", link
    kinds = schema.get("type", "anything")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return (f"{kind} ({schema['format']})" if "format" in schema else kind), None


LIMITS = {
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "minimum": "From {}.",
    "maximum": "Up to {}.",
    "default": "Without it: {}.",
}


def _limits(schema: Node) -> list[str]:
    words = [
        text.format(schema[key]) for key, text in LIMITS.items() if schema.get(key) is not None
    ]
    if "enum" in schema:
        words.append("One of " + ", ".join(str(value) for value in schema["enum"]) + ".")
    return words
