"""The record store once more, with its rows on two servers behind a third."""
# ruff: noqa: F401 - what is imported here is run here

import pytest

from tests.records.test_import import (
    test_an_open_session_is_completed,
    test_equal_lines_are_as_many_rows,
    test_overlapping_files_add_what_is_new,
    test_the_same_file_twice_adds_nothing,
    test_values_are_kept_beside_their_normal_form,
)
from tests.records.test_reader import (
    test_calls_lie_in_a_period_by_their_start,
    test_matches_narrow_and_columns_widen,
    test_only_rows_with_a_value_where_one_has_to_be,
    test_only_the_named_columns_are_read,
    test_rows_come_in_canonical_form_and_order,
    test_sessions_lie_in_a_period_by_overlap,
)
from tests.support.engines import SPREAD

pytestmark = SPREAD
