"""Plans, their proof and what orders hold once more, on rows on two servers behind a third."""
# ruff: noqa: F401 - what is imported here is run here

from tests.extraction.test_preserved import (
    keeping,
    test_what_is_preserved_stays_until_its_term_and_is_not_late,
)
from tests.extraction.test_scope import (
    test_both_engines_agree_with_the_oracle,
    test_largest_demand_is_selected_at_once,
)
from tests.extraction.test_service import (
    filled,
    test_decided_plan_comes_to_its_rows,
    test_only_counts_are_previewed,
)
from tests.support.engines import SPREAD

pytestmark = SPREAD
