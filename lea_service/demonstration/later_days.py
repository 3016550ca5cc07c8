"""What comes of the first day later: terms that move and run out, with the clock moved on."""

from __future__ import annotations

from contextlib import ExitStack

from lea_service.demonstration.chain_data import give_the_chain
from lea_service.demonstration.counsel import let_counsel_in
from lea_service.demonstration.halted import review_anew
from lea_service.demonstration.in_parts import give_in_parts
from lea_service.demonstration.kept_then_demanded import demand_what_is_kept
from lea_service.demonstration.late_answer import answer_too_late
from lea_service.demonstration.late_writing import (
    answer_an_oral_order,
    assess,
    let_it_close,
    let_it_run_out,
    show_what_stops,
    take_in_the_writing,
    write_oral,
)
from lea_service.demonstration.more_people import exceed_the_quota, tighten
from lea_service.demonstration.moved_term import add_a_holiday
from lea_service.demonstration.owed_afterwards import show_what_both_stop, take_in_what_is_owed
from lea_service.demonstration.police import register_police
from lea_service.demonstration.suspended import suspend_and_lift
from lea_service.demonstration.walk import Walk


def live_through(it: Walk) -> None:
    """Answer an oral order, and live through what is owed for it and what else happens then."""
    with ExitStack() as ends:
        it.tell.step("A police officer asks by telephone who a subscriber is, and is answered")
        police = register_police(it)
        ends.enter_context(police.client)
        oral = write_oral(it, police)
        demand = answer_an_oral_order(it, oral)
        it.tell.step("Two orders owe something still: a judge's writing, a validation")
        owing = take_in_what_is_owed(it)
        it.tell.step("Who else carried it: chain data of art. 126ni, a package of its own")
        give_the_chain(it)
        it.tell.step(
            "A holiday is added later: the term of the open order moves, and somebody is told"
        )
        add_a_holiday(it, demand)
        it.tell.step("An answer is overdue while too few can decide: the letter about it is ready")
        answer_too_late(it)
        it.tell.step("Outside counsel is enrolled beforehand as a second approver")
        counsel = let_counsel_in(it)
        ends.enter_context(counsel.client)
        it.tell.step("The oral order is not put in writing in time: what stops, and who is told")
        let_it_run_out(it, demand)
        show_what_stops(it, demand, police)
        it.tell.step("What no judge wrote down and nobody validated: what stops, what ends that")
        show_what_both_stop(it, owing)
        it.tell.step("That officer's next urgent demand takes one more person")
        tighten(it, police, counsel)
        it.tell.step("The writing comes late: the hold ends, the breach notice is assessed")
        take_in_the_writing(it, demand, police, oral)
        assess(it)
        it.tell.step("An agency in doubt is suspended by one, and let in again by two")
        suspend_and_lift(it, police)
        it.tell.step("More rows than two decided on: the work halts, and is reviewed anew")
        review_anew(it)
        it.tell.step("Data still to come: decided on once, given day by day, ended by telephone")
        give_in_parts(it)
        it.tell.step("A quota of emergencies adds a person, and refuses nothing")
        exceed_the_quota(it, counsel)
        it.tell.step("Kept on one order, demanded by a later one: given, and kept no longer")
        demand_what_is_kept(it)
        it.tell.step(
            "The days after the receipt are over: the late order is closed, its rows erased"
        )
        let_it_close(it, demand)
