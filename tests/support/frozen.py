"""Whose records may not be destroyed."""

from lea_service.kernel.actors import worker_actor
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.preservation.freezing_queries import Freezes
from lea_service.legal.preservation.queries import Preservations
from lea_service.legal.preservation.rules import latest_end
from lea_service.legal.working_days import load_working_days


def make_freezes(log, working=None, catalogue=None):
    """Return what finds freezing orders, of a log that is signed as it is."""
    log.checkpointer.publish(worker_actor())
    preservations = Preservations(catalogue or load_catalogue(), working or load_working_days())
    return Freezes(preservations, log.transactions, log.service.signed)


def find_end(log, demand, at):
    """Return before when nothing is given up of what an order makes us keep; None without one."""
    preservations = Preservations(load_catalogue(), load_working_days())
    with log.transactions.read() as session:
        return latest_end(preservations.load(session, log.keys, demand, at).terms)


def list_frozen(log, at, working=None):
    """Return the demands whose data may not be destroyed at an instant."""
    return make_freezes(log, working).list(at)
