"""Plans, previews and progress as they come in and go out."""

from __future__ import annotations

from marshmallow import fields, validate

from lea_service.demands.demand import Channel
from lea_service.extraction.instalments import ROWS_EACH, Rhythm, Standing
from lea_service.extraction.phrases import HALTS, INSTALMENTS
from lea_service.extraction.reasons import REOPENING, STOPPING
from lea_service.kernel.phrases import DUTCH, ENGLISH
from lea_service.legal.phrases import AWAITED
from lea_service.staff.rules import GROUND
from lea_service.web.schemas import (
    Count,
    Flag,
    Identifier,
    Instant,
    StrictSchema,
    Text,
    coded,
    said,
)


class PastTermSchema(StrictSchema):
    """Why rows past their term that are still held are handed over."""

    ground = fields.String(
        required=True,
        validate=validate.Regexp(
            GROUND.pattern, error="Expected a coded ground, as kept_for_dispute."
        ),
        metadata={"description": "Code of the ground in the provider's policy; both people sign."},
    )


def _past_term() -> fields.Nested:
    return fields.Nested(PastTermSchema, load_default=None, allow_none=True)


class WantedSchema(StrictSchema):
    """How what is still to come is divided."""

    rhythm = fields.Enum(Rhythm, by_value=True, load_default=Rhythm.WEEKLY)
    rows_each = Count(
        1,
        load_default=ROWS_EACH,
        metadata={"description": "How many rows an instalment may hold; more is decided anew."},
    )
    rows_together = Count(
        1,
        load_default=None,
        allow_none=True,
        metadata={"description": "How many rows all may hold; null: so many each."},
    )


class CompileSchema(StrictSchema):
    """What a plan is compiled with, besides the demand."""

    past_term = _past_term()
    instalments = fields.Nested(
        WantedSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "Only where data still to come are asked; null: by the week."},
    )


class InstalmentSchema(StrictSchema):
    """One instalment of what was or is still to come."""

    number = fields.Integer(required=True)
    of = fields.Integer(required=True)
    start = Instant(required=True)
    end = Instant(required=True, attribute="until")
    due = Instant(required=True, metadata={"description": "By when it should be handed over."})
    standing = fields.Enum(Standing, by_value=True, required=True)
    says = said(INSTALMENTS, "standing", ENGLISH)
    says_nl = said(INSTALMENTS, "standing", DUTCH)
    rows = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Once it was handed over."}
    )
    run = fields.String(required=True, allow_none=True)


class InstalmentsSchema(StrictSchema):
    """The instalments of a demand, in their order; none where it is given at once."""

    instalments = fields.List(fields.Nested(InstalmentSchema), required=True)


class ShorteningSchema(StrictSchema):
    """The authority ends its order earlier."""

    by = Text(200, required=True, metadata={"description": "Who of the authority told us."})
    channel = fields.Enum(Channel, by_value=True, required=True)
    until = Instant(
        required=True, metadata={"description": "Nothing from then on is given any more."}
    )
    note = Text(2000, shortest=10, load_default=None)


class StopSchema(StrictSchema):
    """Why one person holds back what is ready to leave."""

    reason = coded(STOPPING)


class PlanRequestSchema(StrictSchema):
    """The request for an approval of the kind ``extraction.plan``."""

    plan = Identifier("pl", required=True)
    preview = Identifier("pv", load_default=None, allow_none=True)
    past_term = _past_term()
    per_holder = Flag(
        load_default=False,
        metadata={"description": "Answer per holder what changed hands in its period."},
    )


class ReopeningRequest(StrictSchema):
    """The request for an approval of the kind ``extraction.reopening``."""

    demand = Identifier("c", required=True)
    ground = coded(REOPENING)
    reason = Text(2000, shortest=10, required=True)
    version = Count(1, metadata={"description": "Of the demand; set when it is prepared."})
    run = Identifier(
        "e",
        allow_none=True,
        metadata={"description": "Which counts for the demand; set when it is prepared."},
    )


class PlanSchema(StrictSchema):
    """A plan with its document (``schemas/plan/1.json``)."""

    id = fields.String(required=True)
    demand = fields.String(required=True, attribute="demand_id")
    number = fields.Integer(required=True)
    digest = fields.String(
        required=True, metadata={"description": "Salted digest of the document, base64url."}
    )
    salt = fields.String(required=True)
    document = fields.Dict(keys=fields.String(), required=True)
    is_current = fields.Boolean(required=True)
    compiled_by = fields.String(required=True)
    compiled_at = Instant(required=True)


class ItemCountSchema(StrictSchema):
    """Rows of one item."""

    n = fields.Integer(required=True)
    rows = fields.Integer(required=True)


