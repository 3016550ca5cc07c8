"""The form of a proposal about the enforcing authority of a European order."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.legal.moments import Enforcing
from lea_service.web.schemas import Count, Identifier, StrictSchema, Text


class EnforcingRequest(StrictSchema):
    """What lets the data of a European order go before day 10, and how we know."""

    demand = Identifier("c", required=True)
    answer = fields.Enum(
        Enforcing,
        by_value=True,
        required=True,
        validate=validate.NoneOf([Enforcing.REFUSED], error="Expected what lets an order go."),
    )
    reason = Text(2000, shortest=10, required=True)
    record_version = Count(1, metadata={"description": "Of the demand; set when it is prepared."})
    answers = Count(0, metadata={"description": "How many there were; set when it is prepared."})
