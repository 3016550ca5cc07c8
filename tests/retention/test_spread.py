"""The purge once more, with its rows on two servers behind a third."""
# ruff: noqa: F401 - what is imported here is run here

import pytest
from sqlalchemy import text

from lea_service.records.partitions import make_room
from lea_service.records.shards import list_servers
from lea_service.records.store import TABLES
from tests.retention.test_partitions import (
    test_import_at_work_keeps_its_months,
    test_month_made_while_a_transaction_goes_on_takes_its_rows,
    test_month_past_its_term_goes_as_a_whole,
    test_month_with_a_row_that_an_order_holds_stays,
    test_nothing_goes_from_a_month_that_the_rule_does_not_reach_any_more,
)
from tests.retention.test_purge import (
    test_ages_count_as_each_kind_wants_it,
    test_of_many_rows_sums_are_left,
    test_purge_takes_exactly_what_is_past_its_term,
    test_rule_of_a_source_goes_before_the_general_one,
    test_thousands_of_spared_spans_are_each_spared,
    test_unreadable_lines_go_with_the_rows,
)
from tests.support.engines import SPREAD

pytestmark = SPREAD


def test_rows_lie_on_both_servers(kept):
    kept.source()
    kept.add("pbx1", "call", *range(1, 60))
    with kept.databases.records.read() as session:
        counts = []
        for one in list_servers(session):
            with one.engine.connect() as connection:
                counts.append(connection.scalar(text("SELECT count(*) FROM call_records")))
    assert (sum(counts), min(counts) > 10, len(kept.rows())) == (59, True, 59)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM call_records WHERE row_id = random()::text",
        "UPDATE call_records SET flags = 'x' WHERE row_id <> random()::text",
    ],
)
def test_nothing_is_changed_by_its_place(kept, statement):
    """A place (ctid) means a row in each month: what cannot be sent whole is refused there."""
    kept.source()
    kept.add("pbx1", "call", *range(1, 60))
    with (
        pytest.raises(Exception, match="ctid"),
        kept.databases.records.write() as session,
    ):
        session.execute(text(statement))
    assert {row["flags"] for row in kept.rows()} == {""}
    assert len(kept.rows()) == 59
