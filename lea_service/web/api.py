"""flask-smorest with problems (RFC 9457) in its answers and in its document."""

from __future__ import annotations

import json
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask, Response
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from lea_service.kernel.patterns import to_ecma
from lea_service.web.failures import answer_refusal
from lea_service.web.problems import MEDIA_TYPE
from lea_service.web.schemas import ProblemSchema

TITLE = "lea-service"
ABOUT = (
    "Answers official demands for stored communications data. Every route needs a bearer token "
    "unless it says otherwise; refusals are problems (RFC 9457), in Dutch where `Accept-Language` "
    "or `language=nl` asks for that; lists are paged by cursor; what can be edited has an ETag and "
    "wants it back as If-Match."
)


def name_schema(schema: Any) -> str:
    """Return the name of a schema in the document: its slice, then its own."""
    found: Any = resolve_schema_cls(schema)
    own = str(found.__name__).removesuffix("Schema")
    package, _, rest = str(found.__module__).partition(".")
    part = rest.partition(".")[0]
    if package != "lea_service" or part == "web":
        return own
    return part.capitalize() + own


def _say_pattern(_converter: Any, _field: Any, ret: dict[str, Any]) -> dict[str, Any]:
    """Return the pattern of a field as the document's readers understand it (ECMA-262)."""
    return {"pattern": to_ecma(ret["pattern"])} if "pattern" in ret else {}


class ProblemApi(Api):  # type: ignore[misc]
    """The API of an application; blueprints of the slices are registered on it."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask, version: str) -> None:
        app.config.update(
            API_TITLE=TITLE,
            API_VERSION=version,
            OPENAPI_VERSION="3.1.0",
            OPENAPI_URL_PREFIX="/api",
            OPENAPI_JSON_PATH="openapi.json",
        )
        plugin = MarshmallowPlugin(schema_name_resolver=name_schema)
        options = {
            "info": {"description": ABOUT},
            "security": [{"bearer": []}],
            "servers": [{"url": "/"}],
            "marshmallow_plugin": plugin,
        }
        super().__init__(app, spec_kwargs=options)
        converter: Any = plugin.converter
        converter.add_attribute_function(_say_pattern)
        self.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})

    def document(self) -> dict[str, Any]:
        """Return the OpenAPI document with its keys in one order."""
        loaded: dict[str, Any] = json.loads(json.dumps(self.spec.to_dict(), sort_keys=True))
        return loaded

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer as everywhere else."""
        return answer_refusal(error)

    def _register_responses(self) -> None:
        kept: str = Api.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = MEDIA_TYPE
        try:
            super()._register_responses()
        finally:
            self.DEFAULT_RESPONSE_CONTENT_TYPE = kept

    def _openapi_json(self) -> Response:
        text = json.dumps(self.document(), indent=2, sort_keys=True, ensure_ascii=False)
        return Response(text, mimetype="application/json")
