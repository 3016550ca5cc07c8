"""A statement is narrowed by the tables in it, wherever in it they stand."""

import pytest
from sqlalchemy import delete, exists, func, select, union_all, update
from sqlalchemy.orm import aliased

from lea_service.custody.models import LogEntry
from lea_service.demands.models import Demand, DemandOrder
from lea_service.kernel.visibility import tables_in

OTHER = aliased(Demand)
INNER = select(DemandOrder.demand_id).where(DemandOrder.demand_id == Demand.id)
SHAPES = {
    "entity": (select(Demand), {"demands"}),
    "column": (select(Demand.id), {"demands"}),
    "count": (select(func.count()).where(Demand.state == "received"), {"demands"}),
    "count_from": (select(func.count()).select_from(Demand), {"demands"}),
    "alias": (select(OTHER.id), {"demands"}),
    "aliased_entity": (select(OTHER), {"demands"}),
    "join": (select(LogEntry).join(Demand, Demand.id == LogEntry.stream), {"log_entries", "demands"}),
    "outer_join": (
        select(Demand.id).outerjoin(OTHER, OTHER.id == Demand.id).where(OTHER.id.is_(None)),
        {"demands"},
    ),
    "in": (select(LogEntry).where(LogEntry.stream.in_(INNER)), {"log_entries", "demand_orders", "demands"}),
    "exists": (select(Demand.id).where(exists(INNER)), {"demands", "demand_orders"}),
    "scalar": (select(LogEntry.n, INNER.scalar_subquery()), {"log_entries", "demand_orders", "demands"}),
    "subquery": (select(INNER.subquery().c.demand_id), {"demand_orders", "demands"}),
    "cte": (select(INNER.cte("x").c.demand_id), {"demand_orders", "demands"}),
    "union": (
        select(union_all(select(Demand.id), select(LogEntry.stream)).subquery().c.id),
        {"demands", "log_entries"},
    ),
    "exists_alone": (select(exists().where(Demand.id == "c_1")), {"demands"}),
    "order": (select(LogEntry.n).order_by(Demand.state), {"log_entries", "demands"}),
    "update": (update(Demand).values(state="x"), {"demands"}),
    "delete": (delete(Demand).where(Demand.id.in_(INNER)), {"demands", "demand_orders"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_tables_are_found_wherever_they_stand(name):
    statement, wanted = SHAPES[name]
    assert tables_in(statement) >= wanted
