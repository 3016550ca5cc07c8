"""What an order owes still, and whether somebody may be the one who validated it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.custody.replay import read_stream
from lea_service.demands.demand import Demand
from lea_service.demands.queries import get_demand
from lea_service.demands.service import CORRECTABLE
from lea_service.demands.states import DECLINED, OVER
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.deadlines import Clock, Deadline
from lea_service.legal.fact_queries import agency_facts, validator_facts
from lea_service.legal.times import list_confirmations
from lea_service.legal.validation import Validation, judge_validator
from lea_service.legal.working_days import WorkingDays

NO_VALIDATOR = (
    "expected a person of the register who is not suspended, is of the same State as the agency, "
    "did not issue the order, and holds a role that may issue it alone"
)
PAID_BY_PAPER = frozenset({Clock.CONFIRMATION, Clock.VALIDATION})
Owing = Mapping[Clock, Deadline]
"""The clock of each thing that an order owes still."""


class Owed:
    """Says what a demand owes, by the law of the catalogue and the table of free days."""

    def __init__(self, catalogue: Catalogue, working: WorkingDays) -> None:
        self._catalogue = catalogue
        self._working = working

    def check(
        self,
        session: Session,
        keys: DataKeys,
        demand_id: str,
        validated_by: str | None,
        now: datetime,
    ) -> Owing:
        """Return the clocks of what a demand owes still, and a paper may pay.

        ``validated_by`` is who is said to have validated the order. Raises NotFound, WrongState
        (nothing owed, paid before, not decided on, over), InvalidInput (nobody who may validate).
        """
        demand = get_demand(session, keys, demand_id)
        owed = self.list(session, demand, now, PAID_BY_PAPER)
        self._check_validator(session, keys, demand, owed, validated_by)
        return owed

    def list(
        self, session: Session, demand: Demand, now: datetime, which: frozenset[Clock]
    ) -> Owing:
        """Return the clocks among ``which`` of what a demand owes still. Raises WrongState."""
        if demand.state in CORRECTABLE:
            raise WrongState(
                "before the decision what is owed comes by a correction: "
                f"`lea demands correct {demand.id} FILE --order ORDER`",
                state=demand.state.value,
            )
        entries = read_stream(session, demand.id)
        clocks = list_confirmations(demand, entries, self._catalogue, self._working, now)
        found = [one for one in clocks if one.clock in which]
        if demand.state in OVER | DECLINED or not found:
            raise WrongState("this demand owes no confirmation", state=demand.state.value)
        owed = {one.clock: one for one in found if one.met_at is None}
        if not owed:
            raise WrongState("what this demand owed was recorded before")
        return owed

    def _check_validator(
        self,
        session: Session,
        keys: DataKeys,
        demand: Demand,
        owed: Owing,
        validated_by: str | None,
    ) -> None:
        """Want a person who may validate the order where it owes that alone, or who is named.

        Raises InvalidInput.
        """
        if Clock.VALIDATION not in owed:
            if validated_by is not None:
                raise InvalidInput.at("/validated_by", "expected none with an oral order")
            return
        if validated_by is None and Clock.CONFIRMATION in owed:
            return
        basis = self._catalogue.find_basis(demand.legal_basis, demand.order_date)
        validator = validator_facts(session, keys, demand, validated_by)
        agency = agency_facts(session, keys, demand)
        if (
            basis is None
            or validator is None
            or judge_validator(validator, agency, basis, self._catalogue) is not Validation.GIVEN
        ):
            raise InvalidInput.at("/validated_by", NO_VALIDATOR)
