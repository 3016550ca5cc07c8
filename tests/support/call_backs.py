"""The agency called back on its number of the register, as a handler does with every demand."""

from lea_service.demands.queries import get_demand
from lea_service.legal.authenticity.call_back import CallOutcome
from lea_service.legal.authenticity.register import list_phone_contacts
from lea_service.legal.authenticity.service import AuthenticityService, CalledBack

NUMBER = "+31 88 123 45 67"
SPOKE_TO = "mr. B. Bakker, griffie"


def add_number(register, holder, value=NUMBER):
    """Let two people record a telephone number that one of them found; returns its id."""
    request = {"holder": holder, "kind": "phone", "value": value, "found_by_way": "staatsalmanak"}
    register.approve("agency.contact", request)
    with register.log.transactions.read() as session:
        return list_phone_contacts(session, holder)[0].id


def find_numbers(transactions, demand):
    """Return the numbers that may be called about a demand."""
    with transactions.read() as session:
        found = get_demand(session, transactions.keys, demand)
        parties = (found.agency.ref, found.issuing_person.ref)
        return [one.id for one in list_phone_contacts(session, *parties)]


def call_back(transactions, actor, demand, outcome="confirmed", contact=None, **said):
    """Record a call to a number of the register; nothing where it has none."""
    numbers = [contact] if contact else find_numbers(transactions, demand)
    if not numbers:
        return None
    said = {"spoke_to": SPOKE_TO, "called_at": transactions.clock.now(), **said}
    call = CalledBack(contact=numbers[0], outcome=CallOutcome(outcome), **said)
    return AuthenticityService(transactions, None, None).record_call_back(actor, demand, call)