class SourceCountSchema(StrictSchema):
    """Rows of one source."""

    source = fields.String(required=True)
    kind = fields.String(required=True)
    rows = fields.Integer(required=True)
    past_term = fields.Integer(
        required=True, metadata={"description": "Rows past their term that are still held."}
    )
    doubts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "What could not be compared with the demand, by reason."},
    )


class SpanSchema(StrictSchema):
    """A part of a period in which the same people held what is asked about."""

    start = fields.String(required=True, metadata={"format": "date-time"})
    end = fields.String(required=True, metadata={"format": "date-time"})
    holders = fields.List(
        Count(1),
        required=True,
        metadata={"description": "Who held it, counted as they come; none: nobody is known."},
    )


class HoldersSchema(StrictSchema):
    """When what an item asks about changed hands."""

    n = fields.Integer(required=True)
    spans = fields.List(fields.Nested(SpanSchema), required=True)


class LossSchema(StrictSchema):
    """What of a source was destroyed: its records from before ``until``, under a rule."""

    source = fields.String(required=True)
    rule = fields.String(required=True)
    until = fields.String(required=True, metadata={"format": "date-time"})


class UnreadGapSchema(StrictSchema):
    """Rows of a source that were written between two instants may never have been read."""

    read_until = fields.String(required=True, metadata={"format": "date-time"})
    found_at = fields.String(required=True, metadata={"format": "date-time"})


class HolderSourceSchema(StrictSchema):
    """How far one source could tell who held what items ask about."""

    source = fields.String(required=True)
    holders_of = fields.List(
        Count(1), required=True, metadata={"description": "The items, by number."}
    )
    covers_from = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    covers_to = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    doubts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "What was not compared or may be otherwise, by reason."},
    )
    destroyed = fields.List(fields.Nested(LossSchema), required=True)
    gaps = fields.List(fields.Nested(UnreadGapSchema), required=True)


class PreviewCountsSchema(StrictSchema):
    """The counts of a preview."""

    days = fields.Integer(
        required=True, metadata={"description": "Days (UTC) on which a row begins."}
    )
    other_parties = fields.Integer(
        required=True, metadata={"description": "Different other parties in the calls."}
    )
    items = fields.List(fields.Nested(ItemCountSchema), required=True)
    sources = fields.List(fields.Nested(SourceCountSchema), required=True)
    holding = fields.List(
        fields.Nested(HolderSourceSchema),
        required=True,
        metadata={"description": "The sources that tell who held what, and how far they could."},
    )
    holders = fields.List(
        fields.Nested(HoldersSchema),
        required=True,
        metadata={"description": "Items about what was not in one hand throughout, no names."},
    )


class PreviewSchema(StrictSchema):
    """What a plan would hand over, in counts only."""

    id = fields.String(required=True)
    plan = fields.String(required=True, attribute="plan_id")
    rows = fields.Integer(required=True)
    past_term = fields.Integer(required=True)
    counts = fields.Nested(PreviewCountsSchema, required=True)
    previewed_by = fields.String(required=True)
    previewed_at = Instant(required=True)


class JobProgressSchema(StrictSchema):
    """How far the job is."""

    kind = fields.String(required=True)
    state = fields.String(required=True)
    done = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Rows so far; while sealing, rows of each rendering."},
    )
    total = fields.Integer(required=True, allow_none=True)
    rate = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Rows a second."}
    )
    attempts = fields.Integer(required=True)
    error = fields.String(required=True, allow_none=True)


class WaitSchema(StrictSchema):
    """By what the law keeps back a package that is ready."""

    code = fields.String(required=True)
    until = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When the wait ends by itself; null where it does not."},
    )
    says = said(AWAITED, "code", ENGLISH)
    says_nl = said(AWAITED, "code", DUTCH)


class ProgressSchema(StrictSchema):
    """Where the work on a demand stands."""

    demand = fields.String(required=True, attribute="demand_id")
    state = fields.String(required=True)
    plan = fields.String(required=True, allow_none=True, attribute="plan_id")
    run = fields.String(required=True, allow_none=True, attribute="run_id")
    job = fields.Nested(JobProgressSchema, required=True, allow_none=True)
    halt = fields.String(
        required=True, allow_none=True, metadata={"description": "Why the run stopped, as a code."}
    )
    says = said(HALTS, "halt", ENGLISH)
    says_nl = said(HALTS, "halt", DUTCH)
    needs_decision = fields.Boolean(
        required=True,
        metadata={"description": "True when only a new decision on a plan ends the halt."},
    )
    rows = fields.Integer(required=True, allow_none=True)
    wait = fields.Nested(WaitSchema, required=True, allow_none=True)
