"""Whose records may not be destroyed."""

from lea_service.kernel.actors import worker_actor
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.preservation.freezing_queries import Freezes
from lea_service.legal.preservation.queries import Preservations
from lea_service.legal.working_days import load_working_days


def make_freezes(log, working=None):
    """Return what finds freezing orders, of a log that is signed as it is."""
    log.checkpointer.publish(worker_actor())
    preservations = Preservations(load_catalogue(), working or load_working_days())
    return Freezes(preservations, log.transactions, log.service.signed)


def list_frozen(log, at, working=None):
    """Return the demands whose data may not be destroyed at an instant."""
    return make_freezes(log, working).list(at)
